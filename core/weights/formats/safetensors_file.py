"""Safetensors: a JSON header that says where in the file each tensor lies."""

from __future__ import annotations

import json
import math
from typing import Any

import torch

from core.weights.formats import limits
from core.weights.formats.limits import Budget
from core.weights.formats.problem import Problem, cut_off, damaged
from core.weights.formats.reading import Reading
from core.weights.formats.source import Source
from core.weights.formats.tensors import element_size, typed

_TYPES = {
    "F64": "float64", "F32": "float32", "F16": "float16", "BF16": "bfloat16", "I64": "int64", "I32": "int32",
    "I16": "int16", "I8": "int8", "U64": "uint64", "U32": "uint32", "U16": "uint16", "U8": "uint8", "BOOL": "bool",
    "F8_E4M3": "float8_e4m3fn", "F8_E5M2": "float8_e5m2", "F8_E8M0": "float8_e8m0fnu", "C64": "complex64",
    "F8_E4M3FNUZ": "float8_e4m3fnuz", "F8_E5M2FNUZ": "float8_e5m2fnuz",
}  # fmt: skip

_Place = tuple[torch.dtype, tuple[int, ...], int, int]


def read(source: Source, reading: Reading) -> None:
    """Read a safetensors file into ``reading``.

    Raises
    ------
    Problem
        If it is cut off or damaged.
    """
    reading.format = "safetensors"
    header, start = _header(source)
    metadata = header.pop("__metadata__", None)
    if isinstance(metadata, dict):
        reading.metadata |= metadata
    places = {name: _place(entry, source.size - start) for name, entry in header.items()}
    _check_overlaps(places)
    budget = Budget(source.size)
    for _, _, begin, end in places.values():
        budget.take(end - begin)
    names = sorted(places, key=lambda name: places[name][2:])
    parts = source.spread([(start + places[name][2], places[name][3] - places[name][2]) for name in names])
    raw = dict(zip(names, parts, strict=True))
    reading.content = {name: typed(raw[name], kind).view(shape) for name, (kind, shape, _, _) in places.items()}


def _header(source: Source) -> tuple[dict[str, Any], int]:
    length = int.from_bytes(source.data[:8], "little")
    if length > limits.HEADER or 8 + length > source.size:
        raise Problem("is a safetensors file that ends too early. Copy or download it again.", "truncated")
    try:
        header = json.loads(bytes(source.data[8 : 8 + length]))
    except (ValueError, RecursionError) as error:
        raise damaged("a safetensors file whose header makes no sense") from error
    if not isinstance(header, dict) or len(header) > limits.VALUES:
        raise damaged("a safetensors file whose header makes no sense")
    return header, 8 + length


def _place(entry: Any, available: int) -> _Place:
    """Return type, shape, start and end of a tensor."""
    try:
        kind, shape, (start, end) = entry["dtype"], entry["shape"], entry["data_offsets"]
    except (TypeError, KeyError, ValueError) as error:
        raise damaged("a safetensors file whose header makes no sense") from error
    numbers = [*shape, start, end] if isinstance(shape, list) and len(shape) <= 32 else [-1]
    if not all(isinstance(number, int) and 0 <= number < 1 << 62 for number in numbers) or start > end:
        raise damaged("a safetensors file whose header makes no sense")
    dtype = getattr(torch, _TYPES.get(kind, "") if isinstance(kind, str) else "", None)
    if not isinstance(dtype, torch.dtype):
        raise Problem(f"holds numbers of the type {str(kind)[:20]!r}, which this program cannot read.", "unsupported")
    if end > available:
        raise cut_off()
    if math.prod(shape) * element_size(dtype) != end - start:
        raise damaged("a tensor lies outside its numbers")
    return dtype, tuple(shape), start, end


def _check_overlaps(places: dict[str, _Place]) -> None:
    """Refuse tensors that share bytes: the format has none, and a small file could stand for endless ones."""
    before = 0
    for start, end in sorted((start, end) for _, _, start, end in places.values()):
        if start < before:
            raise damaged("a safetensors file whose tensors overlap")
        before = end
