"""ICU's tables without those that nothing here asks for: 32 MB of Qt's libraries become 5.

Of ICU Qt takes collation, upper and lower case, names of time zones, and character sets other than Unicode and Latin 1. A list
of files is sorted by collation; case needs no table. The program writes no time zone, and reads text in UTF-8 only.
"""

from __future__ import annotations

import re
import struct
import subprocess
from pathlib import Path

import elf

_NEEDED = re.compile(
    r"coll/.*|.*\.(icu|nrm)"
    # What every service opens first, and what tells of locales and time zones, but not their names.
    r"|(root|res_index|pool|icuver|supplementalData|likelySubtags|metadata|keyTypeData|timezoneTypes|zoneinfo64)\.res"
)
_ALIGN = 16

Tables = dict[str, bytes]
"""The items of a package by their full names, such as "icudt73l/coll/de.res"."""


def is_needed(name: str) -> bool:
    """Whether a table stays, by its name without the package's."""
    return _NEEDED.fullmatch(name) is not None


def write_smaller(library: Path, copy: Path) -> None:
    """Write a library of the same name, with the same one symbol, that has the needed tables only."""
    symbol, data = _package(library)
    head = data[: struct.unpack_from("<H", data)[0]]
    kept = {name: item for name, item in read(data).items() if is_needed(name.partition("/")[2])}
    file, made = copy.with_suffix(".dat"), copy.with_suffix(".o")
    file.write_bytes(head + packed(kept))
    lines = [".section .rodata", f".globl {symbol}", f".type {symbol}, %object", f".balign {_ALIGN}", f"{symbol}:"]
    lines += [f'.incbin "{file.name}"', f".size {symbol}, . - {symbol}", '.section .note.GNU-stack,"",%progbits', ""]
    subprocess.run(["as", "-o", made.name, "-"], input="\n".join(lines), text=True, check=True, cwd=copy.parent)
    subprocess.run(["ld", "-shared", "-s", "-soname", library.name, "-o", copy.name, made.name], check=True, cwd=copy.parent)
    file.unlink()
    made.unlink()


def read(data: bytes) -> Tables:
    """The tables of a package: a header, a table of contents that counts from its own beginning, then the tables."""
    header, magic = struct.unpack_from("<HH", data)
    if magic != 0x27DA or data[12:17] != b"CmnD\x01" or data[8]:
        raise ValueError("not a package of ICU's tables in this byte order")
    (count,) = struct.unpack_from("<I", data, header)
    lines = [struct.unpack_from("<II", data, header + 4 + 8 * number) for number in range(count)]
    names = [data[header + name : data.index(b"\0", header + name)].decode("ascii") for name, _ in lines]
    ends = [*(place for _, place in lines[1:]), len(data) - header]
    return {name: data[header + place : header + end] for name, (_, place), end in zip(names, lines, ends, strict=True)}


def packed(tables: Tables) -> bytes:
    """Table of contents and tables, in the order of their names, as ICU's search wants it."""
    names = sorted(tables, key=lambda name: name.encode("ascii"))
    words = b"".join(name.encode("ascii") + b"\0" for name in names)
    first = 4 + 8 * len(names)
    contents, body = [struct.pack("<I", len(names))], bytearray()
    place, start = first, _rounded(first + len(words))
    for name in names:
        contents.append(struct.pack("<II", place, start + len(body)))
        place += len(name) + 1
        body += tables[name] + bytes(-len(tables[name]) % _ALIGN)
    front = b"".join(contents) + words
    return front + bytes(start - len(front)) + bytes(body)


def _rounded(place: int) -> int:
    return place + -place % _ALIGN


def _package(library: Path) -> tuple[str, bytes]:
    command = ["nm", "--dynamic", "--defined-only", "--print-size", str(library)]
    told = subprocess.run(command, capture_output=True, text=True, check=True)
    address, size, _, symbol = next(line.split() for line in told.stdout.splitlines() if "icudt" in line)
    data = library.read_bytes()
    start = int(address, 16)
    part = next(part for part in elf.segments(data) if part.address <= start < part.address + part.length)
    place = start - part.address + part.place
    return symbol, data[place : place + int(size, 16)]
