#!/bin/sh
# Puts Layerscope into the menus of the person who runs this: the entry, its icons and the kinds of files that it opens. The
# program stays where this folder lies, so move the folder to its place first.
#
# ./install.sh             adds it
# ./install.sh --remove    takes it out again
set -eu

CDPATH='' cd -- "$(dirname -- "$0")"
here=$(pwd -P)
target=${XDG_DATA_HOME:-${HOME:?is not set, so that there is no folder of menus}/.local/share}

# What a .desktop file understands as one word: in quotes, with its two levels of escapes.
quoted() { printf '"%s"' "$(printf '%s' "$1" | sed -e 's/[\\"`$]/\\&/g' -e 's/\\/\\\\/g' -e 's/%/%%/g')"; }

# Menus notice by themselves or with the help of these, where they are installed.
try() { ! command -v "$1" >/dev/null 2>&1 || "$@" >/dev/null 2>&1 || true; }
refresh() {
    try update-desktop-database "$target/applications"
    try update-mime-database "$target/mime"
    try gtk-update-icon-cache -qtf "$target/icons/hicolor"
}

list() { (cd share && find . -type f); }

if [ "${1:-}" = --remove ]; then
    list | while IFS= read -r file; do rm -f "$target/$file"; done
    refresh
    printf '%s\n' "Layerscope is out of the menus. To remove the program, delete the folder $here."
    exit
fi
list | while IFS= read -r file; do
    mkdir -p "$target/$(dirname "$file")"
    cp "share/$file" "$target/$file"
    chmod u+w "$target/$file"
done
entry=$target/applications/layerscope.desktop
program=$(quoted "$here/layerscope")
while IFS= read -r line; do
    case $line in
        Exec=*) printf 'Exec=%s %%F\n' "$program" ;;
        *) printf '%s\n' "$line" ;;
    esac
done <share/applications/layerscope.desktop >"$entry"
refresh
echo "Layerscope is in the menus now. ./install.sh --remove takes it out again."
