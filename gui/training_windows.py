"""The windows of training: setting up and watching a run, and fine-tuning on corrections."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QMessageBox, QWidget

from core.settings import Settings
from gui.state import AppState

if TYPE_CHECKING:
    from gui.dialogs.train.train_window import TrainWindow


class TrainingWindows(QObject):
    """Opens them when a person asks; there is one of each, and it stays open beside the window."""

    def __init__(self, state: AppState, settings: Settings, window: QWidget) -> None:
        super().__init__(window)
        self._state, self._settings, self._window = state, settings, window
        self.train_window: TrainWindow | None = None
        self.question: QMessageBox | None = None
        state.training.window_wanted.connect(self.show_training)

    @Slot()
    def show_training(self) -> None:
        """Open the window of training, or bring it to the front; the folder opened last is proposed if it may be a data set."""
        from gui.dialogs.train.places import looks_like_dataset

        facts = self._state.training
        folder = next((Path(text) for text in self._settings.recent if Path(text).is_dir()), None)
        if facts.data is None and folder is not None and looks_like_dataset(folder):
            facts.set_data(folder)
        if self.train_window is None:
            from gui.dialogs.train.train_window import TrainWindow

            self.train_window = TrainWindow(self._state, self._window)
        self.train_window.show()
        self.train_window.raise_()
        self.train_window.activateWindow()

    def may_close(self) -> bool:
        """Whether the program may end now; where a run is under way a person is asked, and a yes closes the window later."""
        if not self._state.training.active:
            return True
        if self.question is None:
            self.question = self._ask()
        self.question.open()
        return False

    def _ask(self) -> QMessageBox:
        question = QMessageBox(self._window)
        question.setObjectName("stopTraining")
        question.setIcon(QMessageBox.Icon.Question)
        question.setText("A training run is under way.")
        question.setInformativeText(
            "Quitting stops it. Its last whole epoch is kept in its folder: choose the same folder again, and go on from there."
        )
        stop = question.addButton("Stop and Quit", QMessageBox.ButtonRole.AcceptRole)
        keep = question.addButton("Keep Training", QMessageBox.ButtonRole.RejectRole)
        question.setDefaultButton(keep)
        question.setEscapeButton(keep)
        stop.clicked.connect(self._stop_and_close)
        return question

    @Slot()
    def _stop_and_close(self) -> None:
        if not self._state.training.active:  # it ended while the question stood there
            self._window.close()
            return
        self._state.training.stage_changed.connect(self._close_when_over)
        self._state.training.want_stop()

    @Slot(str)
    def _close_when_over(self, _stage: str) -> None:
        if not self._state.training.active:
            self._state.training.stage_changed.disconnect(self._close_when_over)
            self._window.close()
