#!/bin/sh
# Makes .venv and installs what Layerscope needs to run (`setup.sh run`) or to be tested (`setup.sh test`). For the package
# (`setup.sh package`) it makes build/package-venv, with torch for the CPU and without the tests' tools.
#
# PYTHON=python3.12    the interpreter to use; without it a suitable one is looked for
# TORCH=FILE.whl       for the package: another build of torch, as pip understands it
# SKIP_SYSTEM=1        do not look for system libraries (they are somewhere ldconfig does not know)
set -eu

purpose=${1:-run}
python_wanted=${PYTHON:-}
CDPATH='' cd -- "$(dirname -- "$0")/.."
unset PYTHONPATH PYTHONHOME

case $purpose in
    run | test) venv=.venv ;;
    package) venv=build/package-venv ;;
    *) printf '%s\n' "Say 'run', 'test' or 'package', not '$purpose'." >&2; exit 1 ;;
esac
unfinished=$venv/.unfinished
place=$venv/.made-in
stamp=$venv/.ready-to-$purpose
log=$venv/setup.log

# What Qt loads, and the Debian package that has it. Found with ldd on Qt's own files; the second half is
# what a window on an X server needs on top.
qt_libraries='
libglib-2.0.so.0 libglib2.0-0
libGL.so.1 libgl1
libEGL.so.1 libegl1
libX11.so.6 libx11-6
libfontconfig.so.1 libfontconfig1
libfreetype.so.6 libfreetype6
libxkbcommon.so.0 libxkbcommon0
libdbus-1.so.3 libdbus-1-3
libX11-xcb.so.1 libx11-xcb1
libxkbcommon-x11.so.0 libxkbcommon-x11-0
libxcb-cursor.so.0 libxcb-cursor0
libxcb-glx.so.0 libxcb-glx0
libxcb-icccm.so.4 libxcb-icccm4
libxcb-image.so.0 libxcb-image0
libxcb-keysyms.so.1 libxcb-keysyms1
libxcb-randr.so.0 libxcb-randr0
libxcb-render.so.0 libxcb-render0
libxcb-render-util.so.0 libxcb-render-util0
libxcb-shape.so.0 libxcb-shape0
libxcb-shm.so.0 libxcb-shm0
libxcb-sync.so.1 libxcb-sync1
libxcb-util.so.1 libxcb-util1
libxcb-xfixes.so.0 libxcb-xfixes0
libxcb-xkb.so.1 libxcb-xkb1'

say() { printf '==> %s\n' "$*"; }
stop() { printf '\nSet-up stopped: %s\n' "$*" >&2; exit 1; }

# --- the system ---------------------------------------------------------------------------------------------------

is_debian() { command -v apt-get >/dev/null 2>&1 && command -v dpkg >/dev/null 2>&1; }
is_root() { [ "$(id -u)" -eq 0 ]; }
list_libraries() { PATH=$PATH:/sbin:/usr/sbin ldconfig -p 2>/dev/null; }

has_font() {
    for folder in /usr/share/fonts /usr/local/share/fonts "${HOME:-/}/.fonts" "${HOME:-/}/.local/share/fonts"; do
        [ -d "$folder" ] || continue
        [ -z "$(find -L "$folder" -name '*.[to]t[fc]' -print 2>/dev/null | head -n 1)" ] || return 0
    done
    return 1
}

# Prints "thing package" for each thing that Qt, the tests or the set-up want and this system lacks.
missing_things() {
    known=$(list_libraries)
    printf '%s\n' "$qt_libraries" | while read -r library package; do
        case $known in
            *"$library "*) ;;
            *) printf '%s %s\n' "$library" "$package" ;;
        esac
    done
    missing_python
    [ -e /usr/share/X11/xkb ] || echo "keyboard-layouts xkb-data"
    has_font || echo "a-font fonts-dejavu-core"
    if [ "$purpose" = package ]; then
        command -v strip >/dev/null 2>&1 || echo "strip binutils"
        command -v xz >/dev/null 2>&1 || echo "xz xz-utils"
    fi
    [ "$purpose" = test ] || return 0
    command -v Xvfb >/dev/null 2>&1 || echo "Xvfb xvfb"
    command -v xdotool >/dev/null 2>&1 || echo "xdotool xdotool"
    command -v openbox >/dev/null 2>&1 || echo "openbox openbox"
}

