"""What can go wrong with a download, sorted by what is to be done about it."""

from __future__ import annotations

import errno
from pathlib import Path

from core.errors import ErrorKind, LayerscopeError


class FetchError(LayerscopeError):
    """A download that did not succeed; what was received is kept where it may be of use."""

    kind: ErrorKind = "network"

    def __init__(self, message: str, *, kind: ErrorKind | None = None, path: Path | None = None) -> None:
        # It often begins with the name of a source, such as “the mirror ...”.
        super().__init__(message[:1].upper() + message[1:] if message.startswith("the ") else message, kind=kind, path=path)


class BrokenError(FetchError):
    """The connection broke, or the server is busy: worth another try.

    ``wait`` is the number of seconds that the server asks to wait, None where it does not say.
    """

    def __init__(self, message: str, wait: float | None = None) -> None:
        super().__init__(message)
        self.wait = wait


class UnreachableError(BrokenError):
    """There was no connection at all: no network, no such server, or nobody who answers."""


class RefusedError(FetchError):
    """The source does not give the file: it is not there, not allowed, or not what was asked for."""


class SpoiltError(RefusedError):
    """What was received is not of the file, and is of no use."""


class StoreError(FetchError):
    """The cache folder cannot take the file: no other source would help."""

    kind: ErrorKind = "unwritable"


def store_error(error: OSError, path: Path) -> StoreError:
    """Put into words why the cache folder does not take a file."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        reason = "there is no space left"
        what = "Make room there; what was received so far is kept, and the download goes on from it."
    else:
        reason = error.strerror or str(error)
        what = "Set TORCH_HOME to a folder that can be written, or make this one writable."
    return StoreError(f"“{path.name}” cannot be written into the cache folder “{path.parent}”: {reason}. {what}", path=path)
