"""The units that see a point of the picture, marked on the tiles."""

from __future__ import annotations

import math
from collections.abc import Iterable

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from gui import theme
from gui.widgets.map_layout import MapLayout

Units = tuple[int, int, int, int]
"""Top, left, bottom, right of a block of map pixels, the last two exclusive."""

_REACH = 2
"""Pixels that the outline needs around the block."""
_FORMAT = QImage.Format.Format_ARGB32_Premultiplied
_LIGHT = QColor(255, 255, 255, 56)
_SHADE = QColor(0, 0, 0, 170)


def _lit_rect(layout: MapLayout, units: Units, rows: int, columns: int) -> QRectF:
    """Where the block lies on a tile, counted from the tile's corner."""
    tile = layout.target(0).size()
    top, left, bottom, right = units
    across, down = tile.width() / columns, tile.height() / rows
    return QRectF(left * across, top * down, (right - left) * across, (bottom - top) * down)


def _touched(rect: QRectF) -> QRect:
    """The pixels that a mark over ``rect`` changes."""
    return rect.toAlignedRect().adjusted(-_REACH, -_REACH, _REACH, _REACH)


def paint_lit(
    painter: QPainter, layout: MapLayout, corners: Iterable[QPoint], units: Units, rows: int, columns: int
) -> None:
    """Brighten the block on each tile and outline it, dark below and bright above, so that it is seen on any colours."""
    place = _lit_rect(layout, units, rows, columns)
    offset, mark = _touched(place).topLeft(), _mark(place, layout.ratio)
    for corner in corners:
        painter.drawImage(corner + offset, mark)


def _mark(place: QRectF, ratio: float) -> QImage:
    """The mark itself, drawn once for all tiles."""
    around = _touched(place)
    image = QImage(QSize(math.ceil(around.width() * ratio), math.ceil(around.height() * ratio)), _FORMAT)
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.transparent)
    inside = place.translated(-around.topLeft().toPointF())
    painter = QPainter(image)
    painter.fillRect(inside, _LIGHT)
    for colour, width in ((_SHADE, 3), (QColor(theme.colours().field), 1)):
        painter.setPen(QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.SquareCap, Qt.PenJoinStyle.MiterJoin))
        painter.drawRect(inside)
    painter.end()
    return image