# Installs Debian packages, or says how to and stops.
install_packages() {
    command="apt-get install -y --no-install-recommends $*"
    is_root || stop "some system packages are missing. Please run this, then try again:

    sudo apt-get update && sudo $command"
    say "Installing system packages: $*"
    export DEBIAN_FRONTEND=noninteractive
    apt_log=$(mktemp)
    # shellcheck disable=SC2086  # the command is meant to fall apart into words
    if ! { apt-get update && $command; } </dev/null >"$apt_log" 2>&1; then
        tail -n 5 "$apt_log" >&2
        rm -f "$apt_log"
        stop "the packages could not be installed (no network?). The command was: $command"
    fi
    rm -f "$apt_log"
}

check_system() {
    [ "$(uname -s)" = Linux ] && [ -z "${SKIP_SYSTEM:-}" ] || return 0
    missing=$(missing_things)
    [ -n "$missing" ] || return 0
    if is_debian; then
        # shellcheck disable=SC2046  # one word a package
        install_packages $(printf '%s\n' "$missing" | cut -d ' ' -f 2)
    else
        say "Not found here, and Qt or the tests may ask for it:" "$(printf '%s\n' "$missing" | cut -d ' ' -f 1 | tr '\n' ' ')"
        say "Install it with your system's package manager if the window does not open."
    fi
}

# --- Python -------------------------------------------------------------------------------------------------------

in_range() {
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' </dev/null >/dev/null 2>&1
}
makes_venvs() { "$1" -c 'import venv, ensurepip' </dev/null >/dev/null 2>&1; }
version_of() { "$1" -c 'import platform; print(platform.python_version())' </dev/null 2>/dev/null; }
candidates() {
    if [ -n "$python_wanted" ]; then
        printf '%s\n' "$python_wanted"
    else
        printf '%s\n' python3 python3.13 python3.12 python3.11 python
    fi
}

# Prints the first interpreter that really runs and has the right version (a name on PATH may be a mere pyenv shim).
find_python() {
    candidates | while IFS= read -r name; do
        if in_range "$name"; then
            printf '%s\n' "$name"
            break
        fi
    done
}

# Prints the first one that can make virtual environments, too.
find_python_with_venv() {
    candidates | while IFS= read -r name; do
        if in_range "$name" && makes_venvs "$name"; then
            printf '%s\n' "$name"
            break
        fi
    done
}

# Debian keeps `venv` in a package of its own, and a bare system may have no Python at all.
missing_python() {
    if venv_works || [ -n "$(find_python_with_venv)" ]; then return 0; fi
    name=$(find_python)
    if [ -n "$name" ]; then
        "$name" -c 'import sys; print("venv python%d.%d-venv" % sys.version_info[:2])'
    elif [ -z "$python_wanted" ]; then
        printf '%s\n' "Python python3" "venv python3-venv"
    fi
}

choose_python() {
    python=$(find_python_with_venv)
    [ -n "$python" ] || stop "no Python 3.11, 3.12 or 3.13 with the venv module was found (tried: $(candidates | tr '\n' ' ')).
Install one, or name it: make PYTHON=/path/to/python3.12 run"
}

# --- the virtual environment --------------------------------------------------------------------------------------

# Whether .venv was finished, was made here (its scripts hold its path), is of the version asked for, and still
# works (system Pythons get replaced). One made by hand is welcome, too.
venv_works() {
    [ -e "$venv/bin/python" ] && [ ! -e "$unfinished" ] && in_range "$venv/bin/python" || return 1
    [ ! -e "$place" ] || [ "$(cat "$place")" = "$(pwd -P)" ] || return 1
    "$venv/bin/python" -c 'import pip' >/dev/null 2>&1 || return 1
    [ -z "$python_wanted" ] || ! in_range "$python_wanted" ||
        [ "$(version_of "$python_wanted")" = "$(version_of "$venv/bin/python")" ]
}

# What .venv was installed from: another one means that the installation is out of date.
fingerprint() {
    version_of "$venv/bin/python"
    cksum pyproject.toml constraints.txt
    [ "$purpose" != package ] || torch_wanted
}

