from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QComboBox, QSlider, QWidget
from pytestqt.qtbot import QtBot

from gui.state import AppState
from gui.widgets.activation_view import ActivationView, summarise
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
    assert view._channel.text() == "channel 0 · min -1 · max 1"


def test_the_header_follows_the_current_channel(state: AppState, view: ActivationView, qtbot: QtBot) -> None:
    state.set_activations(samples.grid(12))
    qtbot.keyClick(view.grid, Qt.Key.Key_Right)
    assert view._channel.text().startswith("channel 1 · ")


def test_a_vector_replaces_the_maps(state: AppState, view: ActivationView) -> None:
    state.set_activations(samples.grid(12))
    state.set_activations(samples.vector([1.0, -2.0, 3.0]))
    assert shown_page(view) is view.vector
    assert view._facts.text() == "Linear · 3 units · the 3 strongest below"
    assert not view._channel.isVisible()
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
    assert not view.tile_size.isVisible()
    assert not view._channel.isVisible()
    qtbot.waitUntil(lambda: view._name.width() >= 80)
    view.resize(640, 300)
    assert view.tile_size.isVisible()


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
