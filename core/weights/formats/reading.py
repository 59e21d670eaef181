"""What reading a file of any format comes to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from torch import Tensor

from core.types import CheckpointFormat
from core.weights.formats.pickle_machine import Ledger


@dataclass(frozen=True, slots=True, eq=False)
class Program:
    """The graph of an exported program, as the JSON text that it is, and the constants that are not in its state_dict."""

    text: bytes
    constants: dict[str, Tensor]


@dataclass(slots=True)
class Reading:
    """What a file holds, and what was learnt about it; filled as far as the reading gets, so it also serves refusals.

    ``ledger`` has the names in its pickles; ``found`` are phrases for what there was besides tensors and plain values.
    """

    format: CheckpointFormat = "unknown"
    content: Any = None
    metadata: dict[str, Any] = field(default_factory=dict)
    ledger: Ledger = field(default_factory=Ledger)
    found: dict[str, None] = field(default_factory=dict)
    program: Program | None = None
