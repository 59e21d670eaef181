"""A weights file opened without running anything in it: its content as nested mappings of tensors and plain values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from core.errors import WeightsError
from core.types import CheckpointFormat
from core.weights import signature
from core.weights.formats import safetensors_file, shards, torch_legacy, torch_zip
from core.weights.formats.harmless import executes_code, is_harmless
from core.weights.formats.problem import Problem, shown
from core.weights.formats.reading import Program, Reading
from core.weights.formats.source import Source

_WORDS = {Tensor: "a single tensor", int: "a number", float: "a number", str: "a text", type(None): "nothing"}
_GLOBAL = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+")


@dataclass(frozen=True, slots=True, eq=False)
class Checkpoint:
    """What a file holds, as it was saved: nothing unwrapped, renamed or converted.

    ``content`` maps names to tensors (on the CPU, memory-mapped where that is possible) or to further mappings, lists and plain
    values. ``metadata`` is what stands beside the tensors (safetensors' ``__metadata__``, torch's module versions under
    "_metadata"). ``globals`` and ``executes_code`` as in :class:`core.types.Diagnosis`. ``notes`` are sentences about how it
    was read ("a whole model was pickled; its tensors were read without running it").

    Tensors are plain ones without gradients (parameters, subclasses as the tensor in them; quantised and sparse ones as
    float32 with all values), and those that shared numbers in the file share them here. A pickled or scripted module,
    wherever it stands, is a mapping of dotted names to tensors; its other plain attributes are in ``metadata``. Sets are
    lists; objects of other classes are mappings of their attributes, or their name where they have none.
    """

    path: Path
    format: CheckpointFormat
    sha256: str
    content: Mapping[str, Any]
    metadata: Mapping[str, Any]
    globals: tuple[str, ...] = ()
    executes_code: bool = False
    notes: tuple[str, ...] = ()
    program: Program | None = None
    """What torch.export saved beside the tensors, unread."""


class CheckpointError(WeightsError):
    """A weights file that cannot be read, with what was learnt of it all the same.

    ``format``, ``globals``, ``executes_code`` and ``sha256`` as in :class:`Checkpoint`; "unknown", (), False and "" where
    the reading did not come so far.
    """

    format: CheckpointFormat = "unknown"
    globals: tuple[str, ...] = ()
    executes_code: bool = False
    sha256: str = ""


def open_checkpoint(path: Path) -> Checkpoint:
    """Open a weights file of any known format, told apart by content.

    Reads the file once, hashing it on the way, so that hash and tensors are of the same bytes; nobody who writes into
    the file afterwards changes them (files over 1 GiB are mapped instead of read, see :mod:`.formats.limits`). Of
    sharded weights the index or any of the files may be given; the hash is then that of all of them.

    Raises
    ------
    CheckpointError
        A WeightsError: ``missing``, ``denied``, ``empty``, ``truncated``, ``unsupported`` or ``unreadable``, in words.
    """
    reading = Reading()
    digest = ""
    try:
        index = shards.index_beside(path)
        with Source(index or path) as source:
            digest = _read(source, reading)
            digest = digest or source.sha256()
        if index is None and shards.is_shard(path):
            reading.found.setdefault("one part of weights in several files, whose index is not beside it")
        content = _mapping(reading)
    except Problem as problem:
        raise _error(path, reading, problem, digest) from problem
    except (MemoryError, RecursionError) as error:
        raise _error(path, reading, Problem("asks for more memory than there is; it was left alone."), digest) from error
    names = tuple(reading.ledger.globals)
    versions = getattr(content, "_metadata", None)
    metadata = reading.metadata | ({"_metadata": versions} if versions else {})
    return Checkpoint(
        path, reading.format, digest, content, metadata, names, executes_code(names), _notes(path, reading), reading.program
    )


def _read(source: Source, reading: Reading) -> str:
    """Read a file of any format; return the hash where it is not that of the file alone."""
    kind = signature.recognise(source)
    if kind == "index":
        index = shards.parse(source.path, source.data)
        if index is None:
            raise signature.foreign(source)
        return shards.read(index, reading)
    if kind == "text pickle":
        return _text_pickle(source, reading)
    cut: dict[str, CheckpointFormat] = {"safetensors": "safetensors", "zip": _zip(source), "pickle": "torch-legacy"}
    try:
        {"safetensors": safetensors_file, "zip": torch_zip, "pickle": torch_legacy}[kind].read(source, reading)
    except Problem as problem:
        if problem.kind == "truncated" and reading.format == "unknown":
            reading.format = cut[kind]
        raise
    return ""


def _zip(source: Source) -> CheckpointFormat:
    """What a zip archive is by its first record, which torch calls data.pkl."""
    head = bytes(source.data[:300])
    length = int.from_bytes(head[26:28], "little")
    return "torch-zip" if head[30 : 30 + length].endswith(b"/data.pkl") else "zip"


def _text_pickle(source: Source, reading: Reading) -> str:
    """Read what may be a pickle of protocol 0; if it is none, it is whatever text it looks like."""
    trial = Reading()
    try:
        torch_legacy.read(source, trial)
    except Problem as problem:
        if not any(map(_GLOBAL.fullmatch, trial.ledger.globals)):
            raise signature.foreign(source) from problem
        reading.format, reading.ledger = trial.format, trial.ledger
        raise
    reading.format, reading.ledger, reading.content, reading.found = trial.format, trial.ledger, trial.content, trial.found
    return ""


def _mapping(reading: Reading) -> Mapping[str, Any]:
    """Return the content if it is a mapping with a tensor somewhere, or the one such mapping in a list."""
    content = reading.content
    if isinstance(content, list | tuple):
        inside = [item for item in content if isinstance(item, Mapping) and _has_tensor(item)]
        if len(inside) == 1:
            reading.found.setdefault("a list, of which the one part with weights was taken")
            content = inside[0]
    if isinstance(content, Mapping) and _has_tensor(content):
        return content
    running = [name for name in reading.ledger.globals if not is_harmless(name)]
    if running:
        names = ", ".join(map(shown, running[:3])) + (" ..." if running[3:] else "")
        raise Problem(
            f"holds pickled Python objects ({names}) and no weights that can be read without them; loading it would run "
            "code from the file, so nothing of it was run. In the program that made it, save `model.state_dict()` instead.",
            "unsupported",
        )
    what = f"only {', '.join(repr(key)[:40] for key in list(content)[:4])}" if isinstance(content, dict) and content else ""
    kind = _WORDS.get(type(content), f"a {type(content).__name__}") if content != {} else "an empty mapping"
    raise Problem(f"holds no weights of a network but {what or kind}. Save `model.state_dict()`.", "unsupported")


def _has_tensor(value: Any) -> bool:
    """Tell whether there is a tensor anywhere in nested mappings and lists, each looked at once."""
    waiting, seen = [value], set()
    while waiting:
        item = waiting.pop()
        if isinstance(item, Tensor):
            return True
        if isinstance(item, Mapping | list | tuple) and id(item) not in seen:
            seen.add(id(item))
            waiting.extend(item.values() if isinstance(item, Mapping) else item)
    return False


def _notes(path: Path, reading: Reading) -> tuple[str, ...]:
    """Return sentences on what there was besides tensors and plain values."""
    notes = []
    if reading.format == "torchscript":
        notes.append(f"“{path.name}” is a TorchScript program; its tensors were read without running its code.")
    if reading.format == "torch-export":
        notes.append(
            f"“{path.name}” is an exported program; its tensors were read, and its own graph is not run: the network is that "
            f"of the catalogue. (For its own graph, the model is “{path.name}”.)"
        )
    objects = [phrase for phrase in reading.found if phrase.startswith(("a whole model", "an object"))]
    if objects and reading.format != "torchscript":
        first = ", ".join(objects[:3]) + (f" and {len(objects) - 3} more" if objects[3:] else "")
        notes.append(f"“{path.name}” holds {first}; the tensors were read without running any code of the file.")
    notes += [f"“{path.name}” holds {phrase}." for phrase in reading.found if phrase not in objects]
    return tuple(notes)


def _error(path: Path, reading: Reading, problem: Problem, digest: str) -> CheckpointError:
    message = f"“{path.name}” {problem.reason}" if problem.reason else f"There is no weights file “{path}”."
    error = CheckpointError(message, kind=problem.kind, path=path)
    error.format = reading.format
    error.globals = tuple(reading.ledger.globals)
    error.executes_code = executes_code(error.globals)
    error.sha256 = digest
    return error
