"""When the window was painted and the first picture answered, for ``bench/startup.py``; nothing unless it is asked for."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Slot
from PySide6.QtWidgets import QWidget

from gui import steps

if TYPE_CHECKING:
    from gui.state import AppState

AFTER = 1500
"""Milliseconds after the answer in which the rest of torch is loaded."""


class Moments(QObject):
    """Writes one JSON object a while after the first answer, and is done.

    ``painted`` (the frame, which takes drops), ``filled`` (its panels) and ``answered`` (the first five categories are
    painted) are seconds of ``time.monotonic()``, which on Linux is one clock for all processes, so that whoever started
    this one can subtract;
    ``longest_gap_ms`` is the longest time between two ticks of a 5 ms timer in between, and ``gap_at`` its end;
    ``gap_after_ms`` is the longest one after the answer, while the rest of torch is loaded. ``steps`` maps the names of
    what was done until the answer to its end.
    """

    def __init__(self, window: QWidget, target: Path) -> None:
        super().__init__(window)
        self._window, self._target = window, target
        self._state: AppState | None = None
        self._moments: dict[str, object] = {}
        self._painted = self._filled = self._at = self._last = self._longest = 0.0
        self._pulse = QTimer(self, interval=5, timerType=Qt.TimerType.PreciseTimer)
        self._pulse.timeout.connect(self._tick)
        window.installEventFilter(self)

    @classmethod
    def asked_for(cls, window: QWidget) -> Moments | None:
        """Note the moments of a window that is not yet shown, if the environment names a file for them."""
        target = os.environ.get(steps.VARIABLE)
        return cls(window, Path(target)) if target else None

    def watch(self, state: AppState, answers: QWidget) -> None:
        """Note that the panels are there, and wait until the first answer is painted in that of the ``answers``."""
        self._filled, self._state, self._answers = time.monotonic(), state, answers
        answers.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Wait for the first paint of the window, and for that of the first answer."""
        if event.type() == QEvent.Type.Paint:
            if watched is self._window:
                watched.removeEventFilter(self)
                QTimer.singleShot(0, self._paint)
            elif self._state is not None and self._state.classification is not None:
                watched.removeEventFilter(self)
                QTimer.singleShot(0, self._answer)
        return super().eventFilter(watched, event)

    @Slot()
    def _paint(self) -> None:
        self._painted = self._last = time.monotonic()
        self._pulse.start()

    @Slot()
    def _tick(self) -> None:
        now = time.monotonic()
        if now - self._last > self._longest:
            self._longest, self._at = now - self._last, now
        self._last = now

    @Slot()
    def _answer(self) -> None:
        self._tick()
        self._moments = {
            "painted": self._painted, "filled": self._filled, "answered": self._last,
            "longest_gap_ms": 1000 * self._longest, "gap_at": self._at, "steps": dict(steps.done),
        }  # fmt: skip
        self._longest = 0.0
        QTimer.singleShot(AFTER, self._write)

    @Slot()
    def _write(self) -> None:
        self._pulse.stop()
        moments = self._moments | {"gap_after_ms": 1000 * self._longest}
        part = self._target.with_name(self._target.name + ".part")
        part.write_text(json.dumps(moments), encoding="utf-8")
        part.replace(self._target)
