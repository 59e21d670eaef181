"""What the maps do under the pointer, and while it is over the picture."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.types import frozen
from gui import theme
from gui.state import AppState
from gui.widgets.map_grid import MapGrid
from tests.gui import samples


@pytest.fixture
def grid(state: AppState, qtbot: QtBot) -> MapGrid:
    widget = MapGrid()
    qtbot.addWidget(widget)
    widget.resize(400, 300)
    widget.show()
    return widget


def on_screen(grid: MapGrid) -> QImage:
    """What the window's own surface holds; ``grab`` would draw everything anew."""
    return grid.screen().grabWindow(grid.winId()).toImage()


def move(grid: MapGrid, place: QPoint) -> None:
    button = Qt.MouseButton.NoButton
    event = QMouseEvent(QEvent.Type.MouseMove, QPointF(place), grid.viewport().mapToGlobal(QPointF(place)), button, button,
                        Qt.KeyboardModifier.NoModifier)  # fmt: skip
    QApplication.sendEvent(grid.viewport(), event)


def test_every_map_pixel_is_told_with_its_value(grid: MapGrid, qtbot: QtBot) -> None:
    values = np.random.default_rng(0).normal(size=(5, 3, 4)).astype(np.float32)
    values[4, 2, 3] = np.nan
    grid.set_grid(dataclasses.replace(samples.grid(5, 3, 4), values=frozen(values)))
    heard: list[object] = []
    grid.pixel_hovered.connect(heard.append)
    tile = grid.tile_rect(2)
    for row in range(3):
        for column in range(4):
            heard.clear()
            move(grid, tile.topLeft() + QPoint((2 * column + 1) * tile.width() // 8, (2 * row + 1) * tile.height() // 6))
            assert heard == [(2, row, column)]
            value = f"{values[2, row, column]:.5g}".replace("-", "−")
            assert grid.accessibleDescription().endswith(f"channel 2 · row {row} · column {column} · {value}")
    move(grid, grid.tile_rect(4).bottomRight())
    assert grid.accessibleDescription().endswith("channel 4 · row 2 · column 3 · NaN")
    heard.clear()
    QApplication.sendEvent(grid.viewport(), QEvent(QEvent.Type.Leave))
    assert heard == [None]
    assert "NaN" not in grid.accessibleDescription()


def surfaces(grid: MapGrid, change: Callable[[], None]) -> tuple[QImage, QImage, QImage]:
    """What is on the screen before a change, after it, and when all of it is drawn anew."""
    QApplication.processEvents()
    before = on_screen(grid)
    change()
    QApplication.processEvents()
    after = on_screen(grid)
    grid.viewport().update()
    QApplication.processEvents()
    return before, after, on_screen(grid)


@pytest.mark.parametrize("side", [32, 48, 100])
def test_what_is_drawn_anew_is_enough(grid: MapGrid, qtbot: QtBot, side: int) -> None:
    grid.set_grid(samples.grid(300, 9, 5))
    grid.set_side(side)
    qtbot.waitExposed(grid)
    grid.verticalScrollBar().setValue(77)
    changes = (
        lambda: move(grid, QPoint(60, 60)), lambda: move(grid, QPoint(200, 200)), lambda: move(grid, QPoint(1, 1)),
        lambda: grid.set_lit((1, 1, 4, 3)), lambda: grid.set_lit((2, 0, 9, 5)), lambda: grid.set_lit((8, 4, 9, 5)),
        lambda: grid.set_lit(None), lambda: grid.set_current(grid.channel_at(QPoint(100, 150))), lambda: grid.step(1),
    )  # fmt: skip
    for change in changes:
        _, after, anew = surfaces(grid, change)
        assert after == anew


def test_the_units_that_see_a_point_are_marked_on_every_tile(grid: MapGrid, qtbot: QtBot) -> None:
    grid.set_grid(samples.grid(12))
    grid.set_side(64)
    qtbot.waitExposed(grid)
    before, after, _ = surfaces(grid, lambda: grid.set_lit((1, 2, 3, 4)))
    for channel in range(12):
        tile = grid.tile_rect(channel)
        inside, outside = tile.topLeft() + QPoint(48, 32), tile.topLeft() + QPoint(16, 48)
        assert after.pixelColor(inside).lightness() > before.pixelColor(inside).lightness()
        assert after.pixelColor(outside) == before.pixelColor(outside)
        assert after.pixelColor(tile.topLeft() + QPoint(48, 16)) == QColor(theme.colours().field)
    assert grid.accessibleDescription().endswith("rows 1–2, columns 2–3 see this point")
    grid.set_lit((0, 0, 1, 1))
    assert grid.accessibleDescription().endswith("row 0, column 0 see this point")
    _, after, _ = surfaces(grid, lambda: grid.set_lit(None))
    assert after == before


def test_other_maps_forget_what_was_lit(grid: MapGrid) -> None:
    grid.set_grid(samples.grid(12))
    grid.set_lit((1, 1, 2, 2))
    grid.set_grid(samples.grid(12, 2, 2))
    assert grid.lit is None
