"""Training, first page: the pictures to learn from, the model to begin with, and the recipe."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from gui.state import AppState


class SetupPage(QWidget):
    """Choose a folder and look at it, choose a model and a recipe, and start; a run is asked for through the facts."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._facts = state.training
        QVBoxLayout(self)
