"""Writes into the journal of the run what happens in the window, as it happens: models, pictures, layers, actions."""

from __future__ import annotations

import sys

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QAction

from core.types import Failure, ImageRef, ModelInfo
from gui import crash_journal, session
from gui.crash_journal import Journal
from gui.main_window import MainWindow


class RunNotes(QObject):
    """Listens to the state and the actions; of pictures it writes their paths, and nothing of what is in them."""

    def __init__(self, journal: Journal, window: MainWindow) -> None:
        super().__init__(window)
        self._journal, self._window, self._state = journal, window, window.state
        state = window.state
        for changed in (state.spec_chosen, state.device_chosen, state.truth_restored):
            changed.connect(self.note_model)
        for loaded in (state.model_changed, state.model_moved):
            loaded.connect(self._loaded)
        state.image_changed.connect(self._image)
        state.layer_changed.connect(self._layer)
        state.notice_raised.connect(self._notice)
        for action in window.actions_by_key.values():
            action.triggered.connect(self._action)

    @Slot(bool)
    def begin(self, asked: bool) -> None:
        """Look how the last run ended, and note what is to be loaded in this one, and whether it was ``asked`` for."""
        self._window.recovery.begin(self._journal, crash_journal.left_behind(), asked=asked)
        self.note_model()

    @Slot()
    def note_model(self, *_: object) -> None:
        """Note which model is wanted now: should loading it end the program, it was this one."""
        self._journal.note_model(session.spec_fields(self._state.spec) | {"device": self._state.device})

    @Slot(object)
    def _loaded(self, model: ModelInfo) -> None:
        torch = getattr(sys.modules.get("torch"), "__version__", "not loaded")
        self._journal.note(f"loaded {model.title} on {model.device}, torch {torch}")

    @Slot(object)
    def _image(self, image: ImageRef | None) -> None:
        self._journal.note(f"picture {image.path if image is not None else 'none'}")

    @Slot(str)
    def _layer(self, layer: str) -> None:
        self._journal.note(f"layer {layer}")

    @Slot(object)
    def _notice(self, failure: Failure) -> None:
        self._journal.note(f"notice ({failure.kind}) {failure.message}")

    @Slot()
    def _action(self) -> None:
        action = self.sender()
        if isinstance(action, QAction):
            self._journal.note(f"action {action.objectName().removeprefix('action_')}")
