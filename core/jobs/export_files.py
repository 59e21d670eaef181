"""Files that are whole or not there: where they may go, what they are called, how they are written. Standard library only."""

from __future__ import annotations

import contextlib
import os
import secrets
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

from core.errors import ExportError, UsageError

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


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that nobody ever finds half of it.

    Parameters
    ----------
    path
        The file; a symbolic link is followed, and what is there is replaced.
    content
        All of its bytes.

    Raises
    ------
    ExportError
        If it cannot be written; nothing is left behind, and what was there before stays.
    """
    with _part(path, content) as (part, target):
        part.replace(target)


def write_new(path: Path, content: bytes) -> bool:
    """Write a file as :func:`write_whole` does, but only where there is none of that name.

    Returns
    -------
    False if there is something already, even if it came this moment; it was left alone.
    """
    # Nothing that leads nowhere may be followed either.
    if os.path.lexists(path):
        return False
    with _part(path, content) as (part, target):
        try:
            if os.name == "nt":
                part.rename(target)  # which never replaces there
            else:
                os.link(part, target)
                part.unlink()
        except FileExistsError:
            part.unlink()
            return False
        except OSError:
            # A file system without hard links. Whoever makes that very file in this moment loses it.
            if os.path.lexists(target):
                part.unlink()
                return False
            part.replace(target)
    return True


@contextlib.contextmanager
def _part(path: Path, content: bytes) -> Iterator[tuple[Path, Path]]:
    """Write the content beside its target; take it away again if anything goes wrong."""
    part: Path | None = None
    try:
        target = path.resolve()
        # Not mkstemp: its files are for nobody but their owner.
        part = target.with_name(f".layerscope-{secrets.token_hex(8)}.part")
        with part.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        yield part, target
    except BaseException as error:
        if part is not None:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
        # Before Python 3.13 a loop of links is a RuntimeError.
        if isinstance(error, OSError | RuntimeError):
            raise unwritable(path, error) from error
        raise


def unwritable(path: Path, error: OSError | RuntimeError) -> ExportError:
    """Put into words why a file cannot be written."""
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return ExportError(f"“{path}” could not be written ({reason}). Choose another place for it.", path=path)


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
