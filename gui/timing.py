"""When the window was painted and the first picture answered, for ``bench/startup.py``; nothing unless it is asked for."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Slot
from PySide6.QtWidgets import QWidget

from core.types import Classification
from gui.state import AppState

VARIABLE = "LAYERSCOPE_TIMING"
"""Environment variable: the file that the moments are written to."""


def note_moments(window: QWidget, state: AppState) -> None:
    """Note them if the environment names a file for it."""
    target = os.environ.get(VARIABLE)
    if target:
        Moments(window, state, Path(target))


class Moments(QObject):
    """Writes one JSON object at the first answer, and is done.

    ``painted`` and ``answered`` are seconds of ``time.monotonic()``, which on Linux is one clock for all processes, so that
    whoever started this one can subtract; ``longest_gap_ms`` is the longest time between two ticks of a 5 ms timer in
    between.
    """

    def __init__(self, window: QWidget, state: AppState, target: Path) -> None:
        super().__init__(window)
        self._window, self._state, self._target = window, state, target
        self._painted = self._last = self._longest = 0.0
        self._pulse = QTimer(self, interval=5, timerType=Qt.TimerType.PreciseTimer)
        self._pulse.timeout.connect(self._tick)
        window.installEventFilter(self)
        state.classification_changed.connect(self._answer)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Wait for the first paint of the window."""
        if event.type() == QEvent.Type.Paint:
            self._window.removeEventFilter(self)
            QTimer.singleShot(0, self._paint)
        return super().eventFilter(watched, event)

    @Slot()
    def _paint(self) -> None:
        self._painted = self._last = time.monotonic()
        self._pulse.start()

    @Slot()
    def _tick(self) -> None:
        now = time.monotonic()
        self._longest, self._last = max(self._longest, now - self._last), now

    @Slot(object)
    def _answer(self, classification: Classification | None) -> None:
        if classification is None:
            return
        self._tick()
        self._pulse.stop()
        self._state.classification_changed.disconnect(self._answer)
        moments = {"painted": self._painted, "answered": time.monotonic(), "longest_gap_ms": 1000 * self._longest}
        part = self._target.with_name(self._target.name + ".part")
        part.write_text(json.dumps(moments), encoding="utf-8")
        part.replace(self._target)
