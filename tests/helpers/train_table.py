"""The window in which a run of training is set up, as a person uses it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox

from core.types import AugmentPreview, TrainConfig
from gui.dialogs.train.train_window import TrainWindow
from gui.state import AppState
from gui.widgets.picker import Picker

LONG = 60_000
"""Milliseconds that a busy machine may need; nothing waits longer than it must."""


class Table:
    """The window of training, and what was asked for in it; no run is started."""

    def __init__(self, state: AppState, window: TrainWindow, qtbot: Any) -> None:
        self.state, self.window, self.qtbot = state, window, qtbot
        self.page = window.setup
        self.notices: list[Any] = []
        self.asked: list[tuple[TrainConfig, bool]] = []
        facts = self.state.training
        facts.run_wanted.connect(self._note)
        facts.run_wanted.disconnect()  # whatever would start a run
        facts.run_wanted.connect(self._note)

    def _note(self, config: TrainConfig, resume: bool) -> None:
        self.asked.append((config, resume))

    def choose(self, folder: Path) -> None:
        self.state.training.set_data(folder)
        self.wait_read()

    def wait_read(self) -> None:
        facts = self.state.survey

        def read() -> bool:
            return facts.failure is not None or (facts.survey is not None and facts.survey.read)

        self.qtbot.waitUntil(read, timeout=LONG)

    def wait_preview(self) -> AugmentPreview:
        facts, before = self.state.survey, self.state.survey.preview
        self.qtbot.waitUntil(lambda: facts.preview is not None and facts.preview is not before, timeout=LONG)
        assert isinstance(facts.preview, AugmentPreview)
        return facts.preview

    def edit(self, key: str, text: str) -> None:
        """Give a value of the recipe as a person does."""
        control = self.page.recipe.form.controls[key]
        if isinstance(control, QCheckBox):
            control.setChecked(text == "true")
        elif isinstance(control, Picker):
            row = control.find(text)
            control.setCurrentIndex(row)
            control.activated.emit(row)
        else:
            control.setFocus()
            control.selectAll()
            QTest.keyClicks(control, text) if text else QTest.keyClick(control, Qt.Key.Key_Delete)

    def start(self) -> TrainConfig:
        assert self.page.start.isEnabled(), self.page.problem()
        self.page.start.click()
        return self.asked[-1][0]
