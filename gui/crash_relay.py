"""Errors that nobody caught: into the log, and as a sentence on the window; never a traceback on the terminal."""

from __future__ import annotations

import logging
import sys
import threading
from types import TracebackType

from PySide6.QtCore import QObject, Signal, Slot

from core.types import Failure
from gui.state import AppState

log = logging.getLogger(__name__)


class CrashRelay(QObject):
    """Takes over ``sys.excepthook``, which may be called in any thread, and tells the window through a signal."""

    _caught = Signal(str)

    def __init__(self, state: AppState, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._caught.connect(self._tell)

    def install(self) -> None:
        """Start to listen."""
        sys.excepthook = self._hook
        threading.excepthook = self._thread_hook

    def uninstall(self) -> None:
        """Give back Python's own hooks."""
        sys.excepthook = sys.__excepthook__
        threading.excepthook = threading.__excepthook__

    def _thread_hook(self, arguments: threading.ExceptHookArgs) -> None:
        if arguments.exc_value is not None:
            self._hook(arguments.exc_type, arguments.exc_value, arguments.exc_traceback)

    def _hook(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        log.error("not caught", exc_info=(kind, error, trace))
        self._caught.emit(f"{kind.__name__}: {error}")

    @Slot(str)
    def _tell(self, what: str) -> None:
        message = f"Something unexpected went wrong ({what}). You can go on; the log has the details."
        self._state.raise_notice(Failure("internal", message))
