from __future__ import annotations

import pytest
from PySide6.QtGui import QColor, QFontMetrics
from pytestqt.qtbot import QtBot

from gui import theme
from gui.itemmodels.unit_model import VALUE, UnitModel
from gui.state import AppState
from gui.widgets.unit_table import UnitTable
from gui.widgets.value_delegate import ValueDelegate, sign_colour
from tests.gui.samples import vector


def coloured(table: UnitTable, row: int, colour: str) -> list[int]:
    """Columns of the bar's line that have a colour, counted from the start of its scale."""
    cell = table.visualRect(table.model().index(row, VALUE))
    track = ValueDelegate.track(cell, QFontMetrics(theme.tabular(table.font())))
    image = table.viewport().grab().toImage()
    line = range(track.left(), track.right() + 1)
    return [x - track.left() for x in line if image.pixelColor(x, track.top() + 2) == QColor(colour)]


def test_bars_start_at_zero_on_one_scale(state: AppState, qtbot: QtBot) -> None:
    model = UnitModel()
    table = UnitTable(model)
    qtbot.addWidget(table)
    table.resize(500, 200)
    table.show()
    model.set_vector(vector([3.0, 1.5, -1.0]))
    metrics = QFontMetrics(theme.tabular(table.font()))
    width = ValueDelegate.track(table.visualRect(model.index(0, VALUE)), metrics).width()
    longest, half, negative = (coloured(table, row, sign_colour(1.0)) for row in range(3))
    assert len(longest) == pytest.approx(width * 3 / 4, abs=3)
    assert len(half) == pytest.approx(width * 1.5 / 4, abs=3)
    assert min(half) == pytest.approx(width / 4, abs=2)
    assert negative == []
    below = coloured(table, 2, sign_colour(-1.0))
    assert len(below) == pytest.approx(width / 4, abs=3)
    assert max(below) <= min(half)
