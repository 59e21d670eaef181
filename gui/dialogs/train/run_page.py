"""Training, second page: a run as it goes, and what came of it."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from gui.state import AppState


class RunPage(QWidget):
    """Curves, pace and time left; pause, stop, and use the model."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._facts = state.training
        QVBoxLayout(self)
