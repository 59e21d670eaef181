"""Views and cells on the picture: the pixels of their boxes, and what the pointer chooses."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from core.types import Heat, frozen
from gui import theme
from gui.state import AppState
from gui.widgets.image_view import ImageView
from gui.widgets.protocols.protocol_overlay import ProtocolOverlay
from tests.gui import samples
from tests.gui.painted import painted, rgb
from tests.gui.pictures import network_input, picture, plain
from tests.gui.protocol_samples import SIZE, crops, dense, prepare

AGREES, DIFFERS, FIELD = rgb(theme.DARK.accent), rgb(theme.DARK.warning), rgb(theme.LIGHT.field)


@pytest.fixture
def view(state: AppState, qtbot: QtBot) -> ImageView:
    widget = ImageView(state)
    widget.add_overlay(ProtocolOverlay(state, widget))
    qtbot.addWidget(widget)
    widget.resize(720, 560)
    prepare(state)
    with qtbot.waitExposed(widget):
        widget.show()
    return widget


def edges(view: ImageView, box: tuple[float, float, float, float]) -> dict[str, np.ndarray]:
    """The pixels of the four edges of a box as they are drawn."""
    place, pixels = view.viewport.box_to_view(box), painted(view)
    left, top, right, bottom = (round(v) for v in (place.left(), place.top(), place.right(), place.bottom()))
    return {
        "left": pixels[top:bottom, left], "right": pixels[top:bottom, right], "top": pixels[top, left:right],
        "bottom": pixels[bottom, left:right],
    }  # fmt: skip


def share(pixels: np.ndarray, colour: tuple[int, int, int]) -> float:
    return float((pixels == np.array(colour)).all(axis=1).mean())


def at(view: ImageView, x: float, y: float) -> QPoint:
    return view.to_view(QPointF(x, y)).toPoint()


def test_boxes_are_solid_where_the_vote_agrees_and_dashed_where_it_does_not(view: ImageView, state: AppState) -> None:
    state.protocols.set_answer(crops((256,), (0, 0, 0, 1), grid=2))
    for index, agrees in ((0, True), (3, False)):
        found = edges(view, state.protocols.look.views[index].box)
        for side in ("left", "top") if index == 0 else ("right", "bottom"):
            drawn = share(found[side], AGREES if agrees else DIFFERS)
            assert drawn > 0.9 if agrees else 0.3 < drawn < 0.9, (index, side)


def test_the_chosen_view_stands_out_with_a_wide_line_and_its_top_1(view: ImageView, state: AppState) -> None:
    state.protocols.set_answer(crops((256,), (0, 1)))
    before = painted(view)
    assert view.accessibleDescription().endswith("; 50 views drawn, 25 agree with the whole")
    state.protocols.look.choose_view(0)
    assert view.accessibleDescription().endswith("; chosen: orange 60.0 %")
    after, place = painted(view), view.viewport.box_to_view(state.protocols.look.views[0].box)
    bottom, middle = round(place.bottom()), round(place.center().x()) + 9
    column = after[bottom - 1 : bottom + 2, middle]
    assert (column == np.array(AGREES)).all(), "three pixels of the line"
    card = QRectF(place.left() + 6, place.top() + 6, 60, 12).toRect()
    inside = np.s_[card.top() : card.bottom(), card.left() : card.right()]
    assert (before[inside] != after[inside]).any(axis=2).mean() > 0.9, "a card with words lies there"


def test_marks_are_filled_where_views_agree_and_hollow_where_they_do_not(view: ImageView, state: AppState) -> None:
    state.protocols.set_answer(crops((256,), (0, 0, 0, 0, 0, 0, 0, 1), grid=2))
    pixels = painted(view)
    look = state.protocols.look
    for index in range(8):
        box = look.views[index].box
        place = view.to_view(QPointF((box[0] + box[2]) / 2, (box[1] + box[3]) / 2))
        side = 2 if look.views[index].flipped else -3
        here = tuple(int(v) for v in pixels[round(place.y()), round(place.x()) + side])
        assert (here == (255, 255, 255)) != look.agrees(index), index


def test_nothing_is_drawn_while_nobody_looks_or_over_another_picture(view: ImageView, state: AppState) -> None:
    bare = painted(view)
    state.protocols.set_answer(crops((256,), (0, 1)))
    assert (painted(view) != bare).any()
    state.protocols.set_watched(False)
    assert (painted(view) == bare).all()
    state.protocols.set_watched(True)
    state.set_picture(picture(samples.LEMON, plain(*SIZE, (128, 128, 128))))
    caption = view.viewport.area.toRect().bottom()
    assert (painted(view)[:caption] == bare[:caption]).all()


def test_the_crop_gives_way_to_the_views(view: ImageView, state: AppState) -> None:
    state.set_network_input(network_input((100, 50, 300, 250)))
    outside = view.to_view(QPointF(20, 300)).toPoint()
    dimmed = painted(view)[outside.y(), outside.x()].tolist()
    state.protocols.set_answer(crops((256,), (0,), grid=2))
    assert dimmed != [128, 128, 128]
    assert painted(view)[outside.y(), outside.x()].tolist() == [128, 128, 128]


def test_the_pointer_points_at_a_view_and_a_click_chooses_it(view: ImageView, state: AppState) -> None:
    look = state.protocols.look
    state.protocols.set_answer(crops((256,), (0, 1)))
    box = look.views[25 + 12].box
    place = at(view, (box[0] + box[2]) / 2 + 3, (box[1] + box[3]) / 2)
    QTest.mouseMove(view, place)
    assert look.pointed == 25 + 12
    assert look.highlighted == 25 + 12
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=place)
    assert look.view == 25 + 12
    state.selection.hover_point(None)
    assert look.pointed is None
    assert look.highlighted == 25 + 12
    # A press that moves is no click.
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=at(view, 30, 30))
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=at(view, 200, 30))
    assert look.view == 25 + 12


def test_a_click_chooses_a_cell_and_its_window_is_outlined(view: ImageView, state: AppState) -> None:
    look = state.protocols.look
    state.protocols.set_answer(dense(4, 6))
    found = look.map
    left, top, right, bottom = found.box(2, 3)
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=at(view, (left + right) / 2, (top + bottom) / 2))
    assert look.cell == (0, 2, 3)
    pixels = edges(view, (left, top, right, bottom))
    assert share(pixels["bottom"], FIELD) > 0.9
    assert share(pixels["right"], FIELD) > 0.9
    # The cell under the pointer has a thinner, dashed line, and goes with the pointer.
    other = found.box(0, 0)
    before = share(edges(view, other)["bottom"], FIELD)
    QTest.mouseMove(view, at(view, (other[0] + other[2]) / 2, (other[1] + other[3]) / 2))
    assert look.pointed_cell == (0, 0, 0)
    assert before < 0.2 < share(edges(view, other)["bottom"], FIELD) < 0.9
    state.selection.hover_point(None)
    assert share(edges(view, other)["bottom"], FIELD) == before


def test_a_dense_map_is_not_cut_at_what_the_network_saw_but_at_the_picture(view: ImageView, state: AppState) -> None:
    state.set_network_input(network_input((200, 100, 300, 200)))
    heat = Heat("map", frozen(np.ones((2, 2), np.float32)), (0, 0, 600, 375), smooth=False, limits=(0.0, 1.0))
    state.protocols.set_answer(dense(2, 2))
    before = painted(view)
    state.overlays.put("dense", heat)
    after = painted(view)
    inside, outside = at(view, 20, 200), at(view, 510, 200)
    assert (after[inside.y(), inside.x()] != before[inside.y(), inside.x()]).any()
    assert (after[outside.y(), outside.x()] == before[outside.y(), outside.x()]).all()
