from __future__ import annotations

import itertools

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QRect, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QComboBox, QSlider, QWidget
from pytestqt.qtbot import QtBot

from core.types import Contributions, Failure, frozen
from gui import colourmaps, theme
from gui.facts.map_look import ORDERS, ZEROS
from gui.state import AppState
from gui.widgets.activation_view import ActivationView, summarise
from gui.widgets.map_colours import ALIKE
from gui.widgets.map_grid import MAX_SIDE
from tests.gui import samples


@pytest.fixture
def view(state: AppState, qtbot: QtBot) -> ActivationView:
    widget = ActivationView(state)
    qtbot.addWidget(widget)
    widget.resize(640, 400)
    widget.show()
    return widget


def shown_page(view: ActivationView) -> QWidget:
    return view._pages.currentWidget()


def test_empty_states(state: AppState, view: ActivationView) -> None:
    assert view._empty.isVisible()
    assert view._empty.text() == "Choose a layer"
    state.set_layer("head")
    assert view._empty.text() == "No picture yet"
    state.append_images([samples.ORANGE])
    state.set_image(samples.ORANGE)
    assert view._empty.text() == ""


def test_maps_and_their_header(state: AppState, view: ActivationView) -> None:
    state.set_activations(samples.grid(12, note="tokens as a 4×4 map"))
    assert shown_page(view) is view.grid
    assert view._name.text() == "blocks.0.conv"
    assert view._facts.text() == "Conv2d · 12 maps of 4 × 4 · tokens as a 4×4 map"
    view.resize(760, 400)
    assert view.readout.numbers.text() == "channel 0 · min −1 · max 1 · mean 0.5 · std 0.25 · zeros 0 %"


def test_the_header_follows_the_current_channel(state: AppState, view: ActivationView, qtbot: QtBot) -> None:
    state.set_activations(samples.grid(12))
    qtbot.keyClick(view.grid, Qt.Key.Key_Right)
    assert view.readout.numbers.text().startswith("channel 1 · ")


def test_a_vector_replaces_the_maps(state: AppState, view: ActivationView) -> None:
    state.set_activations(samples.grid(12))
    state.set_activations(samples.vector([1.0, -2.0, 3.0]))
    assert shown_page(view) is view.vector
    assert view._facts.text() == "Linear · 3 units · the 3 strongest below"
    assert not view.readout.isVisible()
    assert not view.findChild(QSlider, "tileSize").isVisible()


def test_what_is_shown_stays_until_the_answer(state: AppState, view: ActivationView) -> None:
    state.set_activations(samples.grid(12))
    before = view.grid.viewport().grab().toImage()
    state.set_layer("head")
    state.append_images([samples.ORANGE])
    state.set_image(samples.ORANGE)
    assert shown_page(view) is view.grid
    assert view._name.text() == "blocks.0.conv"
    assert view.grid.viewport().grab().toImage() == before
    state.set_activations(None)
    assert shown_page(view) is view._empty


def test_slider_and_combo_drive_the_maps(state: AppState, view: ActivationView, qtbot: QtBot) -> None:
    state.set_activations(samples.grid(12))
    slider, combo = view.findChild(QSlider, "tileSize"), view.findChild(QComboBox, "colourMap")
    qtbot.keyClick(slider, Qt.Key.Key_End)
    assert view.grid.side == MAX_SIDE
    view.grid.set_side(64)
    assert slider.value() == 64
    qtbot.keyClick(combo, Qt.Key.Key_Down)
    assert view.grid.colour_map == "Viridis"


def test_the_header_does_not_jump(state: AppState, view: ActivationView) -> None:
    state.set_activations(samples.grid(12))
    top = view._pages.geometry().top()
    state.set_activations(samples.vector([1.0, 2.0]))
    assert view._pages.geometry().top() == top


def test_a_narrow_view_keeps_the_name(state: AppState, view: ActivationView, qtbot: QtBot) -> None:
    state.set_activations(samples.grid(12))
    view.resize(240, 300)
    assert view.width() == 240
    assert not view.controls.tile_size.isVisible()
    qtbot.waitUntil(lambda: view._name.width() >= 80)
    view.resize(640, 300)
    assert view.controls.tile_size.isVisible()


@pytest.mark.parametrize("width", [300, 340, 460, 640, 760, 1000])
def test_the_header_fits(state: AppState, view: ActivationView, qtbot: QtBot, width: int) -> None:
    state.set_activations(samples.grid(12))
    view.resize(width, 400)
    QApplication.processEvents()
    assert view.width() == width
    parts = [part for part in view.findChildren(QWidget) if part.parent() in (view.controls, view.readout) and part.isVisible()]
    places = [QRect(part.mapTo(view, QPoint()), part.size()) for part in parts]
    assert len(places) >= 5
    assert all(view.rect().contains(place) and place.bottom() < view._pages.geometry().top() for place in places)
    assert not any(one.intersects(other) for one, other in itertools.combinations(places, 2))
    numbers = view.readout.numbers
    assert width <= 300 or not numbers.toolTip()


