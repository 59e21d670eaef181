"""Heat maps over the picture: where they lie, in which colours, how strong."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from core.types import Heat, frozen
from gui import colourmaps, theme
from gui.state import AppState
from gui.widgets.heat_overlay import steps_of
from gui.widgets.image_view import ImageView
from tests.gui.painted import painted
from tests.gui.pictures import network_input, picture, plain, refs


def heat(values: list[list[float]], box: tuple[float, float, float, float] = (0, 0, 224, 224), **how: bool) -> Heat:
    return Heat("what it is", frozen(np.array(values, np.float32)), box, **{"smooth": False, **how})


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
    view.set_crop_visible(False)
    view._controls.hide()
    return view


def pixel(view: ImageView, x: float, y: float) -> tuple[int, int, int]:
    at = view.to_view(QPointF(x, y))
    return tuple(int(part) for part in painted(view)[int(at.y()), int(at.x())])


def colour(step: int, name: str = colourmaps.HEAT) -> tuple[int, int, int]:
    return QColor.fromRgb(colourmaps.table(name, dark=False)[step]).getRgb()[:3]


def test_each_value_lies_where_its_box_says_in_its_colour(state, view):
    state.overlays.put("why", heat([[0, 1], [2, 4]], box=(0, 0, 112, 224)))
    state.overlays.set_opacity("why", 1.0)
    assert pixel(view, 28, 56) == colour(0)
    assert pixel(view, 84, 168) == colour(255)
    assert pixel(view, 84, 56) == colour(64)
    bare = pixel(view, 200, 100)
    state.overlays.put("why", None)
    assert pixel(view, 200, 100) == bare
    assert pixel(view, 84, 168) != colour(255)


def test_opacity_blends_and_hiding_hides(state, view):
    before = pixel(view, 50, 50)
    state.overlays.put("why", heat([[3, 4]]))
    state.overlays.set_opacity("why", 0.5)
    halfway = tuple((a + b) / 2 for a, b in zip(before, colour(0), strict=True))
    assert pixel(view, 50, 50) == pytest.approx(halfway, abs=2)
    state.overlays.set_visible("why", False)
    assert pixel(view, 50, 50) == before


def test_overlays_are_stacked_in_their_order(state, view):
    state.overlays.put("field", heat([[0, 1]]))
    state.overlays.put("channel", heat([[1, 0]]))
    for name in ("field", "channel"):
        state.overlays.set_opacity(name, 1.0)
    assert pixel(view, 50, 100) == colour(0)  # of the field, which lies on top


def test_the_description_names_what_lies_over_the_picture(state, view):
    state.overlays.put("why", heat([[0, 1]]))
    assert view.accessibleDescription().endswith("over it: what it is")
    state.overlays.clear()
    assert "over it" not in view.accessibleDescription()


def test_another_picture_takes_the_overlays_away(state, view):
    state.overlays.put("why", heat([[0, 1]]))
    other = refs(2)[1]
    state.append_images((other,))
    state.set_image(other)
    assert state.overlays.shown() == ()


FLOATS = st.floats(width=32, allow_nan=True, allow_infinity=True)


@given(st.lists(st.lists(FLOATS, min_size=3, max_size=3), min_size=1, max_size=4), st.booleans())
def test_any_values_become_steps(values, diverging):
    shown = heat(values, diverging=diverging)
    steps, (low, high) = steps_of(shown), shown.ends
    assert steps.dtype == np.uint8
    assert low <= high
    array = np.array(values, np.float32)
    finite = np.isfinite(array)
    if low < high and finite.any():
        assert np.all(np.diff(steps[finite][np.argsort(array[finite], kind="stable")].astype(int)) >= 0)
        if diverging:
            zeros = array == 0
            assert np.all(np.isin(steps[zeros], (127, 128)))
