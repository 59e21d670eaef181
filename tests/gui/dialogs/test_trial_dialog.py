"""The table of protocols as a window, without the threads."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from core.types import Failure, FusionMember, JobProgress
from gui.dialogs.trial_dialog import TrialDialog
from gui.itemmodels.trial_model import AGREEMENT, TOP
from gui.state import AppState
from tests.gui import samples
from tests.gui.protocol_samples import crops, fused, prepare
from tests.helpers.alternatives import complaints


@pytest.fixture
def dialog(state: AppState, qtbot: QtBot) -> TrialDialog:
    prepare(state)
    made = TrialDialog(state)
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    return made


def test_it_runs_what_is_checked_and_stops(dialog: TrialDialog, state: AppState, qtbot: QtBot) -> None:
    trials = state.protocols.trials
    assert complaints(dialog) == []
    assert not dialog.copy.isEnabled()
    dialog.table.setCurrentIndex(dialog.rows.index(4, 0))
    dialog.table.setFocus()
    QTest.keyClick(dialog.table, Qt.Key.Key_Space)
    with qtbot.waitSignal(trials.wanted) as wanted:
        dialog.run.click()
    assert [one.name for one in wanted.args[0]] == [
        "single", "scale", "multi-scale", "ten-crop", "dense", "dense+multi-crop"
    ]  # fmt: skip
    trials.begin(wanted.args[0], state.image)
    trials.set_progress(JobProgress(1, 2, "Single: view 1 of 2"))
    assert dialog.stop.isVisible()
    assert not dialog.run.isVisible()
    assert dialog.note.text() == "Single: view 1 of 2"
    assert complaints(dialog) == []
    with qtbot.waitSignal(trials.called_off):
        dialog.stop.click()
    trials.set_progress(None)
    assert dialog.note.text() == "Stopped; 6 left."
    trials.add(fused())
    assert dialog.copy.isEnabled()


def test_the_reason_of_a_row_is_written_over_what_it_has_not(dialog: TrialDialog, state: AppState) -> None:
    trials = state.protocols.trials
    trials.begin(dialog.rows.wanted()[:2], state.image)
    trials.add(Failure("unsupported", "No."))
    trials.add(crops((256,), (0,)))
    assert [dialog.table.columnSpan(row, TOP) for row in range(3)] == [AGREEMENT - TOP + 1, 1, 1]
    trials.begin(dialog.rows.wanted()[:2], state.image)
    assert dialog.table.columnSpan(0, TOP) == 1


def test_nothing_runs_on_when_nobody_watches(dialog: TrialDialog, state: AppState, qtbot: QtBot) -> None:
    with qtbot.waitSignal(state.protocols.trials.called_off):
        dialog.close_button.click()
    dialog.show()
    with qtbot.waitSignal(state.protocols.trials.called_off):
        QTest.keyClick(dialog, Qt.Key.Key_Escape)


def test_it_says_what_it_is_about(dialog: TrialDialog, state: AppState) -> None:
    assert dialog.about.text() == "orange.jpg · resnet50"
    state.protocols.set_members((FusionMember(samples.RESNET),))
    assert dialog.about.text() == "orange.jpg · resnet50 and 1 other, fused"
    state.set_failure(Failure("truncated", "It ends too early."))
    assert not dialog.run.isEnabled()
    assert dialog.note.text() == "Open a picture first."
