"""What the checkpoint doctor says of a weights file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

CheckpointFormat = Literal[
    "safetensors", "safetensors-sharded", "torch-zip", "torch-legacy", "torchscript", "torch-export", "zip", "unknown"
]

Health = Literal["loadable", "repairable", "refused"]


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem of a file, or a repair for it: a stable ``kind`` for programs, a sentence for people."""

    kind: str
    message: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """How well a file fits an architecture: numbers of tensors; ``unexpected`` and ``misshapen`` are the file's."""

    model: str
    matched: int
    missing: int
    unexpected: int
    misshapen: int = 0


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """All that is known of a weights file without having run anything in it.

    ``globals`` are the names that a pickle in it would have called or made, whether allowed or not; ``executes_code`` says
    that loading it the ordinary way (``torch.load(weights_only=False)``) would run code that is not torch's own.
    ``architecture`` is None where none fits well enough to be said; ``candidates`` are ranked, the best first.
    ``verdict`` is "loadable" as it is, "repairable" with ``repairs``, or "refused" for the first of ``problems``.
    """

    path: Path
    format: CheckpointFormat
    readable: bool
    executes_code: bool
    globals: tuple[str, ...]
    architecture: str | None
    candidates: tuple[Candidate, ...]
    num_classes: int | None
    categories_source: str | None
    problems: tuple[Finding, ...]
    repairs: tuple[Finding, ...]
    verdict: Health
    sha256: str = ""
    summary: str = ""
    """What it is, in a sentence: "This is a VGG-16 with batch norm for 5 classes."; "" where that cannot be said."""
    fits_loaded: bool = False
    """Whether its tensors are just those of the network that was loaded when it was looked at; of a person's own code only."""
