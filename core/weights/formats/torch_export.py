"""Programs of ``torch.export`` (.pt2, archive version 0): the tensors in them, read from their JSON and their bytes.

``torch.export.load`` is not used: it unpickles constants and sample inputs without ``weights_only``, and evaluates the
expressions of symbolic sizes as Python. Here pickles are left alone, and the graph is kept as the text that it is
(:mod:`core.zoo.exported` makes a network of it).
"""

from __future__ import annotations

import contextlib
import json
from typing import Any

import torch
from torch import Tensor

from core.weights.formats import limits, zip_directory
from core.weights.formats.limits import Budget
from core.weights.formats.problem import Problem, damaged
from core.weights.formats.reading import Program, Reading
from core.weights.formats.source import Source
from core.weights.formats.storages import Storage
from core.weights.formats.tensors import strided
from core.weights.formats.zip_directory import Record

_CONFIG = "_weights_config.json"
_FOLDER = "data/weights/"
_ALIGNMENT = 16
_GRAPH = 64 << 20
"""Bytes of the text of a graph; that of a large network takes a few million."""
_STRIDED = 7
_TYPES = {
    1: "uint8", 2: "int8", 3: "int16", 4: "int32", 5: "int64", 6: "float16", 7: "float32", 8: "float64",
    10: "complex64", 11: "complex128", 12: "bool", 13: "bfloat16", 28: "uint16", 29: "float8_e4m3fn", 30: "float8_e5m2",
    34: "uint32", 35: "uint64",
}  # fmt: skip
"""``torch._export.serde.schema.ScalarType``."""


def weights_config(records: dict[str, Record]) -> Record | None:
    """Return the list of the weights of an exported program; None for another archive, or one of several programs."""
    found = [record for name, record in records.items() if name.endswith(_CONFIG) and _FOLDER in name]
    programs = {name.rpartition("/")[2] for name in records}
    return found[0] if len(found) == 1 and "archive_format" in programs else None


def read(source: Source, records: dict[str, Record], config: Record, reading: Reading) -> None:
    """Read the weights of a program into ``reading``: parameters and buffers under their names in the module.

    Raises
    ------
    Problem
        If they are pickled, damaged, or ask for too much.
    """
    reading.format = "torch-export"
    if config.size > limits.HEADER:
        raise damaged("its list of weights makes no sense")
    budget = Budget(source.size)
    try:
        entries = json.loads(bytes(zip_directory.unpacked(source, config, budget)))["config"]
        items = list(entries.items())
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError) as error:
        raise damaged("its list of weights makes no sense") from error
    if len(items) > limits.VALUES:
        raise damaged("its list of weights makes no sense")
    folder = config.name.rpartition("/")[0] + "/"
    raw: dict[str, Tensor] = {}
    reading.content = {name: _tensor(source, records, folder, entry, raw, budget) for name, entry in items}
    reading.program = _program(source, records, config.name, budget)


def _program(source: Source, records: dict[str, Record], config: str, budget: Budget) -> Program | None:
    """Keep the text of the graph and its constants; whatever of that cannot be read is missed only if the graph is run."""
    root, _, last = config.rpartition(_FOLDER)
    name = last.removesuffix(_CONFIG)
    graph = records.get(f"{root}models/{name}.json")
    if graph is None or graph.size > _GRAPH:
        return None
    try:
        text = bytes(zip_directory.unpacked(source, graph, budget))
        constants = _constants(source, records, f"{root}data/constants/", name, budget)
    except Problem:
        return None
    return Program(text, constants)


def _constants(
    source: Source, records: dict[str, Record], folder: str, name: str, budget: Budget
) -> dict[str, Tensor]:
    """Read the constants that are tensors, and not pickled."""
    config = records.get(f"{folder}{name}_constants_config.json")
    found: dict[str, Tensor] = {}
    if config is None or config.size > limits.HEADER:
        return found
    try:
        entries = json.loads(bytes(zip_directory.unpacked(source, config, budget)))["config"]
        items = list(entries.items())
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError):
        return found
    raw: dict[str, Tensor] = {}
    for one, entry in items[: limits.RECORDS]:
        with contextlib.suppress(Problem):
            found[one] = _tensor(source, records, folder, entry, raw, budget)
    return found


def _tensor(
    source: Source, records: dict[str, Record], folder: str, entry: Any, raw: dict[str, Tensor], budget: Budget
) -> Tensor:
    try:
        name, meta, pickled = entry["path_name"], entry["tensor_meta"], entry["use_pickle"]
        if pickled:
            raise Problem(
                "is an exported program with pickled weights, which were left alone. Save `model.state_dict()` instead.",
                "unsupported",
            )
        kind, layout = _TYPES.get(meta["dtype"], ""), meta["layout"]
        sizes, strides = [[one["as_int"] for one in meta[part]] for part in ("sizes", "strides")]
        offset = meta["storage_offset"]["as_int"]
        record = records[f"{folder}{name}"]
    except (KeyError, TypeError) as error:
        raise damaged("its list of weights makes no sense") from error
    if layout != _STRIDED or not kind:
        raise Problem("is an exported program with tensors of a kind that this program cannot read.", "unsupported")
    if name not in raw:
        if record.packed:
            raw[name] = torch.frombuffer(zip_directory.unpacked(source, record, budget), dtype=torch.uint8)
        else:
            raw[name] = source.tensor(record.start, record.stored, _ALIGNMENT)
    dtype = getattr(torch, kind)
    return strided(Storage(raw[name], dtype), dtype, offset, sizes, strides, budget)
