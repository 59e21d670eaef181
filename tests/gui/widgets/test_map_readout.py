"""The line of numbers and the legend above the maps."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QColor, QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from core.types import LayerInfo, NetworkInput, Preprocessing, frozen
from gui import colourmaps
from gui.state import AppState
from gui.widgets.activation_view import ActivationView
from gui.widgets.map_colours import ALIKE
from tests.gui import samples


@pytest.fixture
def view(state: AppState, qtbot: QtBot) -> ActivationView:
    widget = ActivationView(state)
    qtbot.addWidget(widget)
    widget.resize(640, 400)
    widget.show()
    return widget


def test_the_legend_says_what_the_colours_stand_for(state: AppState, view: ActivationView, qtbot: QtBot) -> None:
    state.set_activations(samples.grid(12))
    legend = view.readout.legend
    assert legend.text == "−1 to 1"
    qtbot.keyClick(view.grid, Qt.Key.Key_End)
    assert legend.text == "0 to 5"
    view.controls.scaling.setCurrentText(ALIKE)
    assert legend.text == "−1 to 5"
    assert legend.accessibleDescription() == "Colours from −1 to 5: all maps of the layer"
    view.controls.colour_map.setCurrentText(colourmaps.AROUND_ZERO)
    assert legend.text == "−5 to 5"
    bar, image = legend.bar_rect(), legend.grab().toImage()
    colours = [QColor.fromRgb(entry) for entry in colourmaps.table(colourmaps.AROUND_ZERO)]
    for x in range(1, bar.width() - 1):
        at = image.pixelColor(bar.left() + x, bar.center().y())
        wanted = colours[round((x + 0.5) / bar.width() * 256)]
        assert max(abs(one - other) for one, other in zip(at.getRgb(), wanted.getRgb(), strict=True)) <= 8


def test_values_that_are_not_numbers_stand_out(state: AppState, view: ActivationView, qtbot: QtBot) -> None:
    nans = frozen(np.array([0, 7], np.int32))
    state.set_activations(dataclasses.replace(samples.grid(2), nans=nans))
    assert not view.readout.nans.isVisible()
    qtbot.keyClick(view.grid, Qt.Key.Key_Right)
    assert view.readout.nans.isVisible()
    assert view.readout.nans.text() == "7 NaN"
    assert view.readout.numbers.accessibleDescription().endswith("· 7 NaN")
    assert view.readout.nans.property("tone") == "error"


def test_the_value_under_the_pointer_takes_the_place_of_the_numbers(state: AppState, view: ActivationView) -> None:
    state.set_activations(samples.grid(12))
    before, places = view.readout.numbers.text(), layout_of(view)
    move(view.grid.viewport(), view.grid.tile_rect(5).topLeft() + QPoint(2, 2))
    assert view.readout.numbers.text() == f"channel 5 · row 0 · column 0 · {5 * 4 / 11 + 1:.5g}"
    QApplication.processEvents()
    assert layout_of(view) == places
    QApplication.sendEvent(view.grid.viewport(), QEvent(QEvent.Type.Leave))
    assert view.readout.numbers.text() == before


def test_a_low_view_tells_the_value_in_its_title(state: AppState, view: ActivationView) -> None:
    state.set_activations(samples.grid(12))
    view.resize(340, 190)
    before = view._facts.text()
    move(view.grid.viewport(), view.grid.tile_rect(0).center())
    assert view._facts.text().startswith("channel 0 · row 1 · column 1 · ")
    QApplication.sendEvent(view.grid.viewport(), QEvent(QEvent.Type.Leave))
    assert view._facts.text() == before


def test_hovering_the_picture_lights_up_the_units_that_see_the_point(state: AppState, view: ActivationView) -> None:
    layer = LayerInfo("conv", "Conv2d", (1, 12, 4, 4), 0, receptive_field=(3, 3), stride=(2, 2), offset=(0.0, 0.0))
    how = Preprocessing(8, 8, "bilinear", (0.0,) * 3, (1.0,) * 3, "test")
    state.set_activations(dataclasses.replace(samples.grid(12), layer=layer))
    state.selection.hover_point((10.0, 10.0))
    assert view.grid.lit is None
    state.set_network_input(NetworkInput(frozen(np.zeros((8, 8, 3), np.uint8)), (100, 100, 180, 180), how))
    before = view.readout.numbers.text()
    for point, units in (((101, 101), (0, 0, 1, 1)), ((135, 115), (0, 1, 2, 3)), ((179, 179), (3, 3, 4, 4)), ((99, 120), None)):
        state.selection.hover_point(point)
        assert view.grid.lit == units
    assert view.readout.numbers.text() == before
    state.selection.hover_point((135, 115))
    assert view.readout.numbers.text() == "rows 0–1, columns 1–2 see this point"
    state.set_activations(dataclasses.replace(samples.grid(12), layer=samples.layer("everything")))
    assert view.grid.lit == (0, 0, 4, 4)
    state.set_activations(samples.vector([1.0, 2.0]))
    state.selection.hover_point(None)
    assert view.grid.lit is None


def test_gamma(state: AppState, view: ActivationView, qtbot: QtBot) -> None:
    state.set_activations(samples.grid(12))
    control = view.readout.gamma
    qtbot.keyClick(control.slider, Qt.Key.Key_Home)
    assert (state.map_look.gamma, view.grid.gamma, control.label.text()) == (0.2, 0.2, "γ 0.20")
    qtbot.keyClick(control.slider, Qt.Key.Key_End)
    assert (state.map_look.gamma, view.grid.gamma, control.label.text()) == (5.0, 5.0, "γ 5.00")
    assert view.readout.legend.accessibleDescription() == "Colours from −1 to 1: channel 0; gamma 5.00"
    bar, image = view.readout.legend.bar_rect(), view.readout.legend.grab().toImage()
    for x in range(1, bar.width() - 1):
        grey = 255 * ((x + 0.5) / bar.width()) ** 5
        assert abs(image.pixelColor(bar.left() + x, bar.center().y()).red() - grey) <= 1.5
    for part in (control.slider, control.label):
        control.slider.setValue(13)
        qtbot.mouseDClick(part, Qt.MouseButton.LeftButton)
        assert state.map_look.gamma == 1.0
    state.map_look.set_gamma(2.0)
    assert (control.label.text(), control.gamma, state.map_look.gamma) == ("γ 2.00", 2.0, 2.0)


def test_the_legend_shows_the_colour_of_what_is_not_a_number(state: AppState, view: ActivationView, qtbot: QtBot) -> None:
    sample = samples.grid(2)
    values = sample.values.copy()
    values[1, 3, 3] = np.inf
    state.set_activations(dataclasses.replace(sample, nans=frozen(np.array([0, 3], np.int32)), values=frozen(values)))
    legend = view.readout.legend
    assert legend.nan_rect().isEmpty()
    qtbot.keyClick(view.grid, Qt.Key.Key_Right)
    QApplication.processEvents()
    assert legend.rect().contains(legend.nan_rect())
    assert legend.grab().toImage().pixelColor(legend.nan_rect().center()) == QColor.fromRgb(colourmaps.NAN)
    words = "; pure blue: not a number; infinite values have the colours of the ends"
    assert legend.accessibleDescription().endswith(words)


def move(widget: QWidget, place: QPoint) -> None:
    button = Qt.MouseButton.NoButton
    event = QMouseEvent(QEvent.Type.MouseMove, QPointF(place), widget.mapToGlobal(QPointF(place)), button, button,
                        Qt.KeyboardModifier.NoModifier)  # fmt: skip
    QApplication.sendEvent(widget, event)


def layout_of(view: ActivationView) -> list[QRect]:
    return [part.geometry() for part in view.findChildren(QWidget)]