def test_a_low_view_gives_its_height_to_the_maps(state: AppState, view: ActivationView) -> None:
    state.set_activations(samples.grid(12))
    view.resize(340, 400)
    assert (view.readout.legend.isVisible(), view.readout.numbers.isVisible()) == (True, True)
    view.resize(340, 190)
    assert (view.readout.legend.isVisible(), view.readout.numbers.isVisible()) == (True, False)


def test_combos_drive_order_and_scaling(state: AppState, view: ActivationView, qtbot: QtBot) -> None:
    state.set_activations(samples.grid(12))
    view.controls.order.setCurrentText(ZEROS)
    qtbot.keyClick(view.controls.scaling, Qt.Key.Key_End)
    qtbot.keyClick(view.controls.colour_map, Qt.Key.Key_End)
    assert (view.grid.order, view.grid.scaling, view.grid.colour_map) == (ZEROS, ALIKE, colourmaps.AROUND_ZERO)
    state.set_activations(samples.vector([1.0, 2.0]))
    state.set_activations(samples.grid(20))
    assert view.grid.order == view.controls.order.currentText() == ZEROS
    assert list(view.grid.channels[:3]) == [0, 10, 3]


def test_tab_walks_through_the_header(state: AppState, view: ActivationView, qtbot: QtBot) -> None:
    state.set_activations(samples.grid(12))
    qtbot.waitExposed(view)
    view.activateWindow()
    view.controls.order.setFocus()
    controls = (view.controls.scaling, view.controls.colour_map, view.controls.tile_size, view.readout.gamma.slider)
    for wanted in (*controls, view.grid):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        assert QApplication.focusWidget() is wanted


def test_units_of_the_vector(state: AppState, view: ActivationView, qtbot: QtBot) -> None:
    state.set_activations(samples.vector([0.0, -4.0, 4.0, 1.0], labels=True))
    strip = view.vector.strip
    image = strip.grab().toImage()
    blue, orange = (image.pixelColor(strip.cell_rect(unit).center()) for unit in (1, 2))
    assert blue.blue() > blue.red()
    assert orange.red() > orange.blue()
    nothing = image.pixelColor(strip.cell_rect(0).center())
    assert max(nothing.getRgb()[:3]) - min(nothing.getRgb()[:3]) < 16
    assert strip.unit_at(strip.cell_rect(3).center()) == 3
    assert strip.unit_at(QPoint(strip.width() - 1, 0)) == -1


def test_the_current_unit_is_framed_in_the_strip(state: AppState, view: ActivationView, qtbot: QtBot) -> None:
    state.set_activations(samples.vector([0.0, -4.0, 4.0, 1.0]))
    before = view.vector.strip.grab().toImage()
    table = view.vector.table
    place = table.visualRect(table.model().index(1, 0)).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    after = view.vector.strip.grab().toImage()
    corner = view.vector.strip.cell_rect(3).topRight() + QPoint(1, 0)
    assert before.pixelColor(corner) != after.pixelColor(corner)


@pytest.mark.parametrize("count", [1, 10, 1000, 4096])
def test_every_unit_has_its_own_cell(state: AppState, view: ActivationView, qtbot: QtBot, count: int) -> None:
    state.set_activations(samples.vector([float(value) for value in range(count)]))
    strip = view.vector.strip
    qtbot.waitUntil(lambda: strip.rect().contains(strip.cell_rect(count - 1)))
    cells = [strip.cell_rect(unit) for unit in range(count)]
    assert len({(cell.x(), cell.y()) for cell in cells}) == count
    assert strip.sizeHint().height() <= 164


def test_the_shape_is_given_where_it_says_more() -> None:
    tokens = samples.grid(12)
    object.__setattr__(tokens, "layer", samples.layer("encoder", "Block", (1, 17, 12)))
    assert summarise(tokens) == "Block · 17 × 12 · 12 maps of 4 × 4"
    assert summarise(samples.grid(1)) == "Conv2d · 1 map of 4 × 4"


