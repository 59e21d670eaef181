from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QImage, QWheelEvent
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from core.types import ActivationGrid, frozen
from gui import colourmaps, theme
from gui.state import AppState
from gui.widgets.map_grid import MAX_SIDE, MIN_SIDE, MapGrid
from gui.widgets.map_layout import MapLayout
from gui.widgets.map_tiles import MapTiles
from gui.widgets.map_words import describe_nans, describe_range, explain_map, format_share
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


def test_each_tile_shows_its_map(grid: MapGrid) -> None:
    grid.set_grid(samples.grid(12))
    grid.set_side(40)
    image = picture(grid)
    for channel in range(12):
        tile = grid.tile_rect(channel)
        assert image.pixelColor(tile.center()).getRgb()[:3] == (samples.grey(channel),) * 3
        assert image.pixelColor(tile.topLeft()) == QColor("white")


def test_a_small_map_is_enlarged_by_whole_pixels(grid: MapGrid) -> None:
    grid.set_grid(samples.grid(3))
    grid.set_side(47)
    tile, image = grid.tile_rect(1), picture(grid)
    assert tile.size() == QSize(48, 48)
    white = [image.pixelColor(tile.left() + x, tile.top()) == QColor("white") for x in range(48)]
    assert white == [True] * 12 + [False] * 36


def test_a_large_map_is_averaged(grid: MapGrid) -> None:
    checks = (np.indices((1, 96, 96)).sum(0) % 2 * 2 - 1).astype(np.float32)
    grid.set_grid(dataclasses.replace(samples.grid(1, 96, 96), values=frozen(checks)))
    grid.set_side(32)
    assert 100 < pixel(grid, grid.tile_rect(0).center()).red() < 155


def test_tiles_flow_with_the_width(grid: MapGrid) -> None:
    grid.set_grid(samples.grid(12))
    grid.set_side(40)
    wide = [grid.tile_rect(channel).topLeft() for channel in range(12)]
    grid.resize(200, 300)
    narrow = [grid.tile_rect(channel).topLeft() for channel in range(12)]
    assert len({place.y() for place in narrow}) > len({place.y() for place in wide})
    assert all(grid.tile_rect(channel).right() < grid.viewport().width() for channel in range(12))
    assert len({(place.x(), place.y()) for place in narrow}) == 12


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
@pytest.mark.parametrize("native", [QSize(7, 7), QSize(55, 55), QSize(224, 224), QSize(1, 30)])
def test_layout_finds_each_channel_again(native: QSize, ratio: float) -> None:
    layout = MapLayout.of(count=50, native=native, side=64, ratio=ratio, width=333, label=12)
    for channel in range(50):
        assert layout.index_at(layout.tile(channel).center()) == channel
        assert channel in layout.indices_between(layout.tile(channel).top(), layout.tile(channel).top())
    assert layout.cell(49).bottom() < layout.height
    assert layout.device_size.width() % native.width() == 0 or layout.shrinks


def test_tiles_are_sharp_at_device_pixel_ratio_2(state: AppState) -> None:
    layout = MapLayout.of(count=4, native=QSize(7, 7), side=64, ratio=2.0, width=300, label=12)
    assert layout.device_size == QSize(126, 126)
    assert layout.target(0).width() == 63.0


def test_only_what_is_seen_is_drawn(grid: MapGrid, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[int] = []
    original = MapTiles.image

    def count(self: MapTiles, channel: int) -> QImage:
        drawn.append(channel)
        return original(self, channel)

    monkeypatch.setattr(MapTiles, "image", count)
    grid.set_grid(samples.grid(2048, 7, 7))
    grid.set_side(32)
    picture(grid)
    assert 0 < len(set(drawn)) < 150
    grid.verticalScrollBar().setValue(grid.verticalScrollBar().maximum())
    drawn.clear()
    picture(grid)
    assert 2047 in drawn
    assert 0 not in drawn


def test_arrow_keys_move_the_current_channel(grid: MapGrid, qtbot: QtBot) -> None:
    grid.set_grid(samples.grid(40))
    grid.set_side(40)
    columns = sum(grid.tile_rect(channel).y() == grid.tile_rect(0).y() for channel in range(40))
    with qtbot.waitSignal(grid.current_changed, timeout=0) as signal:
        qtbot.keyClick(grid, Qt.Key.Key_Right)
    assert signal.args == [1]
    qtbot.keyClick(grid, Qt.Key.Key_Down)
    assert grid.current == 1 + columns
    qtbot.keyClick(grid, Qt.Key.Key_Up)
    qtbot.keyClick(grid, Qt.Key.Key_Up)
    assert grid.current == 1
    qtbot.keyClick(grid, Qt.Key.Key_Left)
    qtbot.keyClick(grid, Qt.Key.Key_Left)
    assert grid.current == 0
    qtbot.keyClick(grid, Qt.Key.Key_End)
    assert grid.current == 39
    assert grid.viewport().rect().contains(grid.tile_rect(39))
    qtbot.keyClick(grid, Qt.Key.Key_Home)
    assert grid.current == 0
    assert grid.viewport().rect().contains(grid.tile_rect(0))


def test_the_current_channel_wears_the_accent(grid: MapGrid, qtbot: QtBot) -> None:
    grid.set_grid(samples.grid(12))
    tile = grid.tile_rect(3)
    accent, above = QColor(theme.colours().accent), QPoint(tile.center().x(), tile.top() - 1)
    assert pixel(grid, above) != accent
    qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=tile.center())
    assert grid.current == 3
    assert pixel(grid, above) == accent


