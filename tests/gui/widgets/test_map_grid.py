from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QImage, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from core.insight.activations import present
from core.types import ActivationGrid, frozen
from gui import colourmaps, theme
from gui.state import AppState
from gui.widgets.map_canvas import MapCanvas
from gui.widgets.map_grid import MAX_SIDE, MIN_SIDE, MapGrid
from gui.widgets.map_layout import MapLayout
from gui.widgets.map_order import ORDERS
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
    original = MapCanvas._draw_tile

    def count(self: MapCanvas, painter: object, channel: int) -> None:
        drawn.append(channel)
        original(self, painter, channel)

    monkeypatch.setattr(MapCanvas, "_draw_tile", count)
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
