"""Heat maps over the picture: what shines through, and the card that says what the colours stand for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from core.types import Heat, ImageRef, Picture, frozen
from gui import colourmaps
from gui.state import AppState
from gui.widgets.heat_overlay import veil_of
from gui.widgets.image_view import ImageView
from gui.widgets.overlay_legend import OverlayLegend
from tests.gui.painted import painted

IMAGE = ImageRef(Path("grey.png").absolute())


def heat(values: list[list[float]], diverging: bool = False, words: str = "Grad-CAM · orange · features") -> Heat:
    return Heat(words, frozen(np.array(values, np.float32)), (0, 0, 200, 100), diverging, smooth=False)


@pytest.fixture
def view(state: AppState, qtbot: QtBot) -> ImageView:
    widget = ImageView(state)
    qtbot.addWidget(widget)
    widget.resize(500, 400)
    widget.show()
    state.append_images([IMAGE])
    state.set_image(IMAGE)
    state.set_picture(Picture(IMAGE, frozen(np.full((100, 200, 3), 128, np.uint8)), (200, 100), "PNG"))
    return widget


def legend(view: ImageView) -> OverlayLegend:
    return view.findChild(OverlayLegend, "overlayLegend")


def test_it_comes_and_goes_with_what_is_shown(state: AppState, view: ImageView) -> None:
    card = legend(view)
    assert card.isHidden()
    state.overlays.put("why", heat([[0, 0.5], [0.25, 0.75]]))
    assert card.isVisible()
    assert card.accessibleDescription() == "Grad-CAM · orange · features: colours from 0 to 0.75"
    assert view.viewport.area.toRect().contains(card.geometry())
    assert card.geometry().left() < 20
    one = card.height()
    state.overlays.put("field", heat([[-1, 2]], diverging=True, words="Effective field"))
    assert card.height() > one
    assert "Effective field: colours from −2 to 2" in card.accessibleDescription()
    assert view.viewport.area.toRect().contains(card.geometry())
    state.overlays.set_visible("why", False)
    assert card.height() == one
    state.overlays.clear()
    assert card.isHidden()


def test_values_beyond_the_ends_are_told(state: AppState, view: ImageView) -> None:
    state.overlays.put("why", Heat("x", frozen(np.array([[-3.0, 5.0]], np.float32)), (0, 0, 9, 9), True, limits=(-2.0, 2.0)))
    assert legend(view).accessibleDescription() == "x: colours from ≤ −2 to ≥ 2"


def test_the_gradient_has_the_colours_of_the_map(state: AppState, view: ImageView) -> None:
    state.overlays.put("why", heat([[0, 1]]))
    pixels = painted(legend(view)).reshape(-1, 3).astype(int)
    table = colourmaps.table(colourmaps.HEAT)
    for step in (20, 128, 240):
        colour = np.array([table[step] >> shift & 255 for shift in (16, 8, 0)])
        assert np.abs(pixels - colour).sum(axis=1).min() <= 6


def test_in_a_small_view_it_is_brief_and_in_a_tiny_one_it_is_not_there(state: AppState, view: ImageView) -> None:
    state.overlays.put("why", heat([[0, 1]]))
    high = legend(view).height()
    view.resize(300, 190)
    assert legend(view).isVisible()
    assert legend(view).height() < high
    view.resize(110, 144)
    assert legend(view).isHidden()


def test_it_is_gone_with_the_picture(state: AppState, view: ImageView) -> None:
    state.overlays.put("why", heat([[0, 1]]))
    state.set_image(None)
    assert legend(view).isHidden()


def test_clicks_go_through_it(state: AppState, view: ImageView) -> None:
    state.overlays.put("why", heat([[0, 1]]))
    assert view.childAt(legend(view).geometry().center()) is None


@pytest.mark.parametrize("dark", [False, True])
def test_around_zero_the_picture_shines_through(styled_app: object, dark: bool) -> None:
    image = veil_of(heat([[-4, -0.001, 0, 0.001, 1, 4]], diverging=True), dark=dark)
    alphas = [image.pixelColor(x, 0).alpha() for x in range(6)]
    assert alphas[0] == alphas[5] == 255
    assert max(alphas[1:4]) < 30
    assert alphas[4] == pytest.approx(255 / 2, abs=8)
    table = colourmaps.table(colourmaps.AROUND_ZERO, dark=dark)
    assert image.pixelColor(0, 0).rgb() == table[0]
    assert image.pixelColor(5, 0).rgb() == table[-1]


def test_other_maps_cover_evenly(styled_app: object) -> None:
    image = veil_of(heat([[0, 1]]), dark=False)
    assert {image.pixelColor(x, 0).alpha() for x in range(2)} == {255}
