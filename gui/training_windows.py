"""The windows of training: setting up and watching a run, and fine-tuning on corrections."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from core.settings import Settings
from gui.dialogs.train.places import looks_like_dataset
from gui.dialogs.train.train_window import TrainWindow
from gui.state import AppState


class TrainingWindows(QObject):
    """Opens them when a person asks; there is one of each, and it stays open beside the window."""

    def __init__(self, state: AppState, settings: Settings, window: QWidget) -> None:
        super().__init__(window)
        self._state, self._settings, self._window = state, settings, window
        self.train_window: TrainWindow | None = None
        state.training.window_wanted.connect(self.show_training)

    @Slot()
    def show_training(self) -> None:
        """Open the window of training, or bring it to the front; the folder opened last is proposed if it may be a data set."""
        facts = self._state.training
        folder = next((Path(text) for text in self._settings.recent if Path(text).is_dir()), None)
        if facts.data is None and folder is not None and looks_like_dataset(folder):
            facts.set_data(folder)
        if self.train_window is None:
            self.train_window = TrainWindow(self._state, self._window)
        self.train_window.show()
        self.train_window.raise_()
        self.train_window.activateWindow()
