"""The windows of training: setting up and watching a run, and fine-tuning on corrections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from gui.state import AppState

if TYPE_CHECKING:
    from gui.dialogs.train.train_window import TrainWindow


class TrainingWindows(QObject):
    """Opens them when a person asks; there is one of each, and it stays open beside the window."""

    def __init__(self, state: AppState, window: QWidget) -> None:
        super().__init__(window)
        self._state, self._window = state, window
        self.train_window: TrainWindow | None = None
        state.training.window_wanted.connect(self.show_training)

    @Slot()
    def show_training(self) -> None:
        """Open the window of training, or bring it to the front."""
        if self.train_window is None:
            from gui.dialogs.train.train_window import TrainWindow

            self.train_window = TrainWindow(self._state, self._window)
        self.train_window.show()
        self.train_window.raise_()
        self.train_window.activateWindow()
