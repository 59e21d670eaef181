"""The unfinished file, ``NAME.part``: locked against other programs, and turned into the finished one at the end."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import sys
from pathlib import Path

from core.types import in_megabytes
from core.weights.fetch.errors import StoreError, store_error

_LOCKED_BYTE = 2**62
"""Far behind every content, because Windows does not let a locked byte be read."""


def part_of(path: Path) -> Path:
    """Where the unfinished form of a file is."""
    return path.with_name(f"{path.name}.part")


class Part:
    """The open unfinished file. Its lock goes with the process, so that one that was killed never stands in the way.

    Parameters
    ----------
    path
        The finished file.
    """

    def __init__(self, path: Path) -> None:
        self.target = path
        self.path = part_of(path)
        self._file: io.FileIO | None = None
        self._locked = False

    def try_to_open(self) -> bool:
        """Open and lock it; False while another program has it.

        Raises
        ------
        StoreError
            If the folder cannot be made, or the file cannot be written.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o666)
        except OSError as error:
            raise store_error(error, self.target) from error
        # Without a buffer: what was received is in the file, whatever happens to the process.
        self._file = io.FileIO(descriptor, "r+")
        # Whoever had it may have finished it in between: then this is a file that has another name now, or none.
        self._locked = _lock(self._file) and self._is_at_its_place()
        if not self._locked:
            self.close()
        return self._locked

    def _is_at_its_place(self) -> bool:
        try:
            return os.path.samestat(os.fstat(self._open().fileno()), self.path.stat())
        except OSError:
            return False

    def _open(self) -> io.FileIO:
        assert self._file is not None
        return self._file

    @property
    def size(self) -> int:
        """Bytes received so far."""
        return os.fstat(self._open().fileno()).st_size

    def begin_at(self, offset: int) -> None:
        """Drop what is behind ``offset``, and go on writing there."""
        try:
            self._open().truncate(offset)
            self._open().seek(offset)
        except OSError as error:
            raise store_error(error, self.target) from error

    def write(self, chunk: bytes) -> None:
        """Append bytes.

        Raises
        ------
        StoreError
            If the disk does not take them; those that were written before stay.
        """
        left = memoryview(chunk)
        try:
            while left:
                left = left[self._open().write(left) :]
        except OSError as error:
            raise store_error(error, self.target) from error

    def flush(self) -> None:
        """Have everything on the disk."""
        try:
            os.fsync(self._open().fileno())
        except OSError as error:
            raise store_error(error, self.target) from error

    def check_space(self, needed: int, spare: int) -> None:
        """Raise :class:`StoreError` if the disk has no room for that many bytes more."""
        free = shutil.disk_usage(self.path.parent).free
        if needed + spare > free:
            raise StoreError(
                f"There is not enough space for “{self.target.name}” in “{self.target.parent}”: {in_megabytes(needed)} are "
                f"needed, {in_megabytes(free)} are free. Make room there, or set TORCH_HOME to a folder on another disk.",
                path=self.target,
            )

    def finish(self) -> None:
        """Give it its final name, replacing what is there.

        Raises
        ------
        StoreError
            If that cannot be done.
        """
        self.flush()
        try:
            if sys.platform == "win32":
                self.close()  # where an open file cannot be renamed
            self.path.replace(self.target)
            self._locked = False
            _sync_folder(self.target.parent)
        except OSError as error:
            raise store_error(error, self.target) from error

    def delete(self) -> None:
        """Take it away."""
        self.begin_at(0)
        self.close()

    def close(self) -> None:
        """Let go of it, so that another program may go on with it; an empty one is taken away."""
        file, self._file = self._file, None
        if file is None:
            return
        if self._locked and not os.fstat(file.fileno()).st_size:
            with contextlib.suppress(OSError):
                self.path.unlink(missing_ok=True)
        self._locked = False
        file.close()


def _lock(file: io.FileIO) -> bool:
    """Lock a file until it is closed; False if another one has it. A file system without locks goes without."""
    try:
        if sys.platform == "win32":
            import msvcrt

            file.seek(_LOCKED_BYTE)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            file.seek(0)
        else:
            import fcntl

            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:
        return True
    return True


def _sync_folder(folder: Path) -> None:
    """Have the new name on the disk too, where a folder can be opened."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
