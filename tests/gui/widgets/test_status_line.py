from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QProgressBar, QStatusBar, QToolButton
from pytestqt.qtbot import QtBot

from core.types import DeviceInfo, Failure, JobProgress
from gui.state import AppState
from gui.widgets.status_line import StatusLine, format_milliseconds
from tests.gui.samples import CPU, classification, model


@pytest.fixture
def line(state: AppState, qtbot: QtBot) -> StatusLine:
    widget = StatusLine(state)
    qtbot.addWidget(widget)
    widget.resize(1000, 28)
    widget.show()
    return widget


def facts(line: StatusLine) -> str:
    return line.findChild(QLabel, "statusFacts").text()


def test_name(line: StatusLine) -> None:
    assert isinstance(line, QStatusBar)
    assert line.objectName() == "statusBar"


def test_device_model_and_times(state: AppState, line: StatusLine) -> None:
    assert facts(line) == "Loading the model…"
    state.set_devices((CPU,))
    state.set_model(model())
    assert facts(line) == "CPU · resnet50"
    state.set_classification(classification())
    assert facts(line) == "CPU · resnet50 · decode 4 ms · preprocess 2 ms · forward 21 ms"
    state.set_failure(Failure("missing", "“a.jpg” is gone."))
    assert facts(line) == "CPU · resnet50"


def test_a_long_device_name_does_not_push_the_times_out(state: AppState, line: StatusLine) -> None:
    state.set_devices((DeviceInfo("cpu", "A Processor With A Very Long Name And Sixty-Four Cores Of It", None, None),))
    state.set_model(model())
    state.set_classification(classification())
    line.resize(800, 28)
    assert facts(line) == "CPU · resnet50 · decode 4 ms · preprocess 2 ms · forward 21 ms"
    line.resize(1600, 28)
    assert facts(line).startswith("A Processor With")


def test_progress_comes_and_goes_without_moving_the_rest(state: AppState, line: StatusLine, qtbot: QtBot) -> None:
    state.set_model(model())
    label = line.findChild(QLabel, "statusFacts")
    QApplication.processEvents()
    before = (label.geometry(), line.sizeHint())
    assert not line.findChild(QProgressBar).isVisible()
    state.set_progress(JobProgress(120, 500, "Classifying"))
    bar = line.findChild(QProgressBar)
    assert bar.isVisible()
    assert (bar.value(), bar.maximum()) == (120, 500)
    assert line.findChild(QLabel, "statusProgress").text() == "Classifying 120 of 500"
    assert (label.geometry(), line.sizeHint()) == before
    state.set_progress(None)
    assert not bar.isVisible()
    assert (label.geometry(), line.sizeHint()) == before


def test_unknown_total_and_own_words(state: AppState, line: StatusLine) -> None:
    text = line.findChild(QLabel, "statusProgress")
    state.set_progress(JobProgress(7, 0, "Looking for pictures"))
    assert text.text() == "Looking for pictures 7"
    assert line.findChild(QProgressBar).maximum() == 0
    state.set_progress(JobProgress(7, 9, "Classifying 7 of 9"))
    assert text.text() == "Classifying 7 of 9"


def test_cancel(state: AppState, line: StatusLine, qtbot: QtBot) -> None:
    state.set_progress(JobProgress(1, 2, "Classifying"))
    with qtbot.waitSignal(line.cancel_requested, timeout=0):
        qtbot.mouseClick(line.findChild(QToolButton, "cancelWork"), Qt.MouseButton.LeftButton)


@pytest.mark.parametrize(("value", "text"), [(0.42, "0.4 ms"), (1.8, "2 ms"), (999.4, "999 ms"), (1320, "1.3 s")])
def test_milliseconds(value: float, text: str) -> None:
    assert format_milliseconds(value) == text
