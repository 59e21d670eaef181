"""Files that are whole or not there. Standard library only."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from core.errors import ExportError


def write_whole_by(path: Path, write: Callable[[Path], None]) -> None:
    """Let something write a file so that nobody ever finds half of it.

    Parameters
    ----------
    path
        The file; a symbolic link is followed, and what is there is replaced.
    write
        Writes all of it into the file whose path it is given, which is not there yet.

    Raises
    ------
    ExportError
        If it cannot be written; nothing is left behind, and what was there before stays.
    """
    with _part(path, write) as (part, target):
        part.replace(target)


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
    write_whole_by(path, lambda part: _fill(part, content))


def write_new(path: Path, content: bytes) -> bool:
    """Write a file as :func:`write_whole` does, but only where there is none of that name.

    Returns
    -------
    False if there is something already, even if it came this moment; it was left alone.
    """
    # Nothing that leads nowhere may be followed either.
    if os.path.lexists(path):
        return False
    with _part(path, lambda part: _fill(part, content)) as (part, target):
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


def sweep(folder: Path) -> None:
    """Take away what killed programs began to write into a folder; only for a folder that nobody else writes to."""
    with contextlib.suppress(OSError):
        for part in folder.glob(".layerscope-*.part"):
            part.unlink(missing_ok=True)


def _fill(part: Path, content: bytes) -> None:
    with part.open("xb") as file:
        file.write(content)


@contextlib.contextmanager
def _part(path: Path, write: Callable[[Path], None]) -> Iterator[tuple[Path, Path]]:
    """Write beside the target; take it away again if anything goes wrong."""
    part: Path | None = None
    try:
        target = path.resolve()
        # Not mkstemp: its files are for nobody but their owner.
        import secrets  # its hashes load slowly, and the window reads settings through this module

        part = target.with_name(f".layerscope-{secrets.token_hex(8)}.part")
        write(part)
        with part.open("rb+") as file:
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
