"""The units that see a point of the picture, marked on the tiles."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from gui import theme
from gui.widgets.map_layout import MapLayout

Units = tuple[int, int, int, int]
"""Top, left, bottom, right of a block of map pixels, the last two exclusive."""

_REACH = 2
"""Pixels that the outline needs around the block."""
_LIGHT = QColor(255, 255, 255, 56)
_SHADE = QColor(0, 0, 0, 170)


def lit_rect(layout: MapLayout, index: int, units: Units, rows: int, columns: int) -> QRectF:
    """Where the block lies on the tile at an index, on the layout's surface."""
    tile = layout.target(index)
    top, left, bottom, right = units
    across, down = tile.width() / columns, tile.height() / rows
    return QRectF(tile.left() + left * across, tile.top() + top * down, (right - left) * across, (bottom - top) * down)


def touched(rect: QRectF) -> QRect:
    """The pixels that a mark over ``rect`` changes."""
    return rect.toAlignedRect().adjusted(-_REACH, -_REACH, _REACH, _REACH)


def paint_lit(
    painter: QPainter, layout: MapLayout, indices: Iterable[int], units: Units, rows: int, columns: int
) -> None:
    """Brighten the block on each tile and outline it, dark below and bright above, so that it is seen on any colours."""
    places = [lit_rect(layout, index, units, rows, columns) for index in indices]
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_LIGHT)
    painter.drawRects(places)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for colour, width in ((_SHADE, 3), (QColor(theme.colours().field), 1)):
        painter.setPen(QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.SquareCap, Qt.PenJoinStyle.MiterJoin))
        painter.drawRects(places)
