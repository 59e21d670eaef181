"""File > Train on a Folder: sets a run up and shows it; stays open beside the window."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QDialog, QStackedWidget, QVBoxLayout, QWidget

from gui.dialogs.train.run_page import RunPage
from gui.dialogs.train.setup_page import SetupPage
from gui.state import AppState


class TrainWindow(QDialog):
    """Two pages: setting up, and the run. Closing it does not stop a run."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._facts = state.training
        self.setObjectName("trainWindow")
        self.setWindowTitle("Train")
        self.resize(880, 600)
        self.setup = SetupPage(state, self)
        self.run = RunPage(state, self)
        self.pages = QStackedWidget(self)
        self.pages.addWidget(self.setup)
        self.pages.addWidget(self.run)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.pages)
        self._facts.stage_changed.connect(self._show_page)
        self._show_page(self._facts.stage)

    @Slot(str)
    def _show_page(self, stage: str) -> None:
        self.pages.setCurrentWidget(self.setup if stage == "idle" else self.run)
