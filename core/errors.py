"""The family of errors that reach a person: each says what happened, to which file, and what to do next."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

ErrorKind = Literal[
    "missing", "empty", "unreadable", "unsupported", "truncated", "too_large", "denied",
    "weights", "architecture", "device", "layer", "usage", "unwritable", "network", "cancelled", "internal", "note",
]
"""The words that stand in ``error.kind`` of the command line's JSON; stable. ``note`` is no error: something to know."""


class LayerscopeError(Exception):
    """An error with a sentence for a person.

    Parameters
    ----------
    message
        A whole sentence: what happened and, where there is something to do, what to do next.
    kind
        One of :data:`ErrorKind`.
    path
        The file it is about, if there is one. Its name is part of ``message`` already.
    """

    kind: ErrorKind = "internal"

    def __init__(self, message: str, *, kind: ErrorKind | None = None, path: Path | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.path = path
        if kind is not None:
            self.kind = kind


class ImageError(LayerscopeError):
    """A picture that cannot be read."""

    kind: ErrorKind = "unreadable"


class WeightsError(LayerscopeError):
    """A weights file that cannot be read, or does not fit its architecture."""

    kind: ErrorKind = "weights"


class ModelError(LayerscopeError):
    """An architecture that is not known, cannot be built, or cannot take this input."""

    kind: ErrorKind = "architecture"


class DeviceError(LayerscopeError):
    """A device that is not there or cannot be used."""

    kind: ErrorKind = "device"


class LayerError(LayerscopeError):
    """A layer that the model does not have, or that was not reached in the forward pass."""

    kind: ErrorKind = "layer"


class ExportError(LayerscopeError):
    """A file that cannot be written."""

    kind: ErrorKind = "unwritable"


class UsageError(LayerscopeError):
    """A wrong use of the command line."""

    kind: ErrorKind = "usage"


class Cancelled(Exception):  # noqa: N818 - cancelling is not an error
    """Raised inside work whose token was set; nobody shows it."""
