"""The two pages of the window of training: which is shown, and where the keyboard is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from core.training.recipe import PRESETS
from core.types import BUILTIN_SPEC, EpochMetrics, TrainConfig, TrainOutcome, TrainProgress
from gui.dialogs.train.train_window import TrainWindow
from gui.state import AppState

EPOCH = EpochMetrics(1, 20, 1.0, 0.9, 0.5, 1.0, 1e-3, 64, 2.0, 100.0, 10**9, best=True)


@pytest.fixture
def window(state: AppState, qtbot) -> TrainWindow:
    window = TrainWindow(state)
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return window


@pytest.fixture
def config(tmp_path: Path) -> TrainConfig:
    return TrainConfig(tmp_path / "flowers", tmp_path / "model", BUILTIN_SPEC, PRESETS["quick"], "cpu")


def outcome(config: TrainConfig, names: tuple[str, ...]) -> TrainOutcome:
    table = tuple(tuple(int(row == column) for column in range(len(names))) for row in range(len(names)))
    return TrainOutcome(config.output, 1, 0.5, 1.0, 1.0, table, (EPOCH,), names)


def test_the_keyboard_follows_the_run(window, state, config):
    """Without the pointer: what was started can be paused, gone on with, and used, by Space alone."""
    facts, run = state.training, window.run
    window.setup.folder.setFocus()
    facts.begin(config)
    assert window.focusWidget() is run.pause
    asked = []
    facts.pause_wanted.connect(asked.append)
    QTest.keyClick(run.pause, Qt.Key.Key_Space)
    assert (asked, run.head.heading.text()) == ([True], "Pausing…")
    QTest.keyClick(window.focusWidget(), Qt.Key.Key_Space)  # too early: nothing is asked twice
    assert asked == [True]
    facts.set_stage("paused")
    QTest.keyClick(window.focusWidget(), Qt.Key.Key_Space)
    assert asked == [True, False]
    facts.set_stage("running")
    run.stop.setFocus()
    QTest.keyClick(run.stop, Qt.Key.Key_Space)
    assert facts.wish == "stop"
    facts.set_stage("stopped", can_go_on=True)
    assert window.focusWidget() is run.go_on
    facts.begin(config)
    facts.set_outcome(outcome(config, ("daisy", "rose")))
    facts.set_stage("done")
    assert window.focusWidget() is run.use


def test_a_step_that_was_chosen_keeps_the_keyboard(window, state, config):
    state.training.begin(config)
    state.training.set_stage("failed", "The disk is full.")
    window.to_setup.setFocus()
    QTest.keyClick(window.to_setup, Qt.Key.Key_Space)
    assert window.pages.currentWidget() is window.setup
    window.to_run.setFocus()
    QTest.keyClick(window.to_run, Qt.Key.Key_Space)
    assert (window.pages.currentWidget(), window.focusWidget()) == (window.run, window.to_run)


def test_the_folder_can_be_shown_as_soon_as_it_is_there(window, state, config):
    facts = state.training
    facts.begin(config)
    assert not window.run.folder.isEnabled()
    config.output.mkdir()
    facts.add_epoch(EPOCH)
    assert window.run.folder.isEnabled()


def test_what_learns_from_what_is_said_while_it_runs(window, state, config):
    state.training.begin(config)
    state.training.set_progress(TrainProgress("Training", 1, 31, 1, 20, 0.5))
    assert "learns from “flowers”; the result goes into" in window.run.head.explanation.text()


@pytest.mark.parametrize(("count", "told"), [(5, False), (6, True)])
def test_a_top_5_of_five_categories_is_not_told(window, state, config, count, told):
    facts = state.training
    facts.begin(config)
    facts.add_epoch(replace(EPOCH, top5=0.98 if told else 1.0))
    facts.set_outcome(outcome(config, tuple("abcdef"[:count])))
    facts.set_stage("done")
    assert ("top-5" in window.run.head.heading.text()) is told
    assert [one.name for one in window.run.curves.accuracy.curves] == (["top-1", "top-5"] if told else ["top-1"])


def test_categories_without_pictures_do_not_hide_the_others(window, state, config):
    facts, confusion = state.training, window.run.confusion
    names = tuple(f"category {number}" for number in range(100))
    table = [[0] * 100 for _ in names]
    table[98][98], table[99][98], table[99][3] = 4, 1, 2
    facts.begin(config)
    facts.set_outcome(TrainOutcome(config.output, 1, 0.5, 0.9, 1.0, tuple(map(tuple, table)), (EPOCH,), names))
    facts.set_stage("done")
    assert confusion.matrix.accessibleDescription().startswith("3 categories, 4 of 7 pictures recognised")
    assert confusion.words.text().endswith("; 97 without pictures are not shown")
    assert [confusion.pairs.item(row).text() for row in range(confusion.pairs.count())] == [
        "category 99 taken for category 3: 2 of 3 (66.7 %)", "category 99 taken for category 98: 1 of 3 (33.3 %)",
    ]  # fmt: skip
    confusion.pairs.setCurrentRow(0)
    assert confusion.words.text() == "category 99 taken for category 3: 2 of 3 (66.7 %)"
