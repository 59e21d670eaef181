from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, QRectF

from gui.widgets.picture_viewport import FIT_MARGIN, MAX_ZOOM, PictureViewport

sides = st.integers(1, 20_000)


def viewport(width: int, height: int, ratio: float = 1.0, area: tuple[int, int] = (640, 480)) -> PictureViewport:
    made = PictureViewport()
    made.set_area(QRectF(0, 0, *area), ratio)
    made.set_picture(width, height)
    return made


@given(sides, sides, st.sampled_from((1.0, 1.25, 2.0)), st.floats(0.01, 100), st.floats(-1e4, 1e4))
def test_ways_to_the_view_and_back_are_inverse(width: int, height: int, ratio: float, zoom: float, x: float) -> None:
    view = viewport(width, height, ratio)
    view.set_zoom(zoom, QPointF(100, 77))
    there = view.to_view(QPointF(x, width))
    back = view.to_picture(there)
    assert back.x() == pytest.approx(x, abs=1e-6)
    assert back.y() == pytest.approx(width, abs=1e-6)


@given(sides, sides, st.sampled_from((1.0, 2.0)))
def test_fitted_picture_lies_inside_and_in_the_middle(width: int, height: int, ratio: float) -> None:
    view = viewport(width, height, ratio)
    rect = view.picture_rect()
    assert view.area.contains(rect)
    assert abs(rect.center().x() - 320) <= 1
    assert abs(rect.center().y() - 240) <= 1
    touches = min(rect.left(), rect.top()) - FIT_MARGIN
    assert view.zoom == MAX_ZOOM or abs(touches) <= 1


@given(sides, sides, st.floats(0.01, 100), st.floats(0, 640), st.floats(0, 480), st.floats(-5000, 5000))
def test_no_needless_emptiness(width: int, height: int, zoom: float, x: float, y: float, pan: float) -> None:
    view = viewport(width, height)
    view.set_zoom(zoom, QPointF(x, y))
    view.pan(QPointF(pan, -pan))
    rect = view.picture_rect()
    if rect.width() >= 641:
        assert rect.left() <= 1
        assert rect.right() >= 639
    else:
        assert abs(rect.center().x() - 320) <= 1


def test_zoom_keeps_what_is_under_the_pointer() -> None:
    view = viewport(4000, 3000)
    view.set_zoom(1.0)
    anchor = QPointF(123, 321)
    before = view.to_picture(anchor)
    for zoom in (1.3, 2.7, 9.0, 32.0, 5.0):
        view.set_zoom(zoom, anchor)
        after = view.to_picture(anchor)
        assert abs(after.x() - before.x()) <= 0.5 / zoom + 0.5
        assert abs(after.y() - before.y()) <= 0.5 / zoom + 0.5


def test_limits() -> None:
    view = viewport(4000, 3000)
    view.set_zoom(1e-9)
    assert view.zoom == pytest.approx(view.fit_zoom / 4)
    view.set_zoom(1e9)
    assert view.zoom == MAX_ZOOM
    tiny = viewport(20, 20)
    tiny.set_zoom(0.5)
    assert tiny.zoom == 1.0, "100 % can be reached however small the picture is"


def test_fitted_follows_the_size_of_the_view_and_a_chosen_zoom_does_not() -> None:
    view = viewport(1000, 1000)
    view.set_area(QRectF(0, 0, 332, 900), 1.0)
    assert view.zoom == pytest.approx(0.3)
    view.set_zoom(2.0)
    middle = view.to_picture(view.area.center())
    view.set_area(QRectF(0, 0, 801, 601), 1.0)
    assert view.zoom == 2.0
    assert (view.to_picture(view.area.center()) - middle).manhattanLength() <= 1


def test_next_picture_is_fitted_and_the_same_one_stays() -> None:
    view = viewport(1000, 1000)
    view.set_zoom(3.0, QPointF(10, 10))
    before = view.to_view(QPointF(500, 500))
    view.set_picture(1000, 1000, keep=True)
    assert (view.zoom, view.to_view(QPointF(500, 500))) == (3.0, before)
    view.set_picture(1000, 1000)
    assert view.fitted


def test_edges_lie_on_device_pixels() -> None:
    view = viewport(333, 217, ratio=2.0, area=(431, 337))
    rect = view.box_to_view((10.3, 20.7, 100.1, 200.9))
    for edge in (rect.left(), rect.top(), rect.right(), rect.bottom()):
        assert 2 * edge == pytest.approx(round(2 * edge))
