"""The run of training: another process of this program, started, listened to, paused and stopped."""

from __future__ import annotations

from PySide6.QtCore import QObject

from gui.conductor import Conductor
from gui.state import AppState


class TrainingDesk(QObject):
    """Has a run as another process, and writes down as facts what it says."""

    def __init__(self, state: AppState, conductor: Conductor) -> None:
        super().__init__(conductor)
        self._facts = state.training