def test_a_dark_theme_has_its_own_colours_around_zero(
    state: AppState, view: ActivationView, monkeypatch: pytest.MonkeyPatch
) -> None:
    state.set_activations(samples.grid(12))
    view.controls.colour_map.setCurrentText(colourmaps.AROUND_ZERO)
    monkeypatch.setattr(theme, "is_dark", lambda: True)
    QApplication.sendEvent(view.grid, QEvent(QEvent.Type.PaletteChange))
    centre = view.grid.tile_rect(0).center()
    value = -1 + 2 * samples.grey(0) / 255
    wanted = QColor.fromRgb(colourmaps.table(colourmaps.AROUND_ZERO, dark=True)[round((value + 1) / 2 * 256)])
    assert view.grid.viewport().grab().toImage().pixelColor(centre) == wanted
    middle = view.readout.legend.bar_rect().center()
    assert view.readout.legend.grab().toImage().pixelColor(middle).lightness() < 80


def test_hovering_a_map_pixel_tells_its_row_and_column(state: AppState, view: ActivationView, qtbot: QtBot) -> None:
    state.set_activations(samples.grid(12))
    tile = view.grid.tile_rect(5)
    cell = tile.width() // 4
    at = tile.topLeft() + QPoint(2 * cell + cell // 2, cell + cell // 2)
    qtbot.mouseMove(view.grid.viewport(), at - QPoint(1, 1))
    qtbot.mouseMove(view.grid.viewport(), at)
    assert state.hovered_unit == (1, 2)
    qtbot.mouseMove(view.grid.viewport(), QPoint(2, 2))
    assert state.hovered_unit is None


def test_contributions_are_wanted_only_while_maps_are_sorted_by_them(state: AppState, view: ActivationView) -> None:
    assert not state.contributions.wanted
    state.map_look.set_order("Contribution")
    assert not state.contributions.wanted
    state.set_activations(samples.grid(12))
    assert state.contributions.wanted
    state.set_activations(samples.vector([1.0, 2.0]))
    assert not state.contributions.wanted
    state.set_activations(samples.grid(12))
    assert state.contributions.wanted
    state.map_look.set_order("Mean")
    assert not state.contributions.wanted


def test_only_the_contributions_to_the_category_sort_the_maps(state: AppState, view: ActivationView) -> None:
    state.append_images([samples.ORANGE])
    state.set_image(samples.ORANGE)
    state.set_activations(samples.grid(12))
    state.map_look.set_order("Contribution")
    state.selection.set_category(4)
    values = frozen(np.array([0, 5, *[1] * 10], np.float32))
    for image, layer, category in (
        (samples.LEMON, "blocks.0.conv", 4), (samples.ORANGE, "stem", 4), (samples.ORANGE, "blocks.0.conv", 3),
    ):  # fmt: skip
        state.contributions.put(Contributions(image, layer, category, values, 1.0))
        assert view.grid.channels[0] == 0
    state.contributions.put(Contributions(samples.ORANGE, "blocks.0.conv", 4, values, 1.0))
    assert view.grid.channels[0] == 1
    assert view.readout.numbers.text().startswith("channel 0 · contribution 0 · ")
    state.selection.set_category(7)
    assert view.grid.channels[0] == 1
    assert "contribution" not in view.readout.numbers.text()
    state.contributions.put(None, Failure("layer", "The score does not depend on the layer."))
    assert view.readout.numbers.text() == "The score does not depend on the layer."
    state.map_look.set_order("Index")
    assert view.readout.numbers.text().startswith("channel 0 · ")


def test_the_chosen_channel_is_the_same_here_and_everywhere(state: AppState, view: ActivationView) -> None:
    state.selection.set_channel(9)
    state.set_activations(samples.grid(12))
    assert view.grid.current == 9
    state.set_activations(samples.grid(4))
    assert (view.grid.current, state.selection.channel) == (3, 3)


def test_the_facts_drive_controls_and_maps(state: AppState, qtbot: QtBot) -> None:
    look = state.map_look
    assert look.colour_map == colourmaps.NAMES[0]
    look.set_order("Mean")
    look.set_colour_map("Viridis")
    look.set_side(96)
    view = ActivationView(state)
    qtbot.addWidget(view)
    assert (view.grid.order, view.grid.colour_map, view.grid.side) == ("Mean", "Viridis", 96)
    assert (view.controls.order.currentText(), view.controls.tile_size.value()) == ("Mean", 96)
    seen = [look.order]
    while len(seen) <= len(ORDERS):
        view.next_order()
        seen.append(view.controls.order.currentText())
    assert set(seen) == set(ORDERS)
    assert seen[0] == seen[-1] == view.grid.order


def test_channels_step_in_the_order_shown_and_units_by_number(state: AppState, view: ActivationView) -> None:
    state.set_activations(samples.grid(12))
    state.map_look.set_order("Maximum")
    view.next_channel()
    assert state.selection.channel == 0
    view.previous_channel()
    view.previous_channel()
    assert state.selection.channel == 2
    state.set_activations(samples.vector([1.0, 2.0, 3.0]))
    view.next_channel()
    assert state.selection.channel == 2
    view.previous_channel()
    assert state.selection.channel == 1
