"""Weights spread over several safetensors files, with an index that says which tensor is where."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.weights.formats import limits, safetensors_file
from core.weights.formats.problem import Problem, damaged
from core.weights.formats.reading import Reading
from core.weights.formats.source import Source

_SHARD = re.compile(r"(.+)-\d{5}-of-\d{5}\.safetensors")
_INDEX_LIMIT = 64 << 20


@dataclass(frozen=True, slots=True)
class Index:
    """An index: which tensor is in which file of its folder, and what else it says."""

    path: Path
    files: dict[str, str]
    metadata: dict[str, Any]


def index_beside(path: Path) -> Path | None:
    """Return the index that a shard belongs to, by its name; None where there is none."""
    found = _SHARD.fullmatch(path.name)
    index = path.with_name(f"{found[1]}.safetensors.index.json") if found else None
    return index if index is not None and index.is_file() else None


def is_shard(path: Path) -> bool:
    """Tell whether a file calls itself one of several."""
    return _SHARD.fullmatch(path.name) is not None


def family(path: Path) -> tuple[Path, ...]:
    """Return all files that are read when ``path`` is: itself, and its index and the other shards."""
    index = index_beside(path) or path
    if index.suffix != ".json":
        return (path,)
    try:
        known = parse(index, memoryview(index.read_bytes()))
    except (OSError, Problem):
        known = None
    others = sorted(set(known.files.values())) if known is not None else []
    return path, index, *(index.with_name(name) for name in others)


def parse(path: Path, data: memoryview) -> Index | None:
    """Return the index in a JSON file, or None if it is none.

    Raises
    ------
    Problem
        If it names files outside its folder, or files of pickles.
    """
    if len(data) > _INDEX_LIMIT:
        return None
    try:
        value = json.loads(bytes(data))
    except (ValueError, RecursionError):
        return None
    files = value.get("weight_map") if isinstance(value, dict) else None
    if not isinstance(files, dict) or not files or not all(isinstance(name, str) for name in files.values()):
        return None
    for name in files.values():
        if name != Path(name).name or "\\" in name or ":" in name or name in ("", ".", ".."):
            raise Problem(f"is an index that names the file {name[:80]!r}, which is not beside it.", "unsupported")
        if not name.endswith(".safetensors"):
            raise Problem("is an index of pickled files. Choose one of them, or save the whole as safetensors.", "unsupported")
    metadata = value.get("metadata")
    return Index(path, files, metadata if isinstance(metadata, dict) else {})


def read(index: Index, reading: Reading) -> str:
    """Read all shards into ``reading`` and return the hash of them all.

    Returns
    -------
    SHA-256, in hexadecimal digits, over the hashes of the shards in the order of their names, so that a shard that
    changes changes it.

    Raises
    ------
    Problem
        If shards are missing, which are named, or cannot be read.
    """
    reading.format = "safetensors-sharded"
    names = sorted(set(index.files.values()))
    if len(names) > limits.RECORDS:
        raise damaged("an index of too many files")
    gone = [name for name in names if not index.path.with_name(name).is_file()]
    if gone:
        several = f" and {len(gone) - 4} more" if len(gone) > 4 else ""
        raise Problem(
            f"belongs to weights in {len(names)} files, of which {len(gone)} are missing: {', '.join(gone[:4])}{several}. "
            "Put them beside it.",
            "missing",
        )
    content: dict[str, Any] = {}
    digest = hashlib.sha256()
    for name in names:
        content |= _shard(index, name, reading, digest)
    absent = [tensor for tensor in index.files if tensor not in content]
    if absent:
        raise damaged(f"the files lack {len(absent)} tensors of the index, the first {absent[0][:80]!r}")
    reading.content = content
    reading.metadata = index.metadata | reading.metadata
    return digest.hexdigest()


def _shard(index: Index, name: str, reading: Reading, digest: Any) -> dict[str, Any]:
    """Return the tensors of one file."""
    inner = Reading()
    try:
        with Source(index.path.with_name(name)) as source:
            safetensors_file.read(source, inner)
            digest.update(bytes.fromhex(source.sha256()))
    except Problem as problem:
        raise Problem(f"cannot be read: its part “{name}” {problem.reason}", problem.kind) from problem
    reading.metadata |= inner.metadata
    return {key: value for key, value in inner.content.items() if index.files.get(key, name) == name}
