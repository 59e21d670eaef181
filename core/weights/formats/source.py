"""A file read once, from beginning to end, hashed on the way."""

from __future__ import annotations

import errno
import hashlib
import mmap
import os
import stat
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import numpy as np
import torch
from torch import Tensor

from core.weights.formats import limits
from core.weights.formats.problem import Problem, damaged

_STEP = 8 << 20
_SPARE = 16384
_TORCH_ALIGNMENT = 64  # bytes
_KINDS = (
    (stat.S_ISDIR, "is a folder; choose the weights file inside it."),
    (stat.S_ISFIFO, "is a pipe, not a file. Save what comes out of it to a file first."),
    (stat.S_ISSOCK, "is a socket, not a file. Choose a weights file."),
    (stat.S_ISCHR, "is a device, not a file. Choose a weights file."),
    (stat.S_ISBLK, "is a device, not a file. Choose a weights file."),
)


class Source:
    """The bytes of a weights file, in memory of their own.

    ``data`` is a writable view of all bytes, shape (size,), uint8; writing into it never reaches the file. The hash
    runs beside the reading: ``sha256()`` waits for it.

    Raises
    ------
    Problem
        If the path is no regular file, or cannot be opened or read; the kinds ``missing``, ``denied``, ``empty``,
        ``unsupported``, ``unreadable``.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._digest = hashlib.sha256()
        self._hasher = ThreadPoolExecutor(1, thread_name_prefix="sha256")
        self._hashed: Future[None] | None = None
        try:
            with _opened(path) as file:
                before = _state(file)
                self._memory = self._read(file, before[1])
                if _state(file) != before:
                    raise Problem("was changed while it was being read. Load it again.")
        except (OSError, Problem) as error:
            self._hasher.shutdown()
            raise (cannot_open(path, error) if isinstance(error, OSError) else error) from error
        self._room = memoryview(self._memory)
        self.data = self._room[: before[1]]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._hasher.shutdown()

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return len(self.data)

    def sha256(self) -> str:
        """Return the hash of the file in hexadecimal digits."""
        self.settle()
        return self._digest.hexdigest()

    def settle(self) -> None:
        """Wait until the bytes are no longer needed as they are in the file."""
        if self._hashed is not None:
            self._hashed.result()

    def tensor(self, start: int, length: int, alignment: int = 1) -> Tensor:
        """Return bytes as a tensor with a storage of its own, not a copy.

        Parameters
        ----------
        start, length
            Which bytes.
        alignment
            Address that the first one needs, a power of two of at most 16. Where the file does not give it, the bytes
            move down into the ``start % alignment`` bytes before them, which must be free: lengths and headers are.

        Returns
        -------
        uint8 of shape (length,).
        """
        if min(start, length) < 0 or start + length > self.size:
            raise damaged("a part of it lies beyond its end")
        if not length:
            return _nothing()
        shift = start % alignment
        if shift:
            self._move(start, length, shift)
        return torch.frombuffer(self.data[start - shift : start - shift + length], dtype=torch.uint8)

    def spread(self, places: Sequence[tuple[int, int]], free: int = 1) -> list[Tensor]:
        """Return parts of the file as tensors at addresses like those of torch's own, not copies.

        Calculating with numbers at odd addresses is slower, and gives other last digits.

        Parameters
        ----------
        places
            (start, length) of each part, ascending and apart from each other. All bytes behind the first may move.
        free
            How many bytes before each part are nobody's, a power of two: used where there is no room (mapped files).

        Returns
        -------
        uint8 of shape (length,) each.
        """
        targets, end = [], 0
        for start, length in places:
            target = max(start, end)
            target += -target % _TORCH_ALIGNMENT
            targets.append(target)
            end = target + length
            if start < 0 or start + length > self.size:
                raise damaged("a part of it lies beyond its end")
        if end > len(self._room):
            return [self.tensor(*place, free) for place in places]
        self.settle()
        whole = np.frombuffer(self._room, np.uint8)
        for (start, length), target in reversed(list(zip(places, targets, strict=True))):
            # From the end, and from the last to the first, so that nothing is overwritten before it has moved.
            for at in reversed(range(0, length if target != start else 0, _STEP)):
                stop = min(at + _STEP, length)
                whole[target + at : target + stop] = whole[start + at : start + stop]
        return [
            torch.frombuffer(self._room[target : target + length], dtype=torch.uint8) if length else _nothing()
            for (_, length), target in zip(places, targets, strict=True)
        ]

    def _move(self, start: int, length: int, shift: int) -> None:
        """Move bytes towards the beginning, in steps so that what numpy sets aside stays small."""
        self.settle()
        whole = np.frombuffer(self.data, np.uint8)
        for at in range(start, start + length, _STEP):
            end = min(at + _STEP, start + length)
            whole[at - shift : end - shift] = whole[at:end]

    def _read(self, file: BinaryIO, size: int) -> mmap.mmap | memoryview:
        if not size:
            raise Problem("is empty (0 bytes). Copy or download it again.", "empty")
        if size > limits.IN_MEMORY:
            mapped = mmap.mmap(file.fileno(), size, access=mmap.ACCESS_COPY)
            self._hash(memoryview(mapped))
            self.settle()
            return mapped
        try:
            # Not numpy's: it asks for huge pages, and to gather those takes longer than to read the file.
            # The room behind costs nothing before it is written into; see spread().
            view = torch.empty(size + size // 4 + _SPARE, dtype=torch.uint8).numpy().data.cast("B")
        except (MemoryError, RuntimeError) as error:
            raise Problem(f"needs {size >> 20} MB of memory, which are not free. Close other programs.") from error
        for start in range(0, size, _STEP):
            part = view[start : min(start + _STEP, size)]
            done = 0
            while done < len(part):
                count = file.readinto(part[done:])  # type: ignore[attr-defined]
                if not count:
                    raise Problem("was changed while it was being read. Load it again.")
                done += count
            self._hash(part)
        return view

    def _hash(self, part: memoryview) -> None:
        # One thread takes them in order, so the last to come is the last to end.
        self._hashed = self._hasher.submit(self._digest.update, part)


def _nothing() -> Tensor:
    return torch.empty(0, dtype=torch.uint8)


def cannot_open(path: Path, error: OSError) -> Problem:
    """Return in words why a file cannot be opened or read."""
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        if path.is_symlink():
            return Problem("is a link to a file that is not there. Choose the file itself.", "missing")
        return Problem("", "missing")
    if error.errno == errno.ELOOP:
        return Problem("is a link that leads back to itself. Choose the file itself.", "missing")
    if isinstance(error, PermissionError) and not path.is_dir():
        return Problem("may not be read by this user account.", "denied")
    if isinstance(error, IsADirectoryError | PermissionError):
        return Problem(_KINDS[0][1], "unsupported")
    return Problem(f"could not be read: {error.strerror or error}.")


def _opened(path: Path) -> BinaryIO:
    """Open a regular file; a pipe would wait for somebody to write into it, so that is asked before and after."""
    try:
        _check_kind(path.stat().st_mode)
    except ValueError as error:  # a NUL in the name
        raise Problem("", "missing") from error
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
    file = os.fdopen(os.open(path, flags), "rb", buffering=0)
    try:
        _check_kind(os.fstat(file.fileno()).st_mode)
    except Problem:
        file.close()
        raise
    return file


def _check_kind(mode: int) -> None:
    for matches, words in _KINDS:
        if matches(mode):
            raise Problem(words, "unsupported")


def _state(file: BinaryIO) -> tuple[int, int]:
    """What changes when somebody writes into a file."""
    about = os.fstat(file.fileno())
    return about.st_mtime_ns, about.st_size
