"""Files that are whole or not there: where they may go, what they are called, how they are written. Standard library only."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

from core.errors import UsageError
from core.files import unwritable, write_new, write_whole

__all__ = ["FreeNames", "check_place", "file_name", "unwritable", "write_new", "write_whole"]

_NAME_BYTES = 240
"""Most file systems take 255 bytes; the name of the part that is being written is shorter."""

_UNFIT = frozenset('<>:"/\\|?*')


def check_place(path: Path, keep: Iterable[Path | None] = ()) -> None:
    """Say before any work is done that a file cannot be written.

    Parameters
    ----------
    path
        The file to be written.
    keep
        Files that it must not replace, such as the picture and the weights.

    Raises
    ------
    UsageError
        If the folder is missing, or something is in the way.
    ExportError
        If the place cannot be looked at.
    """
    try:
        if not path.parent.is_dir():
            raise UsageError(f"There is no folder “{path.parent}” to write “{path.name}” into. Make it first.", path=path)
        if path.exists() and not path.is_file():
            raise UsageError(f"“{path}” is not a file and cannot be replaced by one. Choose another name.", path=path)
        if any(_is_same(path, other) for other in keep if other is not None):
            raise UsageError(f"“{path}” is what the activations are made from. Choose another name.", path=path)
    except OSError as error:
        raise unwritable(path, error) from error


def _is_same(path: Path, other: Path) -> bool:
    return path.exists() and other.exists() and path.samefile(other)


def file_name(*parts: str, suffix: str, number: int = 1, between: str = ".") -> str:
    """Make a name for a file that every file system takes: "orange.features.4.npz", "orange.features.4-2.npz".

    Parameters
    ----------
    parts
        What it is about; characters that some system does not allow become "_".
    suffix
        With its dot.
    number
        From 2 on it stands before the suffix.
    between
        What stands between the parts.
    """
    end = (f"-{number}" if number > 1 else "") + suffix
    words = between.join(part for part in map(_fitting, parts) if part) or "layerscope"
    return _shortened(words, _NAME_BYTES - len(os.fsencode(end))) + end


def _fitting(part: str) -> str:
    return "".join("_" if letter in _UNFIT or ord(letter) < 32 else letter for letter in part).strip(" .")


def _shortened(words: str, most: int) -> str:
    """Cut the front off, where the name of the picture is: the layer tells files apart."""
    while len(os.fsencode(words)) > most:
        words = words[1:]
    return words


class FreeNames:
    """Gives names in a folder of which no two are the same, not even where upper and lower case count the same."""

    def __init__(self, folder: Path, keep: Iterable[Path]) -> None:
        self._folder = folder
        self._taken = {_folded(path.name) for path in keep if _is_in(path, folder)}

    def names(self, *parts: str, suffix: str) -> Iterator[Path]:
        """Give one candidate after another; the last one that was drawn is taken."""
        number = 1
        while True:
            name = file_name(*parts, suffix=suffix, number=number)
            if _folded(name) not in self._taken:
                self._taken.add(_folded(name))
                yield self._folder / name
            number += 1


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _is_in(path: Path, folder: Path) -> bool:
    try:
        return path.parent.resolve() == folder.resolve()
    except (OSError, RuntimeError):
        return False
