"""The mark on the thumbnail of a picture that a person labelled: a tick in a disc, or a pencil in a square."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from gui import theme
from gui.itemmodels.label_words import CONFIRMED

_SIDE = 18


def paint_badge(painter: QPainter, tile: QRect, label: str | None) -> None:
    """Draw it into the lower right corner of a tile; nothing where there is no label."""
    if not label:
        return
    c = theme.colours()
    box = QRectF(tile.right() - _SIDE - 1, tile.bottom() - _SIDE - 1, _SIDE, _SIDE)
    painter.save()
    painter.setPen(QPen(QColor(c.panel), 2))
    painter.setBrush(QColor(c.accent if label == CONFIRMED else c.warning))
    pen = QPen(QColor(c.panel), 1.8, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    if label == CONFIRMED:
        painter.drawEllipse(box)
        shape = ((5, 9.5), (8, 12.5), (13, 6))
    else:
        painter.drawRoundedRect(box, 4, 4)
        shape = ((5, 13), (5.6, 10), (11, 4.6), (13.4, 7), (8, 12.4), (5, 13))
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolyline(QPolygonF([box.topLeft() + QPointF(x, y) for x, y in shape]))
    painter.restore()
