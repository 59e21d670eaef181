"""What became of an export."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.types.answers import Failure


@dataclass(frozen=True, slots=True)
class ExportReport:
    """The files that were written, in the order of the pictures; ``notes`` say what they do not show.

    ``failures`` are about pictures that have no file; the others went on. ``stopped`` says why the rest was given up: the
    place cannot be written to.
    """

    written: tuple[Path, ...]
    failures: tuple[Failure, ...] = ()
    stopped: Failure | None = None
    notes: tuple[str, ...] = ()
