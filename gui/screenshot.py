"""Renders the window once everything has arrived: ``layerscope --screenshot``, and starts without a display."""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtWidgets import QApplication

from core.types import Failure
from gui.conductor import Conductor
from gui.main_window import MainWindow
from gui.state import AppState

SETTLE = 250
"""Milliseconds of rest after the last answer: the strip asks for thumbnails a moment after it was laid out."""
PATIENCE = 300_000
"""Milliseconds after which nothing more is expected to come."""


class Screenshot(QObject):
    """Waits for the first rest of the conductor, grabs the window, writes the file, and closes.

    ``status`` is the exit status: 0, or 1 if the picture was not written or nothing came in time.
    """

    def __init__(self, window: MainWindow, state: AppState, conductor: Conductor, target: Path) -> None:
        super().__init__(window)
        self._window, self._conductor, self._target = window, conductor, target
        self.status = 1
        self._rest = QTimer(self, interval=SETTLE, singleShot=True)
        self._rest.timeout.connect(self._shoot)
        self._alarm = QTimer(self, interval=PATIENCE, singleShot=True)
        self._alarm.timeout.connect(self._give_up)
        self._alarm.start()
        conductor.idled.connect(self._rest.start)
        state.notice_raised.connect(self._report)

    @Slot(object)
    def _report(self, failure: Failure) -> None:
        print(f"layerscope: {failure.message}", file=sys.stderr)

    @Slot()
    def _shoot(self) -> None:
        if not self._conductor.idle:
            return
        part = self._target.with_name(f"{self._target.name}.part")
        if self._window.grab().save(str(part), "PNG"):
            part.replace(self._target)
            self.status = 0
        else:
            part.unlink(missing_ok=True)
            print(f"layerscope: {self._target} could not be written. Choose another folder.", file=sys.stderr)
        self._close()

    @Slot()
    def _give_up(self) -> None:
        print("layerscope: the window was not ready within five minutes; nothing was written.", file=sys.stderr)
        self._close()

    def _close(self) -> None:
        self._window.close()
        QApplication.quit()
