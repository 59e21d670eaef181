"""What earlier searches found, kept on disk: the maxima of all channels of a layer, picture by picture."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import stat
import time
import zlib
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, cast

import numpy as np

from core import paths
from core.errors import ErrorKind, ImageError
from core.images import triage
from core.jobs import patches_database as database
from core.jobs.patches_maxima import PLACES, Maxima
from core.types import Box

LIMIT = 512 << 20
"""Bytes that the cache may hold; the oldest entries make room."""

SETTLED_NS = 2_000_000_000
"""A file that changed so many nanoseconds ago may change again without a new time: its hash is not remembered yet."""

_ENTRY = np.dtype([("values", "<f4", (PLACES,)), ("places", "<i4", (PLACES,))])
_notices: dict[Path, list[str]] = {}
"""What went otherwise than expected with each database since the program started."""


@dataclass(frozen=True, slots=True)
class FileState:
    """A file as it was met; ``sha256`` is that of its content."""

    path: Path
    size: int
    mtime_ns: int
    sha256: bytes


class PatchesCache:
    """A cache that never stands in the way: what it cannot read it does not have, what it cannot write it leaves.

    ``notices`` are sentences for a person: a damaged file was moved aside, or nothing can be kept. They are those since the
    program started, each once: a search that is given up before it has told them leaves them to the next. For one thread, to
    be used in a ``with`` statement.

    Parameters
    ----------
    path
        The database; made if it is missing. :func:`database_file` if None.
    limit
        Bytes it may hold.
    """

    def __init__(self, path: Path | None = None, limit: int = LIMIT) -> None:
        self._path = path or database_file()
        self._limit = limit
        self._connection: sqlite3.Connection | None = None
        self._writes = True
        self._anew = False
        self.notices = _notices.setdefault(self._path, [])

    def __enter__(self) -> PatchesCache:
        self._open()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._close()

    def identify(self, path: Path) -> FileState:
        """Say what a file holds; one that is as it was when it was last read is not read again.

        Raises
        ------
        ImageError
            If it cannot be read.
        """
        try:
            about = path.stat()
            if not stat.S_ISREG(about.st_mode):
                raise triage.not_a_file(path, folder=stat.S_ISDIR(about.st_mode))
            row = self._row("SELECT size, mtime_ns, sha256 FROM files WHERE path = ?", (os.fsencode(path),))
            if row is not None and row[:2] == (about.st_size, about.st_mtime_ns) and isinstance(row[2], bytes):
                return FileState(path, about.st_size, about.st_mtime_ns, row[2])
            with path.open("rb") as file:
                sha256 = hashlib.file_digest(file, "sha256").digest()
        except (OSError, ValueError) as error:
            raise triage.of_os_error(path, error) from error
        state = FileState(path, about.st_size, about.st_mtime_ns, sha256)
        self._remember(state)
        return state

    def unchanged(self, state: FileState) -> bool:
        """Whether a file still looks as it did when it was identified."""
        try:
            about = state.path.stat()
        except OSError:
            return False
        return (about.st_size, about.st_mtime_ns) == (state.size, state.mtime_ns)

    def failure(self, state: FileState) -> ImageError | None:
        """Return why a file could not be read as a picture, if that is known and it is as it was then."""
        row = self._row("SELECT sha256, failure, kind FROM files WHERE path = ?", (os.fsencode(state.path),))
        if row is None or row[0] != state.sha256 or not row[1]:
            return None
        return ImageError(row[1], kind=cast(ErrorKind, row[2]), path=state.path)

    def keep_failure(self, state: FileState, error: ImageError) -> None:
        """Note why a file cannot be read as a picture."""
        self._remember(state, error.message.encode("utf-8", "replace").decode(), error.kind)

    def look_up(self, layer: str, state: FileState) -> Maxima | None:
        """Return the maxima of a layer, named by :func:`core.jobs.patches_key.layer_key`, for a file, if they are there."""
        row = self._row(
            "SELECT width, height, box, row_count, column_count, content, crc FROM maxima WHERE picture = ? AND layer = ?",
            (state.sha256, bytes.fromhex(layer)),
        )
        return None if row is None else _unpacked(row)

    def keep(self, layer: str, state: FileState, maxima: Maxima) -> None:
        """Add the maxima of a layer for a file, in the place of what is there."""
        entries = np.empty(len(maxima.values), _ENTRY)
        entries["values"], entries["places"] = maxima.values, maxima.places
        content = entries.tobytes()
        row = (
            bytes.fromhex(layer), state.sha256, *maxima.size, json.dumps(maxima.box), maxima.rows, maxima.columns,
            content, zlib.crc32(content),
        )  # fmt: skip
        self._write(
            "INSERT OR REPLACE INTO maxima (layer, picture, width, height, box, row_count, column_count, content, crc) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            row,
        )
        self._make_room()

    def _remember(self, state: FileState, failure: str | None = None, kind: str | None = None) -> None:
        if time.time_ns() - state.mtime_ns > SETTLED_NS:
            row = (os.fsencode(state.path), state.size, state.mtime_ns, state.sha256, failure, kind)
            self._write("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?)", row)

    def _make_room(self) -> None:
        """Let the oldest eighth go as long as there is too much."""
        connection = self._connection
        try:
            while connection is not None and database.used_bytes(connection) > self._limit:
                with database.transaction(connection):
                    (count,) = connection.execute("SELECT count(*) FROM maxima").fetchone()
                    if not count:
                        connection.execute("DELETE FROM files")
                        return
                    oldest = "SELECT id FROM maxima ORDER BY id LIMIT ?"
                    connection.execute(f"DELETE FROM maxima WHERE id IN ({oldest})", (-(-count // 8),))
                    connection.execute("DELETE FROM files WHERE sha256 NOT IN (SELECT picture FROM maxima)")
        except sqlite3.Error as error:
            self._trouble(error)

    def _row(self, statement: str, values: tuple[Any, ...]) -> Any:
        if self._connection is None:
            return None
        try:
            return self._connection.execute(statement, values).fetchone()
        except sqlite3.Error as error:
            self._trouble(error)
            return None

    def _write(self, statement: str, values: tuple[Any, ...]) -> None:
        if self._connection is None or not self._writes:
            return
        try:
            self._connection.execute(statement, values)
        except sqlite3.Error as error:
            self._trouble(error)

    def _open(self) -> None:
        try:
            self._connection = database.connect(self._path)
        except (sqlite3.Error, OSError) as error:
            self._trouble(error)

    def _close(self) -> None:
        if self._connection is not None:
            connection, self._connection = self._connection, None
            connection.close()

    def _trouble(self, error: sqlite3.Error | OSError) -> None:
        """Start anew if the file is to blame, else go on without it; another program at work is no trouble."""
        if isinstance(error, sqlite3.Error):
            if database.is_damaged(error):
                self._start_anew(error)
                return
            if database.is_busy(error) and self._connection is not None:
                return
        if self._writes:
            self._writes = False
            reason = getattr(error, "strerror", None) or str(error)
            busy = isinstance(error, sqlite3.Error) and database.is_busy(error)
            advice = "Close the program that uses it" if busy else "Make room there, or make the folder writable"
            self._tell(
                f"What the search for patches finds cannot be kept in “{self._path}” ({reason}); the next search will take "
                f"as long. {advice}."
            )

    def _tell(self, notice: str) -> None:
        if notice not in self.notices:
            self.notices.append(notice)

    def _start_anew(self, error: sqlite3.Error) -> None:
        self._close()
        try:
            kept = database.move_aside(self._path)
            self._tell(
                f"What earlier searches for patches had found, “{self._path}”, could not be read ({error}). It was moved to "
                f"“{kept.name}”, and the search starts anew."
            )
            if not self._anew:
                self._anew = True
                self._open()
        except OSError as refused:
            self._trouble(refused)


def database_file() -> Path:
    """Where the maxima are kept."""
    return paths.cache_dir() / "patches.sqlite"


def _unpacked(row: Any) -> Maxima | None:
    """Turn a row back into maxima; None if it is not what was written."""
    width, height, box, rows, columns, content, crc = row
    try:
        if zlib.crc32(content) != crc:
            return None
        left, top, right, bottom = (float(edge) for edge in json.loads(box))
        entries = np.frombuffer(content, _ENTRY)
        corners: Box = (left, top, right, bottom)
        return Maxima(entries["values"], entries["places"], int(rows), int(columns), (int(width), int(height)), corners)
    except (TypeError, ValueError):
        return None
