"""From what a person dropped (files, folders) to the pictures in it, in an order a person expects."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from core.cancel import CancelToken
from core.errors import ErrorKind
from core.images.formats import PICTURE_SUFFIXES
from core.images.names import natural_key
from core.images.triage import shown
from core.types import Failure, ImageRef

__all__ = ["PICTURE_SUFFIXES", "Found", "discover", "natural_key"]


@dataclass(frozen=True, slots=True)
class Found:
    """The pictures, each once, and the folders that could not be listed."""

    images: tuple[ImageRef, ...]
    failures: tuple[Failure, ...] = ()


def discover(paths: Iterable[str | Path], *, recursive: bool, token: CancelToken | None = None) -> Found:
    """Find the pictures behind files and folders.

    The order given is kept; a folder is replaced by its pictures (:data:`PICTURE_SUFFIXES`, any case) in natural
    order of their names, a subfolder's standing where its own name does. Hidden files and folders are skipped inside
    folders. A path that is no folder is always kept, whatever its name and even if it is missing, so that it gets its
    own answer.

    Parameters
    ----------
    paths
        Files and folders.
    recursive
        Whether to look into folders below those given. Every folder is entered once, so links that form a circle end.
    token
        Looked at for every entry.

    Raises
    ------
    core.errors.Cancelled
        If ``token`` was set.
    """
    walk = _Walk(recursive, token or CancelToken())
    images: dict[str, ImageRef] = {}
    for given in paths:
        path = os.path.abspath(given)  # noqa: PTH100 - unlike resolve() it leaves links alone, unlike absolute() no ".."
        for found in walk.folder(path) if os.path.isdir(path) else (path,):  # noqa: PTH112 - never raises
            images.setdefault(found, ImageRef(Path(found)))
    return Found(tuple(images.values()), tuple(walk.failures))


class _Walk:
    """One walk through folders; remembers where it was."""

    def __init__(self, recursive: bool, token: CancelToken) -> None:
        self.failures: list[Failure] = []
        self._recursive = recursive
        self._token = token
        self._entered: set[tuple[int, int]] = set()

    def folder(self, path: str) -> Iterator[str]:
        """The paths of the pictures in a folder, in order."""
        self._token.check()
        try:
            about = os.stat(path)  # noqa: PTH116
            if (about.st_dev, about.st_ino) in self._entered:
                return
            self._entered.add((about.st_dev, about.st_ino))
            with os.scandir(path) as listing:
                entries = [entry for entry in listing if self._wanted(entry)]
        except OSError as error:
            self.failures.append(_failure(Path(path), error))
            return
        for entry in sorted(entries, key=lambda entry: natural_key(entry.name)):
            if _is_dir(entry):
                yield from self.folder(entry.path)
            else:
                yield entry.path

    def _wanted(self, entry: os.DirEntry[str]) -> bool:
        self._token.check()
        if entry.name.startswith(".") or _hidden(entry):
            return False
        if _is_dir(entry):
            return self._recursive
        return os.path.splitext(entry.name)[1].lower() in PICTURE_SUFFIXES  # noqa: PTH122 - 5,000 Path objects are slow


def _is_dir(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _hidden(entry: os.DirEntry[str]) -> bool:
    """Whether Windows hides the file; there the listing knows it already, elsewhere nothing is asked."""
    if os.name != "nt":
        return False
    try:
        attributes = getattr(entry.stat(follow_symlinks=False), "st_file_attributes", 0)
    except OSError:
        return False
    return bool(attributes & stat.FILE_ATTRIBUTE_HIDDEN)


def _failure(path: Path, error: OSError) -> Failure:
    kind: ErrorKind = "denied" if isinstance(error, PermissionError) else "unreadable"
    reason = "access is denied" if kind == "denied" else (error.strerror or type(error).__name__)
    return Failure(kind, f"The folder {shown(path)} cannot be listed: {reason}. Its pictures are left out.", path)
