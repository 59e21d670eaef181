"""The receptive field of the hovered unit, as it is painted on the picture."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPointF
from pytestqt.qtbot import QtBot

from gui import theme
from gui.state import AppState
from gui.widgets.image_view import ImageView
from tests.gui.painted import painted, rgb, where
from tests.gui.pictures import network_input, picture, plain, refs
from tests.gui.samples import grid


@pytest.fixture
def view(state: AppState, qtbot: QtBot) -> ImageView:
    theme.choose(theme.QApplication.instance(), "light")
    view = ImageView(state)
    qtbot.addWidget(view)
    view.resize(460, 420)
    with qtbot.waitExposed(view):
        view.show()
    image = refs(1)[0]
    state.append_images((image,))
    state.set_image(image)
    state.set_picture(picture(image, plain(224, 224)))
    state.set_network_input(network_input((0, 0, 224, 224)))
    shown = grid()
    facts = {"receptive_field": (40, 60), "stride": (16, 16), "offset": (7.5, 7.5)}
    state.set_activations(replace(shown, layer=replace(shown.layer, **facts)))
    return view


def outline(view: ImageView) -> tuple[int, int, int, int] | None:
    view._controls.hide()
    return where(painted(view), rgb(theme.LIGHT.field))


def test_nothing_is_drawn_before_a_unit_is_hovered(view):
    assert outline(view) is None


def test_outline_lies_around_what_the_unit_sees(state, view):
    state.hover_unit((5, 6))
    # Centres: 7.5 + 16 * 5 + 0.5 = 88 down, 7.5 + 16 * 6 + 0.5 = 104 across.
    top_left, bottom_right = view.to_view(QPointF(104 - 30, 88 - 20)), view.to_view(QPointF(104 + 30, 88 + 20))
    expected = (top_left.x(), top_left.y(), bottom_right.x(), bottom_right.y())
    assert outline(view) == pytest.approx(expected, abs=2)


def test_outline_is_clipped_at_the_border(state, view):
    state.hover_unit((0, 0))
    corner = view.to_view(QPointF(0, 0))
    assert outline(view)[:2] == pytest.approx((corner.x(), corner.y()), abs=2)


def test_outline_goes_with_the_pointer_and_with_the_layer(state, view):
    state.hover_unit((5, 6))
    state.hover_unit(None)
    assert outline(view) is None
    state.hover_unit((5, 6))
    state.set_activations(grid())
    assert outline(view) is None
