"""File > Train on a Folder: sets a run up and shows it; stays open beside the window."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, Qt, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QButtonGroup, QDialog, QHBoxLayout, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from gui import theme
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
        self.steps = QWidget(self)
        self.to_setup = self._step("Set Up", "The pictures, the model and the recipe of the next run")
        self.to_run = self._step("Run", "The run as it goes, and what came of it")
        self._lay_out()
        self.run.again_wanted.connect(self.show_setup)
        self._facts.stage_changed.connect(self._follow)
        self._follow(self._facts.stage)

    def _step(self, text: str, tip: str) -> QToolButton:
        button = QToolButton(self.steps)
        button.setText(text)
        button.setToolTip(tip)
        button.setProperty("segment", True)
        button.setCheckable(True)
        return button

    def _lay_out(self) -> None:
        group = QButtonGroup(self.steps)
        row = QHBoxLayout(self.steps)
        row.setContentsMargins(16, 12, 16, 0)
        row.setSpacing(theme.GRID)
        for button, show in ((self.to_setup, self.show_setup), (self.to_run, self.show_run)):
            group.addButton(button)
            row.addWidget(button)
            button.clicked.connect(show)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.steps)
        layout.addWidget(self.pages)

    @Slot()
    def show_setup(self) -> None:
        """Show the first page, whose values stay what they were."""
        self._turn_to(self.setup)

    @Slot()
    def show_run(self) -> None:
        """Show the second page."""
        self._turn_to(self.run)

    @Slot(str)
    def _follow(self, stage: str) -> None:
        """A run that begins is shown; one that ends stays shown until a person turns away."""
        self.steps.setVisible(stage != "idle")
        if stage == "idle":
            self.show_setup()
        elif self._facts.active:
            self.show_run()
        self.to_setup.setEnabled(not self._facts.active)

    def _turn_to(self, page: QWidget) -> None:
        turned = self.pages.currentWidget() is not page
        self.pages.setCurrentWidget(page)
        focus = self.focusWidget()
        if turned and page is self.run and (focus is None or not self.steps.isAncestorOf(focus)):
            self.run.take_focus()  # the control that had it went out of sight with its page
        (self.to_setup if page is self.setup else self.to_run).setChecked(True)

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
