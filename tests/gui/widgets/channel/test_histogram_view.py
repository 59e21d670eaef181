from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from gui.state import AppState
from gui.widgets.channel.histogram_view import HistogramView
from tests.gui.widgets.channel.maps import noise


@pytest.fixture
def view(state: AppState, qtbot: QtBot) -> HistogramView:
    view = HistogramView()
    qtbot.addWidget(view)
    view.resize(300, 104)
    view.show()
    return view


def test_bars_are_as_high_as_numpy_counts(view):
    values = noise(1, 30)
    view.set_values(values)
    counts, edges = np.histogram(values.astype(np.float64), view.bars)
    heights = np.array([view.bar_rect(bar).height() for bar in range(view.bars)])
    expected = counts / counts.max() * view.plot_rect().height()
    np.testing.assert_allclose(heights, np.where(counts > 0, np.maximum(expected, 1), 0), atol=1e-6)
    words = f"{edges[3]:.3g} to {edges[4]:.3g} · {counts[3]} value{'s' * int(counts[3] != 1)}".replace("-", "−")
    assert view.bar_words(3) == words
    view.set_log(True)
    heights = np.array([view.bar_rect(bar).height() for bar in range(view.bars)])
    expected = np.log1p(counts) / np.log1p(counts.max()) * view.plot_rect().height()
    np.testing.assert_allclose(heights, np.where(counts > 0, np.maximum(expected, 1), 0), atol=1e-6)


def test_pointer_and_keys_mark_a_bar(view, qtbot):
    view.set_values(noise(1, 30))
    told = []
    view.bar_marked.connect(told.append)
    column = view.bar_rect(7)
    qtbot.mouseMove(view, QPoint(round(column.center().x()), 40))
    assert told == [view.bar_words(7)]
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_Right)
    assert told[-1] == view.bar_words(8)
    qtbot.keyClick(view, Qt.Key.Key_Home)
    qtbot.keyClick(view, Qt.Key.Key_Left)
    assert told[-1] == view.bar_words(0)
    qtbot.keyClick(view, Qt.Key.Key_End)
    assert told[-1] == view.bar_words(view.bars - 1)
    view.set_values(noise(1, 30, 1))
    assert told[-1] == ""


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (np.full((3, 3), np.nan, np.float32), "No finite values"),
        (np.full((3, 3), 0.25, np.float32), "9 values; the highest bar: around 0.25 · 9 values"),
        (np.array([[2.0]], np.float32), "1 values; the highest bar: around 2 · 1 value"),
    ],
)
def test_odd_values(view, values, words):
    view.set_values(values)
    assert view.accessibleDescription() == words
    view.grab()


def test_every_column_is_a_bar(view):
    view.set_values(noise(1, 30))
    for bar in range(view.bars):
        assert view.bar_at(view.bar_rect(bar).center()) == bar