# The build of torch for the package. On Linux for PCs the plain one is CUDA's, with some gigabytes of libraries.
torch_wanted() {
    pinned=$(sed -n 's/^torch==//p' constraints.txt)
    case $(uname -sm) in
        "Linux x86_64") printf '%s\n' "${TORCH:-torch==$pinned+cpu}" ;;
        *) printf '%s\n' "${TORCH:-torch==$pinned}" ;;
    esac
}

is_ready() {
    venv_works && [ -x "$venv/bin/layerscope" ] && [ -e "$stamp" ] && [ "$(cat "$stamp")" = "$(fingerprint)" ]
}

make_venv() {
    choose_python
    if [ -e "$venv" ] || [ -L "$venv" ]; then
        say "Removing $venv: it is unfinished, broken, from another place or of another Python"
        rm -rf "$venv"
    fi
    say "Making $venv with Python $(version_of "$python")"
    mkdir -p "$venv"
    : >"$unfinished"
    "$python" -m venv "$venv" >"$log" 2>&1 || { cat "$log" >&2; stop "python -m venv failed."; }
}

# "numpy-2.4.6-cp311-manylinux.whl (16 MB)" becomes "numpy 2.4.6 (16 MB)".
name_packet() {
    packet=${1%% *}
    rest=${packet#*-}
    printf '    Fetching %s %s%s\n' "${packet%%-*}" "${rest%%-*}" "${1#"$packet"}"
}

# Tells of pip's output only what takes time, and keeps all of it in the log.
show_progress() {
    while IFS= read -r line || [ -n "$line" ]; do
        printf '%s\n' "$line" >>"$log"
        case $line in
            *Downloading*.metadata*) ;;
            *Downloading*-*) name_packet "${line#*Downloading }" ;;
            "Installing collected packages:"*) printf '    Installing the packages\n' ;;
        esac
    done
}

# Runs pip install; a pipe hides the exit status, so it goes through a file.
pip_install() {
    { "$venv/bin/python" -m pip install --disable-pip-version-check --no-input --progress-bar off \
        -c constraints.txt "$@" 2>&1 && : >"$venv/.pip-done"; } </dev/null | show_progress
    [ -e "$venv/.pip-done" ] || explain_pip
    rm -f "$venv/.pip-done"
}

explain_pip() {
    if grep -qiE 'No space left|Errno 28' "$log"; then
        reason="the disk is full. The packages need 2 GB, or 8 GB where torch comes with CUDA, and pip unpacks them in \
\$TMPDIR (${TMPDIR:-/tmp}) first"
    elif grep -qiE 'ConnectionError|NewConnection|name resolution|unreachable|timed out|ProxyError|SSLError' "$log"; then
        reason="the package index could not be reached. Check the network (or the proxy settings of pip) and try again"
    elif [ "$purpose" = package ] && grep -q 'No matching distribution found for torch' "$log"; then
        reason="$(torch_wanted) is not on the package index. Get its wheel from the PyTorch site, for this Python, and name \
it: make package TORCH=/path/to/torch.whl"
    elif grep -q 'No matching distribution' "$log"; then
        reason="a package has no build for this system. Qt needs Linux with glibc 2.34 (Debian 12, Ubuntu 22.04) or \
newer, macOS 13 or Windows 10; Python must be 3.11, 3.12 or 3.13"
    else
        reason=$(grep -iE '^ *error' "$log" | tail -n 3)
    fi
    stop "pip could not install the packages: $reason. All it said is in $log."
}

install_dependencies() {
    case $purpose in
        run) extra='' ;;
        test) extra='[dev]' ;;
        package) extra='[package]' ;;
    esac
    say "Installing the packages of constraints.txt (a first time takes some minutes)"
    : >"$unfinished"
    : >"$log"
    pip_install setuptools
    [ "$purpose" != package ] || pip_install "$(torch_wanted)"
    pip_install --no-build-isolation -e ".$extra"
    pwd -P >"$place"
    fingerprint >"$stamp"
    [ "$purpose" != test ] || cp "$stamp" "$venv/.ready-to-run"
    rm -f "$unfinished"
    say "Ready"
}

check_system
if ! is_ready; then
    venv_works || make_venv
    install_dependencies
fi
