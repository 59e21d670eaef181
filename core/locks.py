"""Files that belong to one process as long as it lives: the system lets go of them when it ends, however it ends.

Standard library only.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

_FAR = 1 << 30
"""Windows locks bytes against reading, too: one that is never written."""


class Hold:
    """A file that this process holds; ``descriptor`` is open for reading and for writing at its end."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self.descriptor = descriptor

    def write(self, text: str) -> None:
        """Add a text to its end, in one piece.

        Raises
        ------
        OSError
            If the disk does not take it.
        """
        os.write(self.descriptor, text.encode("utf-8", "backslashreplace"))

    def let_go(self, *, remove: bool = False) -> None:
        """Hold it no more; with ``remove`` take it away, too. May be called again."""
        if self.descriptor < 0:
            return
        # Before anybody else can hold it; Windows removes no file that is open.
        if remove and sys.platform != "win32":
            self.path.unlink(missing_ok=True)
        os.close(self.descriptor)
        self.descriptor = -1
        if remove and sys.platform == "win32":
            self.path.unlink(missing_ok=True)


def hold(path: Path) -> Hold | None:
    """Hold a file, which is made where there is none.

    Returns
    -------
    None if another process, or another part of this one, holds it.

    Raises
    ------
    OSError
        If it cannot be made, opened or locked here; nothing is known of others then.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags, 0o600)
    try:
        _lock(descriptor)
        if _is_still_there(path, descriptor):
            return Hold(path, descriptor)
    except BlockingIOError:
        pass
    except BaseException:
        os.close(descriptor)
        raise
    os.close(descriptor)
    return None


def _is_still_there(path: Path, descriptor: int) -> bool:
    """Whether nobody took the file away between the opening and the lock."""
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _lock(descriptor: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        os.lseek(descriptor, _FAR, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError as error:
            raise BlockingIOError from error
        finally:
            os.lseek(descriptor, 0, os.SEEK_SET)
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
