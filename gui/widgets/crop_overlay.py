"""The part of the picture that the network sees."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath

from gui import theme
from gui.state import AppState
from gui.widgets.picture_viewport import PictureViewport

OUTSIDE = QColor(0, 0, 0, 96)
EDGE = QColor(0, 0, 0, 140)


class CropOverlay:
    """Outlines :attr:`NetworkInput.box` and dims what lies outside; the outline lies around it and hides nothing."""

    def __init__(self, state: AppState) -> None:
        self._state = state
        self.visible = True

    def paint(self, painter: QPainter, viewport: PictureViewport) -> None:
        """Draw the outline of the crop now known; not where the views of a test protocol take its place."""
        seen = self._state.network_input
        if seen is None or self._state.protocols.drawn(self._state.picture):
            return
        crop = viewport.box_to_view(seen.box)
        unseen = QPainterPath()
        unseen.addRect(viewport.picture_rect())
        inside = QPainterPath()
        inside.addRect(crop)
        painter.fillPath(unseen.subtracted(inside), OUTSIDE)
        _paint_outline(painter, crop, 3, EDGE)
        _paint_outline(painter, crop, 2, QColor(theme.colours().accent))


def _paint_outline(painter: QPainter, rect: QRectF, width: int, colour: QColor) -> None:
    """Fill the ring of this width around ``rect``."""
    ring = QPainterPath()
    ring.setFillRule(Qt.FillRule.OddEvenFill)
    ring.addRect(rect.adjusted(-width, -width, width, width))
    ring.addRect(rect)
    painter.fillPath(ring, colour)
