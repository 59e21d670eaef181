"""File > Train on a Folder: sets a run up and shows it; stays open beside the window."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, Qt, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent
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
        self.resize(900, 640)
        self.setMinimumSize(820, 560)
        self.setAcceptDrops(True)
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

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Welcome a folder while a run is set up."""
        if self.pages.currentWidget() is self.setup and _folder_in(event.mimeData()) is not None:
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        """Learn from the folder that was dropped."""
        folder = _folder_in(event.mimeData())
        if folder is not None and self.pages.currentWidget() is self.setup:
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self._facts.set_data(folder)


def _folder_in(mime: QMimeData) -> Path | None:
    paths = (Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile())
    return next((path for path in paths if path.is_dir()), None)
