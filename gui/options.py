"""What a person asked for on the command line of the window; ``arguments`` reads it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.types import ModelSpec, Protocol


@dataclass(frozen=True, slots=True)
class Options:
    """What the person asked for on the command line. ``spec`` None means: what the last session had.

    ``headless`` says that no display was found: the picture of the window goes to ``screenshot`` and the answers to standard
    output.
    """

    paths: tuple[Path, ...] = ()
    spec: ModelSpec | None = None
    device: str | None = None
    layer: str = ""
    panel: str = ""
    channel: int = 0
    protocol: Protocol | None = None
    screenshot: Path | None = None
    size: tuple[int, int] | None = None
    theme: str | None = None
    restore: bool = True
    headless: bool = False
    new_window: bool = False
    """Whether files are neither handed to a window that is open nor taken from later starts."""
