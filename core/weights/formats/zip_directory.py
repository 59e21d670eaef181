"""The table of contents of a zip archive (PKWARE APPNOTE 6.3), read without unpacking anything to anywhere."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

import numpy as np

from core.weights.formats import limits
from core.weights.formats.limits import Budget
from core.weights.formats.problem import Problem, cut_off, damaged, excessive
from core.weights.formats.source import Source

_END, _END64, _LOCATOR64, _ENTRY, _LOCAL = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07", b"PK\x01\x02", b"PK\x03\x04"
_FULL = 0xFFFFFFFF
_STEP = 1 << 20


@dataclass(frozen=True, slots=True)
class Record:
    """A file in an archive: ``stored`` bytes at ``start``, ``size`` bytes once unpacked; ``packed`` tells if it is."""

    name: str
    start: int
    stored: int
    size: int
    packed: bool
    crc: int


def records(source: Source) -> dict[str, Record]:
    """Return the files of an archive by name.

    Raises
    ------
    Problem
        If the table is missing (``truncated``), contradicts itself, or is encrypted.
    """
    start, length, count = _where(source.data)
    if count > limits.RECORDS:
        raise excessive(f"is an archive of {count:,} files")
    found: dict[str, Record] = {}
    at, end = start, start + length
    while at + 46 <= end and len(found) <= limits.RECORDS:
        record, at = _entry(source.data, at)
        found[record.name] = record
    if sum(record.stored for record in found.values()) > source.size:
        raise damaged("parts of it lie over each other")
    return found


def unpacked(source: Source, record: Record, budget: Budget) -> memoryview:
    """Return the bytes of a record, unpacked into memory of their own where they are packed.

    Raises
    ------
    Problem
        If they are damaged, or many more than the file justifies.
    """
    data = source.data[record.start : record.start + record.stored]
    if not record.packed:
        return data
    budget.take(record.size)
    memory = np.empty(record.size, np.uint8)
    target, done = memory.data.cast("B"), 0
    engine = zlib.decompressobj(-15)
    try:
        for at in range(0, len(data), _STEP):
            pending: bytes | memoryview = data[at : at + _STEP]
            while pending:
                part = engine.decompress(pending, _STEP)
                if done + len(part) > record.size:
                    raise damaged("a part of it is longer than it says")
                target[done : done + len(part)] = part
                done += len(part)
                pending = engine.unconsumed_tail
    except zlib.error as error:
        raise damaged("a packed part cannot be unpacked") from error
    if done != record.size:
        raise damaged("a part of it is shorter than it says")
    return target


def _where(data: memoryview) -> tuple[int, int, int]:
    """Return start, length and number of entries of the table."""
    tail_start = max(0, len(data) - 65557)
    tail = bytes(data[tail_start:])
    end = tail.rfind(_END)
    if end < 0 or end + 22 > len(tail):
        raise Problem("ends too early: its table of contents is missing. Copy or download it again.", "truncated")
    count, length, start = struct.unpack_from("<HII", tail, end + 10)
    where = tail_start + end
    locator = where - 20
    if locator >= 0 and bytes(data[locator : locator + 4]) == _LOCATOR64:
        (at,) = struct.unpack_from("<Q", data, locator + 8)
        if at + 56 > len(data) or bytes(data[at : at + 4]) != _END64:
            raise damaged("its table of contents is not where it should be")
        count, length, start = struct.unpack_from("<QQQ", data, at + 32)
    if start + length > where:
        raise damaged("its table of contents is not where it should be")
    return start, length, count


def _entry(data: memoryview, at: int) -> tuple[Record, int]:
    """Return the record that an entry of the table describes, and where the next entry is."""
    fields = struct.unpack_from("<4s4xHH4xIIIHHH8xI", data, at)
    magic, flags, method, crc, stored, size, name_length, extra_length, comment_length, header = fields
    after_name = at + 46 + name_length
    following = after_name + extra_length + comment_length
    if magic != _ENTRY or following > len(data):
        raise damaged("its table of contents makes no sense")
    name = str(data[at + 46 : after_name], "utf-8", "replace")
    if flags & 1:
        raise Problem("is an encrypted archive. Decrypt it first.", "unsupported")
    if method not in (0, 8):
        raise Problem("is an archive packed in a way that torch cannot read. Unpack it first.", "unsupported")
    size, stored, header = _wide(bytes(data[after_name : after_name + extra_length]), size, stored, header)
    if method == 0 and stored != size:
        raise damaged("its table of contents makes no sense")
    if header + 30 > len(data) or bytes(data[header : header + 4]) != _LOCAL:
        raise damaged(f"its part {name[:80]!r} is not where it should be")
    start = header + 30 + sum(struct.unpack_from("<HH", data, header + 26))
    if start + stored > len(data):
        raise cut_off()
    return Record(name, start, stored, size, method == 8, crc), following


def _wide(extra: bytes, *numbers: int) -> tuple[int, ...]:
    """Return sizes and place, those that need more than 32 bits taken from the Zip64 field (id 1)."""
    at, wide = 0, b""
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        if kind == 1:
            wide = extra[at + 4 : at + 4 + length]
            break
        at += 4 + length
    found, place = [], 0
    for number in numbers:
        if number == _FULL:
            if place + 8 > len(wide):
                raise damaged("its table of contents makes no sense")
            (number,) = struct.unpack_from("<Q", wide, place)
            place += 8
        found.append(number)
    return tuple(found)