def test_a_click_between_tiles_chooses_nothing(grid: MapGrid, qtbot: QtBot) -> None:
    grid.set_grid(samples.grid(12))
    with qtbot.assertNotEmitted(grid.current_changed):
        qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(3, 3))


def wheel(grid: MapGrid, delta: int, modifiers: Qt.KeyboardModifier) -> None:
    centre = QPointF(grid.viewport().rect().center())
    event = QWheelEvent(
        centre, grid.viewport().mapToGlobal(centre), QPoint(), QPoint(0, delta), Qt.MouseButton.NoButton, modifiers,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(grid.viewport(), event)


def test_wheel_scrolls_and_with_control_changes_the_size(grid: MapGrid, qtbot: QtBot) -> None:
    grid.set_grid(samples.grid(200))
    side = grid.side
    wheel(grid, -120, Qt.KeyboardModifier.NoModifier)
    assert grid.verticalScrollBar().value() > 0
    assert grid.side == side
    with qtbot.waitSignal(grid.side_changed, timeout=0):
        wheel(grid, 120, Qt.KeyboardModifier.ControlModifier)
    assert grid.side > side
    for _ in range(60):
        wheel(grid, -120, Qt.KeyboardModifier.ControlModifier)
    assert grid.side == MIN_SIDE
    grid.set_side(1000)
    assert grid.side == MAX_SIDE


def on_screen(grid: MapGrid) -> QImage:
    """What the window's own surface holds; ``grab`` would draw everything anew."""
    return grid.screen().grabWindow(grid.winId()).toImage()


def test_scrolling_shows_the_same_as_drawing_anew(grid: MapGrid, qtbot: QtBot) -> None:
    grid.set_grid(samples.grid(300))
    grid.set_side(48)
    qtbot.waitExposed(grid)
    QApplication.processEvents()
    before = on_screen(grid)
    grid.verticalScrollBar().setValue(137)
    QApplication.processEvents()
    scrolled = on_screen(grid)
    assert scrolled != before
    grid.viewport().update()
    QApplication.processEvents()
    assert scrolled == on_screen(grid)


def test_colour_map(grid: MapGrid) -> None:
    grid.set_grid(samples.grid(12))
    grid.set_colour_map("Viridis")
    expected = QColor.fromRgb(colourmaps.table("Viridis")[samples.grey(4)])
    assert pixel(grid, grid.tile_rect(4).center()) == expected


def test_other_maps_keep_the_place(grid: MapGrid, qtbot: QtBot) -> None:
    grid.set_grid(samples.grid(200))
    grid.set_current(150)
    place = grid.verticalScrollBar().value()
    grid.set_grid(samples.grid(200))
    assert (grid.current, grid.verticalScrollBar().value()) == (150, place)
    grid.set_grid(samples.grid(20))
    assert grid.current == 19


def test_tooltip_gives_the_range(grid: MapGrid, qtbot: QtBot) -> None:
    sample: ActivationGrid = samples.grid(12)
    grid.set_grid(sample)
    place = grid.tile_rect(0).center()
    event = QHelpEvent(QEvent.Type.ToolTip, place, grid.viewport().mapToGlobal(place))
    QApplication.sendEvent(grid.viewport(), event)
    assert QToolTip.text() == "channel 0 · min −1 · max 1 · mean 0.5 · std 0.25 · zeros 0 %"
    QToolTip.hideText()
    assert "channel 0" in grid.accessibleDescription()


def test_a_constant_map_is_called_so() -> None:
    assert describe_range(0.0, 0.0) == "constant 0"
    assert describe_range(-2.0, -2.0) == "constant −2"


def test_values_that_are_not_numbers_are_counted() -> None:
    sample = dataclasses.replace(samples.grid(3), nans=frozen(np.array([0, 1234, 1], np.int32)))
    assert [describe_nans(sample, channel) for channel in range(3)] == ["", "1,234 NaN", "1 NaN"]
    assert explain_map(sample, 1).endswith(" · zeros 70 % · 1,234 NaN")


def test_shares_are_not_rounded_to_none_or_all() -> None:
    assert [format_share(share) for share in (0, 1e-4, 0.354, 0.996, 1)] == ["0 %", "< 1 %", "35 %", "> 99 %", "100 %"]


def test_only_so_many_images_are_kept(grid: MapGrid) -> None:
    grid.set_grid(samples.grid(300, 7, 7))
    tiles = grid._tiles
    assert tiles is not None
    tiles._most = 100
    first = tiles.image(0)
    for channel in range(1, 300):
        tiles.image(channel)
    tiles.forget_oldest()
    assert len(tiles._images) == 100
    assert tiles.image(0) == first


def test_theme_change_repaints(grid: MapGrid, monkeypatch: pytest.MonkeyPatch) -> None:
    grid.set_grid(samples.grid(2))
    corner = QPoint(1, 1)
    assert pixel(grid, corner) == QColor(theme.LIGHT.canvas)
    monkeypatch.setattr(theme, "is_dark", lambda: True)
    QApplication.sendEvent(grid, QEvent(QEvent.Type.PaletteChange))
    assert pixel(grid, corner) == QColor(theme.DARK.canvas)


def test_a_window_that_is_resized_colours_nothing_anew(grid: MapGrid) -> None:
    grid.set_grid(samples.grid(12))
    picture(grid)
    image = grid._tiles.image(3)
    grid.resize(500, 280)
    picture(grid)
    assert grid._tiles.image(3) is image
    grid.set_side(100)
    picture(grid)
    assert grid._tiles.image(3).width() == 100
