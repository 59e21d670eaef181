"""The pointer's place on the other picture."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from core.types import NetworkInput
from gui import theme
from gui.widgets.picture_viewport import PictureViewport

_ARM = 9
_GAP = 3
_SHADE = QColor(0, 0, 0, 150)

Point = tuple[float, float]


class TwinCursor:
    """A cross at ``point``, in pixels of the upright original; nothing while that is None."""

    def __init__(self) -> None:
        self.visible = True
        self.point: Point | None = None

    def paint(self, painter: QPainter, viewport: PictureViewport) -> None:
        """Draw the cross, dark below and bright above, open in the middle so that it hides nothing."""
        if self.point is None:
            return
        middle = viewport.to_view(QPointF(*self.point))
        for colour, width in ((_SHADE, 4), (QColor(theme.colours().field), 2)):
            painter.setPen(QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
            for way in (QPointF(1, 0), QPointF(-1, 0), QPointF(0, 1), QPointF(0, -1)):
                painter.drawLine(middle + way * _GAP, middle + way * (_GAP + _ARM))


def carried_point(point: Point, source: NetworkInput, target: NetworkInput) -> Point:
    """Return the point that lies in the crop of ``target`` where ``point`` lies in that of ``source``."""
    left, top, right, bottom = source.box
    new_left, new_top, new_right, new_bottom = target.box
    across, down = (point[0] - left) / (right - left), (point[1] - top) / (bottom - top)
    return new_left + across * (new_right - new_left), new_top + down * (new_bottom - new_top)
