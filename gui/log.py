"""The log: a file with the details of errors and what Qt says, for whoever wants to report them."""

from __future__ import annotations

import contextlib
import logging
import sys
from pathlib import Path

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

from core import paths

LIMIT = 1 << 20
"""Bytes after which the log begins anew; the one before is kept beside it."""

_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG, QtMsgType.QtInfoMsg: logging.INFO, QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR, QtMsgType.QtFatalMsg: logging.CRITICAL,
}  # fmt: skip


class QuietFileHandler(logging.FileHandler):
    """Opens its file with the first message, and does without where that cannot be done."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write a message, if the disk takes it."""
        with contextlib.suppress(OSError):
            super().emit(record)

    def handleError(self, record: logging.LogRecord) -> None:
        """Say nothing on the terminal: a full disk is nothing that a person at the window could read there."""


def log_file() -> Path:
    """Where the log is kept."""
    return paths.cache_dir() / "layerscope.log"


def begin() -> None:
    """Write warnings and errors into the file from now on, and what Qt says."""
    path = log_file()
    handler: logging.Handler = logging.NullHandler()
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_file() and path.stat().st_size > LIMIT:
            path.replace(path.with_suffix(".old.log"))
        handler = QuietFileHandler(path, encoding="utf-8", errors="backslashreplace", delay=True)
    form = "%(asctime)s %(name)s %(levelname)s %(message)s"
    logging.basicConfig(handlers=[handler], level=logging.WARNING, format=form)
    qInstallMessageHandler(_say)


def end() -> None:
    """Give Qt its own way of speaking back: while Python ends, it must not be called any more."""
    qInstallMessageHandler(None)


def _say(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    if kind == QtMsgType.QtFatalMsg and sys.stderr is not None:
        # Qt ends the program now; where no window could be opened, a terminal is all there is.
        print(f"layerscope: Qt cannot go on: {message}", file=sys.stderr, flush=True)
    logging.getLogger("qt").log(_LEVELS.get(kind, logging.WARNING), "%s", message)


def tail(lines: int) -> list[str]:
    """The last lines of the log; [] where there is none."""
    try:
        with log_file().open("rb") as file:
            file.seek(max(0, log_file().stat().st_size - 400 * lines))
            return file.read().decode("utf-8", "replace").splitlines()[-lines:]
    except OSError:
        return []
