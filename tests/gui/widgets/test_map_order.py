"""The order of the maps, and the current one in it."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QColor, QHelpEvent, QImage
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from core.insight.activations import present
from core.types import ActivationGrid
from gui import theme
from gui.state import AppState
from gui.widgets.map_grid import MapGrid
from gui.widgets.map_order import ORDERS
from tests.gui import samples


@pytest.fixture
def grid(state: AppState, qtbot: QtBot) -> MapGrid:
    widget = MapGrid()
    qtbot.addWidget(widget)
    widget.resize(400, 300)
    widget.show()
    return widget


def picture(grid: MapGrid) -> QImage:
    return grid.viewport().grab().toImage()


def pixel(grid: MapGrid, position: QPoint) -> QColor:
    return picture(grid).pixelColor(position)


def read_order(grid: MapGrid) -> list[int]:
    """The channels in the order in which their tiles lie."""
    places = {channel: grid.tile_rect(channel) for channel in grid.channels}
    return sorted(places, key=lambda channel: (places[channel].y(), places[channel].x()))


@pytest.mark.parametrize("name", ORDERS[:4])
def test_order(grid: MapGrid, name: str) -> None:
    sample = samples.grid(12)
    grid.set_grid(sample)
    grid.set_side(40)
    grid.set_order(name)
    keys = {"Mean": -sample.mean, "Maximum": -sample.maximum, "Share of zeros": sample.zeros}
    key = keys.get(name, np.arange(12))
    expected = sorted(range(12), key=lambda channel: (key[channel], channel))
    assert read_order(grid) == expected
    assert list(grid.channels) == expected
    image = picture(grid)
    for channel in range(12):
        centre = grid.tile_rect(channel).center()
        assert image.pixelColor(centre).red() == samples.grey(channel)
        assert grid.channel_at(centre) == channel


def test_the_current_channel_stays_when_the_order_changes(grid: MapGrid, qtbot: QtBot) -> None:
    grid.set_grid(samples.grid(200))
    grid.set_current(3)
    with qtbot.assertNotEmitted(grid.current_changed):
        grid.set_order("Maximum")
    assert grid.current == 3
    assert read_order(grid)[-4] == 3
    assert grid.viewport().rect().contains(grid.tile_rect(3))
    assert grid.accessibleDescription().startswith("channel 3 · ")
    assert grid.accessibleDescription().endswith("sorted by maximum")
    tile = grid.tile_rect(3)
    assert pixel(grid, QPoint(tile.center().x(), tile.top() - 1)) == QColor(theme.colours().accent)


def test_the_order_stays_for_other_maps(grid: MapGrid) -> None:
    grid.set_order("Maximum")
    grid.set_grid(samples.grid(12))
    assert read_order(grid) == list(range(11, -1, -1))
    grid.set_grid(samples.grid(5))
    assert read_order(grid) == [4, 3, 2, 1, 0]


def test_keys_follow_the_order_shown(grid: MapGrid, qtbot: QtBot) -> None:
    grid.set_grid(samples.grid(40))
    grid.set_side(40)
    grid.set_order("Maximum")
    columns = sum(grid.tile_rect(channel).y() == grid.tile_rect(39).y() for channel in range(40))
    for key, wanted in (
        (Qt.Key.Key_Home, 39), (Qt.Key.Key_Right, 38), (Qt.Key.Key_Down, 38 - columns), (Qt.Key.Key_Left, 39 - columns),
        (Qt.Key.Key_End, 0), (Qt.Key.Key_Right, 0), (Qt.Key.Key_Home, 39), (Qt.Key.Key_Left, 39),
    ):  # fmt: skip
        qtbot.keyClick(grid, key)
        assert grid.current == wanted


def likeness() -> ActivationGrid:
    """Maps that turn from the first to the last, so that neighbours are the most alike."""
    angles = np.linspace(0, 2, 9) ** 1.1
    shapes = np.random.default_rng(0).normal(size=(2, 4, 4))
    shapes[1] -= shapes[0] * (shapes[0] * shapes[1]).sum() / (shapes[0] ** 2).sum()
    shapes /= np.linalg.norm(shapes, axis=(1, 2))[:, None, None]
    maps = (np.cos(angles)[:, None, None] * shapes[0] + np.sin(angles)[:, None, None] * shapes[1]).astype(np.float32)
    found = present(maps[None], samples.layer("turning", shape=(1, 9, 4, 4)), (samples.layer("turning", shape=(1, 9, 4, 4)),))
    assert isinstance(found, ActivationGrid)
    return found


def test_sorted_by_similarity_the_chosen_channel_stands_first(grid: MapGrid, qtbot: QtBot) -> None:
    grid.set_grid(likeness())
    grid.set_current(2)
    grid.set_order("Similarity")
    assert grid.channels == (2, 1, 3, 0, 4, 5, 6, 7, 8)
    assert grid.accessibleDescription().endswith("sorted by similarity to channel 2")
    assert "similarity to 2: 0.966" in grid.describe(3)
    qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=grid.tile_rect(8).center())
    assert grid.channels == (8, 7, 6, 5, 4, 3, 2, 1, 0)
    assert read_order(grid) == list(grid.channels)
    assert grid.viewport().rect().contains(grid.tile_rect(8))


def test_a_walk_with_the_keys_leaves_the_similar_ones_in_place(grid: MapGrid, qtbot: QtBot) -> None:
    grid.set_grid(likeness())
    grid.set_order("Similarity")
    grid.current_changed.connect(grid.set_current)  # as the window does, by way of its selection
    for wanted in (1, 2, 3):
        qtbot.keyClick(grid, Qt.Key.Key_Right)
        assert grid.current == wanted
    grid.step(1)
    qtbot.mouseClick(grid.viewport(), Qt.MouseButton.RightButton, pos=grid.tile_rect(5).center())
    assert grid.current == 5
    assert grid.channels == tuple(range(9))
    qtbot.keyClick(grid, Qt.Key.Key_Return)
    assert grid.channels[0] == 5
    grid.set_current(7)
    assert grid.channels[0] == 7


def test_sorted_by_contribution_once_it_is_known(grid: MapGrid, qtbot: QtBot) -> None:
    sample = samples.grid(200)
    grid.set_grid(sample)
    grid.set_order("Maximum")
    grid.set_current(3)
    before = grid.channels
    grid.set_order("Contribution")
    assert grid.channels == before
    assert "contribution" not in grid.describe(3)
    values = np.arange(200, dtype=np.float32) % 7 - 3
    values[50] = np.nan
    with qtbot.waitSignal(grid.order_settled, timeout=0):
        grid.set_contributions(values)
    expected = sorted(set(range(200)) - {50}, key=lambda channel: (-values[channel], channel))
    assert list(grid.channels) == [*expected, 50]
    assert grid.current == 3
    assert grid.viewport().rect().contains(grid.tile_rect(3))
    assert grid.describe(3).startswith("channel 3 · contribution 0 · min ")
    assert grid.accessibleDescription().endswith("sorted by contribution")
    grid.set_contributions(None)
    assert list(grid.channels) == [*expected, 50]
    grid.set_grid(samples.grid(200))
    assert list(grid.channels) == [*expected, 50]
    other = dataclasses.replace(sample, layer=samples.layer("other", shape=(1, 200, 4, 4)))
    grid.set_grid(other)
    assert grid.channels == tuple(range(200))
    grid.set_grid(other, values)
    assert list(grid.channels) == [*expected, 50]


def test_the_tooltip_says_what_the_maps_are_sorted_by(grid: MapGrid) -> None:
    grid.set_grid(samples.grid(12), np.linspace(0, 1, 12, dtype=np.float32))
    grid.set_order("Contribution")
    place = grid.tile_rect(11).center()
    QApplication.sendEvent(grid.viewport(), QHelpEvent(QEvent.Type.ToolTip, place, grid.viewport().mapToGlobal(place)))
    assert QToolTip.text().startswith("channel 11 · contribution 1 · min ")
    QToolTip.hideText()
