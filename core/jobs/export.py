"""A layer's activations as a file: the tensor itself, its feature maps as a picture, or figures about its channels."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from core.errors import UsageError
from core.insight.raw import RawActivations
from core.jobs.export_files import check_place, write_whole
from core.jobs.export_formats import FORMATS, STRIP_HEIGHT, metadata, picture, picture_note

__all__ = [
    "FORMATS",
    "STRIP_HEIGHT",
    "check_output",
    "export_activations",
    "metadata",
    "picture",
    "picture_note",
    "write_whole",
]


def export_activations(raw: RawActivations, path: Path) -> None:
    """Write activations to a file, whole or not at all; one that is there already is replaced.

    Parameters
    ----------
    raw
        The activations.
    path
        The file; its suffix, one of :data:`FORMATS` in upper or lower case, says what is written.

    Raises
    ------
    UsageError
        As :func:`check_output`.
    ExportError
        If the file cannot be written.
    """
    check_output(path)
    write_whole(path, FORMATS[path.suffix.lower()](raw))


def check_output(path: Path, keep: Iterable[Path | None] = ()) -> None:
    """Say before any work is done that a file cannot be written.

    Parameters and errors are those of :func:`core.jobs.export_files.check_place`; besides, a suffix that is not one of
    :data:`FORMATS` is a :class:`UsageError`.
    """
    if path.suffix.lower() not in FORMATS:
        raise UsageError(f"“{path}” does not say what to write. Give it one of the endings {', '.join(FORMATS)}.", path=path)
    check_place(path, keep)
