from __future__ import annotations

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from core.types import Failure, NetworkInput, frozen
from gui import theme
from gui.state import AppState
from gui.widgets.network_input_view import NetworkInputView
from gui.widgets.pixel_canvas import PixelCanvas
from gui.widgets.wrapped_label import WrappedLabel
from tests.gui.painted import painted, rgb, where
from tests.gui.pictures import PREPROCESSING, network_input, noise, refs

BOX = (0.0, 0.0, 64.0, 64.0)


@pytest.fixture
def view(state: AppState, qtbot: QtBot) -> NetworkInputView:
    theme.choose(theme.QApplication.instance(), "light")
    view = NetworkInputView(state)
    qtbot.addWidget(view)
    view.resize(300, 420)
    with qtbot.waitExposed(view):
        view.show()
    images = state.append_images(refs(1))
    state.set_image(images[0])
    return view


def shown(view: NetworkInputView) -> np.ndarray:
    """The canvas around which nothing is cut off."""
    canvas = view.findChild(PixelCanvas)
    place = canvas.picture_rect()
    ratio = view.devicePixelRatioF()
    left, top = round(place.left() * ratio), round(place.top() * ratio)
    size = (place.size() * ratio).toSize()
    return painted(canvas)[top : top + size.height(), left : left + size.width()]


def test_pixels_are_enlarged_by_a_whole_number(state: AppState, view: NetworkInputView) -> None:
    pixels = noise(64, 64)
    state.set_network_input(NetworkInput(pixels, BOX, PREPROCESSING))
    seen = shown(view)
    factor = len(seen) // 64
    assert factor == 4
    assert np.array_equal(seen, pixels.repeat(factor, axis=0).repeat(factor, axis=1))


def test_one_to_one_where_no_more_fits(state: AppState, view: NetworkInputView) -> None:
    pixels = noise(224, 224)
    state.set_network_input(NetworkInput(pixels, BOX, PREPROCESSING))
    assert np.array_equal(shown(view), pixels)


def test_shrunk_by_averaging_where_it_does_not_fit(state: AppState, view: NetworkInputView) -> None:
    state.set_network_input(network_input(BOX, 600))
    seen = shown(view)
    assert 200 < len(seen) < 300
    assert 90 < seen[20:-20, 20:-20].min() <= seen[20:-20, 20:-20].max() < 165


def test_words(state: AppState, view: NetworkInputView) -> None:
    state.set_network_input(network_input(BOX))
    label = view.findChild(WrappedLabel)
    assert label.toolTip().startswith("Resize short side 256 (bilinear), centre crop 224")
    words = f"{state.image.name}, 224 by 224 pixels: {PREPROCESSING.describe()}"
    assert view.accessibleDescription() == view.findChild(PixelCanvas).accessibleDescription() == words
    assert " ".join(label.shown_lines()) == label.text()


def test_words_that_do_not_fit_end_in_dots(state: AppState, view: NetworkInputView) -> None:
    view.resize(150, 300)
    state.set_network_input(network_input(BOX))
    lines = view.findChild(WrappedLabel).shown_lines()
    assert len(lines) == 4
    assert lines[-1].endswith("…")


def test_a_low_panel_puts_the_words_beside(state: AppState, view: NetworkInputView) -> None:
    state.set_network_input(network_input(BOX))
    label, canvas = view.findChild(WrappedLabel), view.findChild(PixelCanvas)
    assert label.y() > canvas.geometry().bottom()
    view.resize(360, 150)
    view.layout().activate()
    assert label.x() > canvas.geometry().right()


def test_empty_without_an_answer(state: AppState, view: NetworkInputView) -> None:
    empty = painted(view)
    state.set_network_input(network_input(BOX))
    assert not np.array_equal(painted(view), empty)
    state.set_failure(Failure("truncated", "The file ends too early."))
    assert np.array_equal(painted(view), empty)
    assert view.accessibleDescription() == "Nothing yet"


def test_grey_input(state: AppState, view: NetworkInputView) -> None:
    pixels = frozen(noise(64, 64)[..., 0])
    state.set_network_input(NetworkInput(pixels, BOX, PREPROCESSING))
    assert np.array_equal(shown(view)[::4, ::4, 1], pixels)


def test_theme_change_repaints(state: AppState, view: NetworkInputView) -> None:
    app = theme.QApplication.instance()
    try:
        theme.choose(app, "dark")
        assert where(painted(view), rgb(theme.DARK.panel)) is not None
        assert where(painted(view), rgb(theme.LIGHT.panel)) is None
    finally:
        theme.choose(app, "light")
