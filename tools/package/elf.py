"""ELF files of Linux, read and written: what of them is loaded into memory, and a file with nothing else in it."""

from __future__ import annotations

import hashlib
import mmap
import struct
from pathlib import Path
from typing import NamedTuple

_X86_64 = 62
_PAGE = 4096
_LOAD = 1
_LINE = "<IIQQQQQQ"

Bytes = bytes | mmap.mmap


class Segment(NamedTuple):
    """A line of the table of program headers."""

    kind: int
    flags: int
    place: int
    address: int
    physical: int
    length: int
    memory: int
    align: int


class UnclearError(Exception):
    """The file is not laid out as linkers and patchelf lay files out."""


def is_library(path: Path) -> bool:
    """Whether a file is an ELF file of 64 bits, little end first."""
    with path.open("rb") as file:
        return file.read(6) == b"\x7fELF\x02\x01"


def segments(data: Bytes) -> list[Segment]:
    """The table of program headers."""
    start, size, count = _table(data)
    return [Segment(*struct.unpack_from(_LINE, data, start + number * size)) for number in range(count)]


def loads_the_same(one: Path, other: Path) -> bool:
    """Whether two files give the same memory when they are loaded, but for their headers, which say what lies where."""
    first, second = _loaded(one), _loaded(other)
    return first is not None and first == second


def _loaded(path: Path) -> list[tuple[int, int, int, bytes]] | None:
    """Address, rights, size and digest of what is loaded, with blank headers; None where the system would not load it."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY) as data:
        parts = [part for part in segments(data) if part.kind == _LOAD]
        if any((part.place - part.address) % part.align or part.place + part.length > len(data) for part in parts):
            return None
        start, size, count = _table(data)
        data[start : start + size * count] = bytes(size * count)
        data[:64] = bytes(64)
        found = []
        for part in parts:
            with memoryview(data)[part.place : part.place + part.length] as content:
                found.append((part.address, part.flags, part.memory, hashlib.sha256(content).digest()))
        return found


def compact(data: bytes) -> bytes:
    """The file with nothing but what is loaded into memory, in the same order.

    Symbols for debuggers, and the table of sections, are for linkers and debuggers. Where pages are known to be of 4 KiB,
    parts that lie on borders of 2 MiB, with nothing between them, move together.

    Raises
    ------
    UnclearError
        Something that a header names is not loaded, or the file does not begin with what is.
    """
    start, size, count = _table(data)
    small = struct.unpack_from("<H", data, 18)[0] == _X86_64
    far = [part.kind == _LOAD and small and part.align > _PAGE for part in segments(data)]
    table = [part._replace(align=_PAGE) if is_far else part for part, is_far in zip(segments(data), far, strict=True)]
    whole = bytearray()
    moved: list[tuple[Segment, int]] = []
    for part in sorted((part for part in table if part.kind == _LOAD and part.length), key=lambda part: part.place):
        whole += bytes((part.address - len(whole)) % max(part.align, 1))
        moved.append((part, len(whole)))
        whole += data[part.place : part.place + part.length]
    if not moved or moved[0][0].place:
        raise UnclearError
    begin = _now(moved, start, size * count)
    for number, part in enumerate(table):
        place = _now(moved, part.place, part.length) if part.length else part.place
        struct.pack_into(_LINE, whole, begin + number * size, *part._replace(place=place))
    struct.pack_into("<QQ", whole, 32, begin, 0)
    struct.pack_into("<HHH", whole, 58, 0, 0, 0)
    return bytes(whole)


def _now(moved: list[tuple[Segment, int]], place: int, length: int) -> int:
    for part, new in moved:
        if part.place <= place and place + length <= part.place + part.length:
            return new + place - part.place
    raise UnclearError


def _table(data: Bytes) -> tuple[int, int, int]:
    """Where the table of program headers is, the size of a line, and how many there are."""
    size, count = struct.unpack_from("<HH", data, 54)
    return struct.unpack_from("<Q", data, 32)[0], size, count
