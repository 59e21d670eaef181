"""The file behind the cache of maxima: a small SQLite database that may be damaged, foreign, full or locked."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

APPLICATION = 0x4C535043
"""Marks our databases (``PRAGMA application_id``)."""

VERSION = 1
"""Of the tables below, and of what stands in them; a database of another version is made anew."""

_TABLES = """
CREATE TABLE files (
    path BLOB PRIMARY KEY, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, sha256 BLOB NOT NULL, failure TEXT, kind TEXT
) WITHOUT ROWID;
CREATE TABLE maxima (
    id INTEGER PRIMARY KEY AUTOINCREMENT, layer BLOB NOT NULL, picture BLOB NOT NULL,
    width INTEGER NOT NULL, height INTEGER NOT NULL, box TEXT NOT NULL,
    row_count INTEGER NOT NULL, column_count INTEGER NOT NULL, content BLOB NOT NULL, crc INTEGER NOT NULL,
    UNIQUE (picture, layer)
);
"""

_WAIT = 1.0
"""Seconds to wait for another program that is writing."""

_OPENING = 10.0
"""Seconds to wait until a database that another program is making, or is closing, can be opened."""

_PAUSE = 0.02
"""Seconds between two tries to open it."""

_PASSING = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR}
"""The last is what a table that is missing or has other columns gives."""


class ForeignDatabase(sqlite3.DatabaseError):
    """The file is somebody else's."""


def is_damaged(error: sqlite3.Error) -> bool:
    """Whether an error says that the file cannot be used as it is; other errors may pass (locked, full, not writable)."""
    if isinstance(error, ForeignDatabase):
        return True
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGED


def is_busy(error: sqlite3.Error) -> bool:
    """Whether another program is at work in it, which passes."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _PASSING


def connect(path: Path) -> sqlite3.Connection:
    """Open the database, or make it.

    Raises
    ------
    sqlite3.Error, OSError
        If that cannot be done; :func:`is_damaged` and :func:`is_busy` say why.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    end = time.monotonic() + _OPENING
    while True:
        try:
            return _opened(path)
        except sqlite3.Error as error:
            # SQLite does not wait of itself where two change the mode of the journal at once.
            if not is_busy(error) or time.monotonic() > end:
                raise
        time.sleep(_PAUSE)


def _opened(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=_WAIT, isolation_level=None)
    try:
        # Before anything is written: it may be somebody else's.
        _check_owner(connection)
        connection.execute("PRAGMA journal_mode=WAL")
        # A crash of the machine may lose the last pictures, never the rest.
        connection.execute("PRAGMA synchronous=NORMAL")
        _make_tables(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _check_owner(connection: sqlite3.Connection) -> None:
    # Seen at one moment: another program may be making it just now.
    connection.execute("BEGIN")
    (owner,) = connection.execute("PRAGMA application_id").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    connection.execute("COMMIT")
    if owner != APPLICATION and (owner or tables):
        raise ForeignDatabase("it belongs to another program")


def _make_tables(connection: sqlite3.Connection) -> None:
    if connection.execute("PRAGMA user_version").fetchone()[0] == VERSION:
        return
    with transaction(connection):
        # Another program may have made them while this one waited.
        if connection.execute("PRAGMA user_version").fetchone()[0] == VERSION:
            return
        for name in ("files", "maxima"):
            connection.execute(f"DROP TABLE IF EXISTS {name}")
        for statement in filter(str.strip, _TABLES.split(";")):
            connection.execute(statement)
        connection.execute(f"PRAGMA application_id={APPLICATION}")
        connection.execute(f"PRAGMA user_version={VERSION}")


@contextlib.contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Write all of it or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


def move_aside(path: Path) -> Path:
    """Put a damaged or foreign file out of the way, with its journal, and return where it is now.

    Raises
    ------
    OSError
        If it cannot be moved.
    """
    kept = path.with_name(f"{path.name}.damaged")
    # The journal first: beside a new database it would be taken for that one's.
    for part in ("-wal", "-journal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            path.with_name(f"{path.name}{part}").replace(kept.with_name(f"{kept.name}{part}"))
    path.replace(kept)
    return kept


def used_bytes(connection: sqlite3.Connection) -> int:
    """Bytes of the file that hold something."""
    pages, free, size = (
        int(connection.execute(f"PRAGMA {name}").fetchone()[0]) for name in ("page_count", "freelist_count", "page_size")
    )
    return (pages - free) * size
