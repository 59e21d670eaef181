"""Libraries made smaller on Linux: without symbols for debuggers, tables that nobody reads, and what only answers "no" here."""

from __future__ import annotations

import platform
import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

import elf
import icu

Entry = tuple[str, str, str]

IMITATED = {
    # libheif loads x265 to write HEIC, which Layerscope never does: "no such encoder". 23 MB, and the one under the GPL.
    "libx265-": ("x265_", 0),
    # libdbus asks systemd for sockets when it is a server, which Layerscope is not: "not implemented". 2.5 MB with its needs.
    "libsystemd.so": ("sd_", -38),
}
"""Libraries, by the beginnings of their names, whose functions (by theirs) all return one number in the package."""

_RETURN = {"x86_64": "movl ${}, %eax; ret", "aarch64": "mov w0, #{}; ret"}


def smaller(entries: Iterable[Entry], folder: Path) -> list[Entry]:
    """Put smaller libraries, made in ``folder``, in the place of those for which that is safe, and leave out idle ones."""
    folder.mkdir(parents=True, exist_ok=True)
    return without_idle(
        [(place, str(_smaller(Path(file), place, folder)) if _is_library(file, kind) else file, kind)
         for place, file, kind in entries]
    )  # fmt: skip


def _is_library(file: str, kind: str) -> bool:
    return kind != "SYMLINK" and Path(file).is_file() and elf.is_library(Path(file))


def _smaller(library: Path, place: str, folder: Path) -> Path:
    copy = folder / place.replace("/", "~")
    if library.name.startswith(tuple(IMITATED)) and platform.machine() in _RETURN:
        imitate(library, copy)
        return copy
    if library.name.startswith("libicudata.so"):
        icu.write_smaller(library, copy)
        return copy
    return copy if strip(library, copy) else library


def imitate(library: Path, copy: Path) -> None:
    """Write a library of the same name, with the same functions in the same versions, that all return what `IMITATED` says."""
    beginning, answer = next(told for name, told in IMITATED.items() if library.name.startswith(name))
    command = ["nm", "--dynamic", "--defined-only", "--with-symbol-versions", str(library)]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    versions: dict[str, list[str]] = {}
    for name, version in re.findall(rf" [TW] ({beginning}\w+)(?:@@(\w+))?$", told, re.MULTILINE):
        versions.setdefault(version, []).append(name)
    lines = [".text", *(f".globl {name}\n.type {name}, %function\n{name}:" for names in versions.values() for name in names)]
    lines += [_RETURN[platform.machine()].format(answer), '.section .note.GNU-stack,"",%progbits', ""]
    made, script = copy.with_suffix(".o"), copy.with_suffix(".map")
    script.write_text("".join(f"{version} {{ {'; '.join(names)}; }};\n" for version, names in versions.items()), "utf-8")
    subprocess.run(["as", "-o", str(made), "-"], input="\n".join(lines), text=True, check=True)
    command = ["ld", "-shared", "-s", f"--version-script={script}", "-soname", library.name, "-o", str(copy), str(made)]
    subprocess.run(command, check=True)
    made.unlink()
    script.unlink()


def strip(library: Path, copy: Path) -> bool:
    """Write a copy without symbols for debuggers; False, and no copy, if what is loaded into memory would not be the same.

    `strip` changes it in libraries which patchelf has changed, and so breaks numpy's OpenBLAS, for one. In the place of these
    comes a file of what is loaded and nothing else.
    """
    told = subprocess.run(["strip", "--strip-unneeded", "-o", str(copy), str(library)], capture_output=True, check=False)
    if told.returncode == 0 and elf.loads_the_same(library, copy):
        return True
    copy.unlink(missing_ok=True)
    try:
        copy.write_bytes(elf.compact(library.read_bytes()))
    except elf.UnclearError:
        return False
    copy.chmod(0o755)
    if elf.loads_the_same(library, copy):
        return True
    copy.unlink()
    return False


def without_idle(entries: list[Entry]) -> list[Entry]:
    """The entries without those libraries of the system that no other file asks for any more."""
    needs = {place: needed(Path(file)) for place, file, kind in entries if _is_library(file, kind)}
    system = {place for place in needs if re.fullmatch(r"lib(?!python)[^/]+\.so[.\d]*", place)}
    idle: set[str] = set()
    while True:
        asked = {name for place, names in needs.items() if place not in idle for name in names}
        more = system - asked - idle
        if not more:
            return [entry for entry in entries if entry[0] not in idle]
        idle |= more


def needed(library: Path) -> set[str]:
    """The names of the libraries that the system loads with this one."""
    told = subprocess.run(["objdump", "--private-headers", str(library)], capture_output=True, text=True, check=True)
    return set(re.findall(r"^ +NEEDED +(\S+)$", told.stdout, re.MULTILINE))
