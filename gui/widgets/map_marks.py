"""The marks of the current map and of the one under the pointer."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from gui import theme
from gui.widgets.map_layout import MapLayout

_REACH = 3
"""Pixels beyond a cell that its marks may cover."""


def mark_rect(layout: MapLayout, index: int, label: int) -> QRect:
    """What the marks of a tile may cover; ``label`` is the height of a number."""
    return layout.cell(index).adjusted(-_REACH - label, -_REACH, _REACH + label, _REACH + label)


def paint_frame(painter: QPainter, layout: MapLayout, index: int, *, current: bool) -> None:
    """Frame a tile: thick in the accent colour, or thin for the pointer."""
    colours, width = theme.colours(), 2 if current else 1
    pen = QPen(QColor(colours.accent if current else colours.muted), width)
    pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    reach = width / 2
    painter.drawRect(layout.target(index).adjusted(-reach, -reach, reach, reach))


def paint_chip(painter: QPainter, layout: MapLayout, index: int, text: str, *, current: bool) -> None:
    """Write the number of a tile that is too small for a label onto its lower edge."""
    colours, metrics = theme.colours(), painter.fontMetrics()
    tile = layout.tile(index)
    chip = QRect(0, 0, metrics.horizontalAdvance(text) + 8, metrics.height())
    chip.moveCenter(QPoint(tile.center().x(), tile.bottom() + 1))
    painter.fillRect(chip, QColor(colours.accent if current else colours.panel))
    painter.setPen(QColor(colours.on_accent if current else colours.text))
    painter.drawText(chip, int(Qt.AlignmentFlag.AlignCenter), text)
