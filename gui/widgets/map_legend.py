"""Which values the colours of the maps stand for."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui import colourmaps, imaging, theme
from gui.widgets.map_words import format_number

_BAR = QSize(72, 10)
_USUAL = "−0.123 to −0.123"
"""Most numbers are no wider, so what stands beside the legend keeps its place from channel to channel."""


class MapLegend(QWidget):
    """A gradient, and the values that its two ends stand for."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._colour_map = colourmaps.NAMES[0]
        self._text = ""
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Legend of the colours")

    @property
    def text(self) -> str:
        """What is written beside the gradient."""
        return self._text

    def show_ends(self, low: float, high: float, colour_map: str, whose: str) -> None:
        """Show one of :data:`gui.colourmaps.NAMES` from ``low`` to ``high``, which are ``whose`` ("channel 3")."""
        self._colour_map, self._text = colour_map, f"{format_number(low)} to {format_number(high)}"
        words = f"Colours from {self._text}: {whose}"
        self.setToolTip(words)
        self.setAccessibleDescription(words)
        self.updateGeometry()
        self.update()

    def bar_rect(self) -> QRect:
        """Where the gradient is drawn."""
        return QRect(0, (self.height() - _BAR.height()) // 2, _BAR.width(), _BAR.height())

    def sizeHint(self) -> QSize:
        """The gradient and both numbers."""
        metrics = QFontMetrics(self._figures())
        text = max(metrics.horizontalAdvance(self._text), metrics.horizontalAdvance(_USUAL))
        return QSize(_BAR.width() + 2 * theme.GRID + text, max(_BAR.height(), metrics.height()))

    def minimumSizeHint(self) -> QSize:
        """Nothing may be cut off: half a number says something wrong."""
        return self.sizeHint()

    def _figures(self) -> QFont:
        return theme.tabular(self.font())

    def changeEvent(self, event: QEvent) -> None:
        """Make room for another font, take the colours of another theme."""
        super().changeEvent(event)
        self.updateGeometry()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw number, gradient, number."""
        colours, bar = theme.colours(), self.bar_rect()
        painter = QPainter(self)
        table = colourmaps.table(self._colour_map, dark=theme.is_dark())
        painter.drawImage(bar, imaging.to_mapped_qimage(np.arange(256, dtype=np.uint8)[None], table[:256]))
        painter.setPen(QColor(colours.line))
        painter.drawRect(bar.adjusted(0, 0, -1, -1))
        painter.setFont(self._figures())
        painter.setPen(QColor(colours.muted))
        beside = self.rect().adjusted(bar.right() + 1 + 2 * theme.GRID, 0, 0, 0)
        painter.drawText(beside, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), self._text)
        painter.end()
