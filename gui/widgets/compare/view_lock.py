"""Two pictures that zoom, pan and point together."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPointF, Slot

from core.types import NetworkInput
from gui.state import AppState
from gui.widgets.compare.twin_cursor import Point, TwinCursor, carried_point
from gui.widgets.image_view import ImageView


class ViewLock(QObject):
    """Shows the same part of both crops equally large in two views, and the pointer's place in the other.

    What is the same is measured on what the two networks see, not on the pictures, which may be of different sizes. A picture
    that is fitted has the other fitted.
    """

    def __init__(self, states: tuple[AppState, AppState], views: tuple[ImageView, ImageView], parent: QObject) -> None:
        super().__init__(parent)
        self._states = states
        self._views = views
        self._moving = self._pointing = False
        self._cursors = TwinCursor(), TwinCursor()
        for view, cursor in zip(views, self._cursors, strict=True):
            view.add_overlay(cursor)
        first, second = views
        first.moved.connect(self._follow_first)
        second.moved.connect(self._follow_second)
        first.crop_visible_changed.connect(second.set_crop_visible)
        second.crop_visible_changed.connect(first.set_crop_visible)
        states[0].selection.point_hovered.connect(self._point_first)
        states[1].selection.point_hovered.connect(self._point_second)
        states[1].picture_changed.connect(self._follow_first)
        states[1].network_input_changed.connect(self._follow_first)
        second.set_crop_visible(first.crop_visible)
        self._follow_first()

    def release(self) -> None:
        """Take the cross off the first view; the second one goes with its overlays."""
        self._views[0].remove_overlay(self._cursors[0])

    @Slot()
    def _follow_first(self) -> None:
        self._carry(0, 1)

    @Slot()
    def _follow_second(self) -> None:
        self._carry(1, 0)

    def _carry(self, source: int, target: int) -> None:
        """Move one view as the other was moved."""
        if self._moving or not (self._views[0].has_content() and self._views[1].has_content()):
            return
        self._moving = True
        try:
            self._move(source, target)
        finally:
            self._moving = False

    def _move(self, source: int, target: int) -> None:
        leader, view = self._views[source], self._views[target]
        seen = self._seen(source, target)
        if leader.viewport.fitted or seen is None:
            view.zoom_to_fit()
            return
        mine, other = seen
        middle = leader.to_picture(leader.viewport.area.center())
        place = carried_point((middle.x(), middle.y()), mine, other)
        view.look_at(QPointF(*place), leader.zoom * _width(mine) / _width(other))

    def _seen(self, source: int, target: int) -> tuple[NetworkInput, NetworkInput] | None:
        mine, other = self._states[source].network_input, self._states[target].network_input
        return None if mine is None or other is None else (mine, other)

    @Slot(object)
    def _point_first(self, point: Point | None) -> None:
        if not self._pointing:
            self._mark(1, self._carried(0, 1, point))

    @Slot(object)
    def _point_second(self, point: Point | None) -> None:
        place = self._carried(1, 0, point)
        self._mark(0, place)
        # All that follows the pointer over A follows it over B as well.
        self._pointing = True
        self._states[0].selection.hover_point(place)
        self._pointing = False

    def _carried(self, source: int, target: int, point: Point | None) -> Point | None:
        seen = self._seen(source, target)
        return carried_point(point, *seen) if point is not None and seen is not None else None

    def _mark(self, target: int, place: Point | None) -> None:
        self._cursors[target].point = place
        self._views[target].update()


def _width(seen: NetworkInput) -> float:
    return seen.box[2] - seen.box[0]
