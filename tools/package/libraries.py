"""Libraries made smaller on Linux, where they come with symbols for debuggers and with an encoder that nobody calls."""

from __future__ import annotations

import mmap
import platform
import struct
import subprocess
from collections.abc import Iterable
from pathlib import Path

Entry = tuple[str, str, str]

_LOAD = 1
_RETURN_ZERO = {"x86_64": "xorl %eax, %eax; ret", "aarch64": "mov x0, #0; ret"}


def smaller(entries: Iterable[Entry], folder: Path) -> list[Entry]:
    """Put smaller libraries, made in ``folder``, in the place of those for which that is safe."""
    folder.mkdir(parents=True, exist_ok=True)
    return [(place, str(_smaller(Path(file), place, folder)) if _is_library(file, kind) else file, kind)
            for place, file, kind in entries]  # fmt: skip


def _is_library(file: str, kind: str) -> bool:
    if kind == "SYMLINK" or not Path(file).is_file():
        return False
    with Path(file).open("rb") as library:
        return library.read(6) == b"\x7fELF\x02\x01"


def _smaller(library: Path, place: str, folder: Path) -> Path:
    copy = folder / place.replace("/", "~")
    if library.name.startswith("libx265-") and platform.machine() in _RETURN_ZERO:
        imitate(library, copy)
        return copy
    return copy if strip(library, copy) else library


def imitate(library: Path, copy: Path) -> None:
    """Write a library of the same name in which every ``x265_`` function returns 0: "no such encoder".

    libheif loads x265 to write HEIC, which Layerscope never does. The real one is 23 MB, and the one library under the GPL.
    """
    told = subprocess.run(["nm", "--dynamic", "--defined-only", str(library)], capture_output=True, text=True, check=True)
    names = [line.split()[-1] for line in told.stdout.splitlines() if line.split()[-1].startswith("x265_")]
    lines = [".text", *(f".globl {name}\n.type {name}, %function\n{name}:" for name in names)]
    lines += [_RETURN_ZERO[platform.machine()], '.section .note.GNU-stack,"",%progbits', ""]
    made = copy.with_suffix(".o")
    subprocess.run(["as", "-o", str(made), "-"], input="\n".join(lines), text=True, check=True)
    subprocess.run(["ld", "-shared", "-s", "-soname", library.name, "-o", str(copy), str(made)], check=True)
    made.unlink()


def strip(library: Path, copy: Path) -> bool:
    """Write a copy without symbols for debuggers; False, and no copy, if what is loaded into memory would not be the same.

    That happens to libraries which patchelf has changed: `strip` breaks numpy's OpenBLAS, for one.
    """
    told = subprocess.run(["strip", "--strip-unneeded", "-o", str(copy), str(library)], capture_output=True, check=False)
    if told.returncode == 0 and loads_the_same(library, copy):
        return True
    copy.unlink(missing_ok=True)
    return False


def loads_the_same(one: Path, other: Path) -> bool:
    """Whether two ELF files give the same memory when they are loaded, but for their headers, which say what lies where."""
    with one.open("rb") as first, other.open("rb") as second:
        maps = [mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY) for file in (first, second)]
        try:
            parts = [_loaded(data) for data in maps]
            if [part[1:] for part in parts[0]] != [part[1:] for part in parts[1]]:
                return False
            pairs = zip(parts[0], parts[1], strict=True)
            return all(
                (left[0] - left[1]) % left[4] == 0 == (right[0] - right[1]) % right[4]
                and maps[0][left[0] : left[0] + left[2]] == maps[1][right[0] : right[0] + right[2]]
                for left, right in pairs
            )
        finally:
            for data in maps:
                data.close()


def _loaded(data: mmap.mmap) -> list[tuple[int, int, int, int, int]]:
    """Place in the file, address, size there, size in memory and alignment of what is loaded; the headers are blanked."""
    start, = struct.unpack_from("<Q", data, 32)
    size, count = struct.unpack_from("<HH", data, 54)
    lines = [struct.unpack_from("<IIQQQQQQ", data, start + number * size) for number in range(count)]
    data[start : start + size * count] = bytes(size * count)
    data[:64] = bytes(64)
    return [(place, address, length, memory, align) for kind, _, place, address, _, length, memory, align in lines
            if kind == _LOAD]  # fmt: skip
