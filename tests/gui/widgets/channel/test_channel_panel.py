"""The panel “Channel”: what it shows of a map, and what a person can do with it."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.insight.channel_heat import channel_heat
from core.insight.field import units_seeing
from core.types import ChannelDetails, Failure, Kernel, NetworkInput, frozen
from gui import colourmaps, theme
from gui.facts.channel_facts import BESIDE, BLENDED, OFF
from gui.state import AppState
from gui.widgets.channel.channel_panel import ChannelPanel
from gui.widgets.heat_overlay import steps_of
from tests.gui.painted import painted, rgb
from tests.gui.pictures import network_input, picture, plain, refs
from tests.gui.samples import model
from tests.gui.widgets.channel.maps import FACTS, grid_of, noise


@pytest.fixture
def panel(state: AppState, qtbot: QtBot) -> ChannelPanel:
    theme.choose(QApplication.instance(), "light")
    panel = ChannelPanel(state)
    qtbot.addWidget(panel)
    panel.resize(320, 900)
    with qtbot.waitExposed(panel):
        panel.show()
    return panel


def open_picture(state: AppState, box: tuple[float, float, float, float] = (0, 0, 224, 224)) -> NetworkInput:
    image = refs(1)[0]
    state.append_images((image,))
    state.set_image(image)
    state.set_picture(picture(image, plain(224, 224)))
    seen = NetworkInput(plain(224, 224), box, network_input(box).preprocessing)
    state.set_network_input(seen)
    return seen


def middle(panel: ChannelPanel, row: int, column: int) -> QPoint:
    QApplication.processEvents()  # the layout waits for its turn
    return panel.map.canvas.unit_rect((row, column)).center().toPoint()


def test_every_unit_has_the_colour_of_its_value(state, panel):
    open_picture(state)
    grid = grid_of(noise(), **FACTS)
    state.set_activations(grid)
    state.selection.set_channel(2)
    heat = channel_heat(grid, 2, state.network_input)
    assert heat.diverging
    table = colourmaps.table(colourmaps.AROUND_ZERO)
    image = painted(panel.map.canvas)
    for row, column in ((0, 0), (3, 9), (13, 13), (7, 0)):
        at = middle(panel, row, column)
        expected = QColor(table[steps_of(heat)[row, column]]).getRgb()[:3]
        assert tuple(image[at.y(), at.x()]) == expected
    assert panel.map.legend.text == f"{-max(abs(heat.values.min()), heat.values.max()):.3g} to ".replace("-", "−") + (
        f"{max(abs(heat.values.min()), heat.values.max()):.3g}"
    )


def test_the_map_is_square_and_as_wide_as_the_panel(state, panel):
    open_picture(state)
    state.set_activations(grid_of(noise(side=14)))
    place = panel.map.canvas.map_rect()
    assert place.width() == place.height() == pytest.approx(panel.map.width(), abs=1)
    panel.resize(320, 260)
    assert panel.map.canvas.height() < 260


def test_value_row_and_column_under_the_pointer(state, panel, qtbot):
    open_picture(state)
    values = noise()
    state.set_activations(grid_of(values))
    hovered = []
    state.unit_hovered.connect(hovered.append)
    qtbot.mouseMove(panel.map.canvas, middle(panel, 3, 9))
    assert state.hovered_unit == (3, 9)
    assert panel.map.readout.text() == f"row 3 · column 9 · {values[0, 3, 9]:.4g}".replace("-", "−")
    assert panel.map.readout.text().split(" · ")[-1] in panel.map.canvas.accessibleDescription()
    state.hover_unit(None)
    largest = np.unravel_index(values[0].argmax(), (14, 14))
    assert panel.map.readout.text().startswith(f"largest: row {largest[0]} · column {largest[1]} · ")


def test_arrow_keys_move_the_cursor_and_enter_chooses(state, panel, qtbot):
    open_picture(state)
    values = noise()
    state.set_activations(grid_of(values))
    canvas = panel.map.canvas
    canvas.setFocus()
    qtbot.keyClick(canvas, Qt.Key.Key_Right)
    assert state.hovered_unit == np.unravel_index(values[0].argmax(), (14, 14))
    for key, expected in (
        (Qt.Key.Key_Home, (0, 0)), (Qt.Key.Key_Left, (0, 0)), (Qt.Key.Key_Down, (1, 0)), (Qt.Key.Key_Right, (1, 1)),
        (Qt.Key.Key_End, (13, 13)), (Qt.Key.Key_Down, (13, 13)), (Qt.Key.Key_Up, (12, 13)),
    ):  # fmt: skip
        qtbot.keyClick(canvas, key)
        assert state.hovered_unit == expected
    qtbot.keyClick(canvas, Qt.Key.Key_Return)
    assert state.channel.unit == (12, 13)
    state.hover_unit(None)
    assert panel.map.readout.text().startswith("chosen: row 12 · column 13 · ")
    qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=middle(panel, 5, 6))
    assert state.channel.unit == (5, 6)


def test_a_unit_hovered_elsewhere_is_outlined_here(state, panel):
    open_picture(state)
    state.set_activations(grid_of(noise()))
    before = painted(panel.map.canvas)
    state.hover_unit((4, 4))
    after = painted(panel.map.canvas)
    corner = panel.map.canvas.unit_rect((4, 4)).topLeft().toPoint()
    assert tuple(after[corner.y(), corner.x()]) == rgb(theme.LIGHT.field)
    assert (before != after).any()


def test_units_that_see_a_point_of_the_picture_light_up(state, panel):
    seen = open_picture(state, (10, 20, 234, 244))
    grid = grid_of(noise(), **FACTS)
    state.set_activations(grid)
    bright = painted(panel.map.canvas)
    point = (100.0, 80.0)
    state.selection.hover_point(point)
    lit = units_seeing(grid.layer, 14, 14, point, seen)
    assert lit is not None
    image = painted(panel.map.canvas)
    for row in range(14):
        for column in range(14):
            at = middle(panel, row, column)
            inside = lit[0] <= row < lit[2] and lit[1] <= column < lit[3]
            assert (image[at.y(), at.x()] == bright[at.y(), at.x()]).all() == inside, (row, column)
    state.selection.hover_point(None)
    assert (painted(panel.map.canvas) == bright).all()
    state.selection.hover_point((2.0, 2.0))  # outside of the crop
    assert (painted(panel.map.canvas) == bright).all()


def test_side_by_side_shows_the_crop_and_the_map_at_its_place(state, panel):
    open_picture(state)
    # Without padding: the first unit looks at pixels 0 to 31, so half of its stride is left free at each border.
    grid = grid_of(noise(side=13), receptive_field=(32, 32), stride=(16, 16), offset=(15.5, 15.5))
    state.set_activations(grid)
    state.channel.set_mode(BESIDE)
    crop, canvas = panel.map.crop, panel.map.canvas
    QApplication.processEvents()
    assert crop.isVisible()
    assert crop.size() == canvas.size()
    assert crop.y() == canvas.y()
    assert crop.geometry().right() < canvas.x()
    place, scale = canvas.map_rect(), canvas.width() / 224
    assert place.left() == pytest.approx(8 * scale, abs=1)
    assert place.right() == pytest.approx((8 + 13 * 16) * scale, abs=1)
    assert (painted(crop)[10, 10] == plain(224, 224)[0, 0]).all()
    state.channel.set_mode(OFF)
    assert not crop.isVisible()
    assert canvas.map_rect().width() > place.width()


def test_pointing_at_the_crop_points_at_the_picture(state, panel, qtbot):
    open_picture(state, (10, 20, 234, 244))
    state.set_activations(grid_of(noise(), **FACTS))
    state.channel.set_mode(BESIDE)
    QApplication.processEvents()
    qtbot.mouseMove(panel.map.crop, QPoint(panel.map.crop.width() // 2, panel.map.crop.height() // 4))
    assert state.selection.point == pytest.approx((122, 76), abs=2)


@pytest.mark.parametrize("side", [1, 7, 224])
def test_maps_of_all_sizes(state, panel, side, qtbot):
    open_picture(state)
    values = noise(2, side)
    # One place a channel is a vector; here it is a map of one row and column beside another channel's.
    state.set_activations(grid_of(values if side > 1 else np.repeat(values, 2, axis=2)))
    image = painted(panel.map.canvas)
    assert image.shape[0] >= 64
    qtbot.mouseMove(panel.map.canvas, middle(panel, side - 1, side - 1))
    assert state.hovered_unit is not None
    assert panel.map.histogram.bars >= 1


@pytest.mark.parametrize(
    ("values", "words", "red"),
    [
        (np.full((1, 4, 4), np.nan), "no finite value", "16"),
        (np.full((1, 4, 4), 0.5), "constant 0.5", "0"),
        (np.array([[[np.nan, 1.0], [np.inf, -np.inf]]]), "largest: row 0 · column 1 · 1", "1"),
    ],
)
def test_values_that_are_odd(state, panel, values, words, red):
    open_picture(state)
    state.set_activations(grid_of(values))
    assert panel.map.readout.text() == words
    assert panel.map.statistics.text("NaN") == red
    label = panel.map.statistics._values["NaN"]
    assert (label.property("tone") == "error") == (red != "0")
    image = painted(panel.map.canvas)
    if red != "0":
        at = middle(panel, 0, 0)
        assert tuple(image[at.y(), at.x()]) == rgb(theme.LIGHT.error)


def test_statistics_are_those_of_the_values(state, panel):
    open_picture(state)
    values = np.maximum(noise(), 0)
    values[1, 0, :3] = [np.nan, np.inf, -np.inf]
    state.set_activations(grid_of(values))
    state.selection.set_channel(1)
    finite = values[1][np.isfinite(values[1])].astype(np.float64)
    shown = panel.map.statistics.text
    assert shown("mean") == f"{finite.mean():.3g}"
    assert shown("std") == f"{finite.std():.3g}"
    assert (shown("min"), shown("max")) == ("0", f"{finite.max():.3g}")
    assert shown("zeros") == f"{100 * (values[1] == 0).mean():.0f} %"
    assert (shown("NaN"), shown("infinite"), shown("values")) == ("1", "2", "196")
    assert "NaN 1, infinite 2" in panel.map.statistics.accessibleDescription()


def test_the_number_of_the_channel_is_the_same_everywhere(state, panel):
    open_picture(state)
    state.set_activations(grid_of(noise(5)))
    panel.number.setValue(3)
    assert state.selection.channel == 3
    state.selection.set_channel(4)
    assert panel.number.value() == 4
    assert panel._of.text() == "of 5"


def test_overlay_mode_and_opacity(state, panel, qtbot):
    open_picture(state)
    state.set_activations(grid_of(noise()))
    controls = panel.map.controls
    assert not controls.opacity.isVisible()
    controls.mode.setCurrentText(BLENDED)
    assert state.channel.mode == BLENDED
    assert controls.opacity.isVisible()
    controls.opacity.setValue(25)
    assert state.overlays["channel"].opacity == 0.25
    state.channel.toggle_mode()
    assert controls.mode.currentText() == OFF
    state.channel.set_mode(BESIDE)
    state.channel.toggle_mode()
    state.channel.toggle_mode()
    assert controls.mode.currentText() == BESIDE


def test_scrolling_past_changes_nothing(state, panel):
    open_picture(state)
    state.set_activations(grid_of(noise()))
    wheel = QWheelEvent(
        QPointF(5, 5), panel.map.controls.mode.mapToGlobal(QPointF(5, 5)), QPoint(), QPoint(0, -120),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(panel.map.controls.mode, wheel)
    assert state.channel.mode == OFF


def test_effective_field_is_asked_for_and_told(state, panel, qtbot):
    assert not panel.field.button.isEnabled()
    open_picture(state)
    state.set_activations(grid_of(noise()))
    with qtbot.waitSignal(state.channel.field_asked, timeout=1000):
        qtbot.mouseClick(panel.field.button, Qt.MouseButton.LeftButton)
    state.channel.set_field(None, "The gradient is zero.")
    assert panel.field.words.text() == "The gradient is zero."
    assert "(E)" in panel.field.button.toolTip()
    assert "(O)" in panel.map.controls.mode.toolTip()


def test_nothing_is_wanted_while_it_is_hidden(state, panel):
    assert state.channel.wanted_by("panel")
    panel.hide()
    assert not state.channel.wanted_by("panel")
    state.set_activations(grid_of(noise()))  # costs nothing now
    open_picture(state)
    panel.show()
    assert panel.map.isVisible()


def test_without_a_picture_and_after_a_failure(state, panel):
    assert panel._empty.text().startswith("No picture yet")
    open_picture(state)
    state.set_activations(grid_of(noise()))
    assert not panel._empty.isVisible()
    state.set_failure(Failure("unreadable", "It cannot be read."))
    assert panel._empty.text().startswith("This picture has no answer")
    assert not panel.map.isVisible()


def test_kernel_and_the_way_to_its_layer(state, panel, qtbot):
    state.set_model(model())
    state.set_layer("stem.1")
    kernel = Kernel("stem.0", "Conv2d", frozen(noise(4, 3)), bias=0.5)
    state.channel.set_details(ChannelDetails("stem.1", 0, kernel, None, "BatchNorm2d has no kernel of its own."))
    assert "Kernel of stem.0" in panel.kernel.text
    assert "no kernel of its own" in panel.kernel.text
    assert "bias 0.5" in panel.kernel.text
    qtbot.mouseClick(panel.kernel._go, Qt.MouseButton.LeftButton)
    assert state.layer == "stem.0"


def test_tab_walks_from_the_number_to_the_map_and_on(state, panel, qtbot):
    open_picture(state)
    state.set_activations(grid_of(noise()))
    state.channel.set_mode(BLENDED)
    body = panel.map
    panel.number.setFocus()
    for wanted in (body.canvas, body.controls.mode, body.controls.opacity, body.log, body.histogram, panel.field.button):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        assert QApplication.focusWidget() is wanted


def test_everything_has_a_name_and_follows_the_theme(state, panel):
    open_picture(state)
    state.set_activations(grid_of(noise()))
    for part in (panel.number, panel.map.canvas, panel.map.controls.mode, panel.map.histogram, panel.map.statistics):
        assert part.accessibleName()
    assert "14 by 14 values" in panel.map.canvas.accessibleDescription()
    light = painted(panel.map.canvas)
    theme.choose(QApplication.instance(), "dark")
    try:
        assert (painted(panel.map.canvas) != light).any()
    finally:
        theme.choose(QApplication.instance(), "light")
