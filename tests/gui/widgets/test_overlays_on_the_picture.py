"""Heat maps stay where the network looked, and the field that was measured stays outlined."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.types import EffectiveField, Heat, frozen
from gui import theme
from gui.state import AppState
from gui.widgets.image_view import ImageView
from tests.gui.painted import painted, rgb, where
from tests.gui.pictures import network_input, picture, plain, refs
from tests.gui.widgets.channel.maps import FACTS, grid_of, noise


@pytest.fixture
def view(state: AppState, qtbot: QtBot) -> ImageView:
    theme.choose(QApplication.instance(), "light")
    view = ImageView(state)
    qtbot.addWidget(view)
    view.resize(460, 420)
    with qtbot.waitExposed(view):
        view.show()
    image = refs(1)[0]
    state.append_images((image,))
    state.set_image(image)
    state.set_picture(picture(image, plain(224, 224)))
    state.set_network_input(network_input((40, 40, 180, 180)))
    view.set_crop_visible(False)
    view._controls.hide()
    return view


def test_a_map_that_reaches_over_the_border_is_cut_there(state, view):
    bare = painted(view)
    state.overlays.put("channel", Heat("map", frozen(np.ones((4, 4), np.float32)), (20, 20, 160, 160), smooth=False))
    view._legend.hide()
    rows, columns = np.nonzero((painted(view) != bare).any(axis=2))
    first, last = view.to_view(QPointF(40, 40)), view.to_view(QPointF(160, 160))
    assert (columns.min(), rows.min()) == pytest.approx((first.x(), first.y()), abs=1)
    assert (columns.max() + 1, rows.max() + 1) == pytest.approx((last.x(), last.y()), abs=1)


def test_the_measured_unit_keeps_its_outline_when_the_pointer_goes(state, view):
    state.set_activations(grid_of(noise(), **FACTS))
    heat = Heat("field", frozen(np.ones((4, 4), np.float32)), (40, 40, 180, 180))
    state.channel.set_field(EffectiveField("conv", 0, 3, 3, heat, 0.5, "words"))
    view.update()
    measured = where(painted(view), rgb(theme.LIGHT.field))
    assert measured is not None
    state.hover_unit((5, 5))
    assert where(painted(view), rgb(theme.LIGHT.field)) not in (None, measured)
    state.hover_unit(None)
    assert where(painted(view), rgb(theme.LIGHT.field)) == measured
    state.channel.set_field(None)
    assert where(painted(view), rgb(theme.LIGHT.field)) is None
