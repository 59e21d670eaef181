from __future__ import annotations

import time

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from gui.state import AppState
from gui.widgets import busy_dimmer
from gui.widgets.busy_dimmer import BusyDimmer
from tests.gui.painted import painted


@pytest.fixture
def target(qtbot: QtBot) -> QWidget:
    target = QWidget()
    target.setStyleSheet("background: #ff0000")
    qtbot.addWidget(target)
    target.resize(120, 80)
    with qtbot.waitExposed(target):
        target.show()
    return target


def test_long_work_dims_and_its_end_does_not(state: AppState, target: QWidget, qtbot: QtBot) -> None:
    dimmer = BusyDimmer(target, state)
    before = painted(target)
    started = time.monotonic()
    state.set_busy(True)
    qtbot.waitUntil(dimmer.isVisible)
    assert time.monotonic() - started > 0.14
    qtbot.waitUntil(lambda: dimmer.shade == pytest.approx(busy_dimmer.SHADE))
    assert painted(target)[40, 60, 1] > 60
    target.resize(200, 150)
    assert dimmer.geometry() == target.rect()
    state.set_busy(False)
    assert not dimmer.isVisible()
    assert np.array_equal(painted(target)[:80, :120], before)


def test_short_work_shows_nothing(state: AppState, target: QWidget, qtbot: QtBot) -> None:
    dimmer = BusyDimmer(target, state)
    other = BusyDimmer(target, AppState())
    state.set_busy(True)
    state.set_busy(False)
    other._follow(True)
    qtbot.waitUntil(other.isVisible)
    assert not dimmer.isVisible()


def test_busy_from_the_start(state: AppState, target: QWidget, qtbot: QtBot) -> None:
    state.set_busy(True)
    dimmer = BusyDimmer(target, state)
    qtbot.waitUntil(dimmer.isVisible)


def test_clicks_pass_through(state: AppState, target: QWidget, qtbot: QtBot) -> None:
    button = QPushButton("Press", target)
    button.setGeometry(0, 0, 120, 80)
    button.show()
    dimmer = BusyDimmer(target, state)
    state.set_busy(True)
    qtbot.waitUntil(dimmer.isVisible)
    assert target.childAt(60, 40) is button
    with qtbot.waitSignal(button.clicked, timeout=1000):
        qtbot.mouseClick(target.windowHandle(), Qt.MouseButton.LeftButton, pos=button.geometry().center())
