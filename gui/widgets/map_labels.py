"""The numbers below the tiles."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFont, QPainter, QStaticText, QTransform

from gui.widgets.map_layout import MapLayout


class MapLabels:
    """Numbers laid out once and drawn often."""

    def __init__(self, font: QFont) -> None:
        self.font = font
        self._texts: dict[int, tuple[QStaticText, int]] = {}

    def paint(self, painter: QPainter, layout: MapLayout, index: int, number: int) -> None:
        """Write a number below the tile at an index, in the painter's pen and :attr:`font`."""
        text, half = self._texts.get(number) or self._prepare(number)
        place = layout.label(index)
        painter.drawStaticText(QPoint(place.left() + place.width() // 2 - half, place.top()), text)

    def _prepare(self, number: int) -> tuple[QStaticText, int]:
        text = QStaticText(str(number))
        text.setTextFormat(Qt.TextFormat.PlainText)
        text.prepare(QTransform(), self.font)
        made = self._texts[number] = (text, round(text.size().width() / 2))
        return made
