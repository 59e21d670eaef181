"""Marks the muted channels among the maps."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QObject, QPointF, QRectF, Qt, Slot
from PySide6.QtGui import QColor, QPainter, QPen

from gui import theme
from gui.state import AppState


class _Maps(Protocol):
    def set_muted(self, channels: frozenset[int]) -> None: ...


class MutedMarks(QObject):
    """Tells a grid of maps which of the channels it shows are muted."""

    def __init__(self, grid: _Maps, state: AppState) -> None:
        super().__init__(state)
        self._grid, self._state = grid, state
        state.lesions.changed.connect(self._show)
        state.activations_changed.connect(self._show)

    @Slot()
    def _show(self) -> None:
        shown = self._state.activations
        self._grid.set_muted(self._state.lesions.muted(shown.layer.key) if shown is not None else frozenset())


def paint_muted(painter: QPainter, tile: QRectF) -> None:
    """Dim a map and cross it out in its upper right corner."""
    c = theme.colours()
    side = max(8.0, min(16.0, tile.width() / 3))
    mark = QRectF(tile.right() - side - 1, tile.top() + 1, side, side)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    veil = QColor(c.canvas)
    veil.setAlphaF(0.55)
    painter.fillRect(tile, veil)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(c.panel))
    painter.drawEllipse(mark)
    painter.setPen(QPen(QColor(c.warning), max(1.5, side / 8), Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    inset = side * 0.3
    for start, end in (((-1, -1), (1, 1)), ((-1, 1), (1, -1))):
        reach = side / 2 - inset + side * 0.04
        centre = mark.center()
        painter.drawLine(
            centre + QPointF(start[0] * reach, start[1] * reach), centre + QPointF(end[0] * reach, end[1] * reach)
        )
    painter.restore()
