"""Which values the colours of the maps stand for."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui import colourmaps, imaging, theme
from gui.widgets.map_words import format_number

_BAR = QSize(72, 10)
_USUAL = "−0.123 to −0.123"
"""Most numbers are no wider, so what stands beside the legend keeps its place from channel to channel."""
_NAN = "NaN"


class MapLegend(QWidget):
    """A gradient, the values that its two ends stand for, and the colour of what is not a number where there is such."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._colour_map = colourmaps.NAMES[0]
        self._gamma = 1.0
        self._text = ""
        self._nans = False
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Legend of the colours")

    @property
    def text(self) -> str:
        """What is written beside the gradient."""
        return self._text

    def show_ends(
        self,
        low: float,
        high: float,
        colour_map: str,
        whose: str,
        *,
        gamma: float = 1.0,
        nans: bool = False,
        infinities: bool = False,
    ) -> None:
        """Show one of :data:`gui.colourmaps.NAMES` from ``low`` to ``high``, which are ``whose`` ("channel 3").

        ``nans`` and ``infinities`` say whether there are such values to be explained.
        """
        text = f"{format_number(low)} to {format_number(high)}"
        words = f"Colours from {text}: {whose}"
        words += f"; gamma {gamma:.2f}" if gamma != 1.0 else ""
        words += "; pure blue: not a number" if nans else ""
        words += "; infinite values have the colours of the ends" if infinities else ""
        moves = (text, nans) != (self._text, self._nans)
        self._colour_map, self._gamma, self._text, self._nans = colour_map, gamma, text, nans
        self.setToolTip(words)
        self.setAccessibleDescription(words)
        if moves:
            self.updateGeometry()
        self.update()

    def bar_rect(self) -> QRect:
        """Where the gradient is drawn."""
        return QRect(0, (self.height() - _BAR.height()) // 2, _BAR.width(), _BAR.height())

    def nan_rect(self) -> QRect:
        """Where the colour of what is not a number is drawn; empty where there is none."""
        if not self._nans:
            return QRect()
        left = self.bar_rect().right() + 1 + 4 * theme.GRID + self._text_width()
        return QRect(left, self.bar_rect().top(), _BAR.height(), _BAR.height())

    def sizeHint(self) -> QSize:
        """The gradient and both numbers."""
        metrics = QFontMetrics(self._figures())
        width = _BAR.width() + 2 * theme.GRID + self._text_width()
        if self._nans:
            width += 3 * theme.GRID + _BAR.height() + metrics.horizontalAdvance(_NAN)
        return QSize(width, max(_BAR.height(), metrics.height()))

    def minimumSizeHint(self) -> QSize:
        """Nothing may be cut off: half a number says something wrong."""
        return self.sizeHint()

    def _text_width(self) -> int:
        metrics = QFontMetrics(self._figures())
        own = metrics.horizontalAdvance(self._text)
        return own if self._nans else max(own, metrics.horizontalAdvance(_USUAL))

    def _figures(self) -> QFont:
        return theme.tabular(self.font())

    def changeEvent(self, event: QEvent) -> None:
        """Make room for another font, take the colours of another theme."""
        super().changeEvent(event)
        self.updateGeometry()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the gradient and what it stands for."""
        colours, bar = theme.colours(), self.bar_rect()
        painter = QPainter(self)
        painter.drawImage(bar, self._gradient())
        painter.setPen(QColor(colours.line))
        painter.drawRect(bar.adjusted(0, 0, -1, -1))
        painter.setFont(self._figures())
        painter.setPen(QColor(colours.muted))
        beside = self.rect().adjusted(bar.right() + 1 + 2 * theme.GRID, 0, 0, 0)
        place = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        painter.drawText(beside, place, self._text)
        if self._nans:
            swatch = self.nan_rect()
            painter.fillRect(swatch, QColor.fromRgb(colourmaps.NAN))
            painter.drawText(self.rect().adjusted(swatch.right() + 1 + theme.GRID, 0, 0, 0), place, _NAN)
        painter.end()

    def _gradient(self) -> QImage:
        """Values in even steps from left to right, each in its colour."""
        table = np.array(colourmaps.table(self._colour_map, dark=theme.is_dark()), np.uint32)
        shares = (np.arange(_BAR.width()) + 0.5) / _BAR.width()
        shares = colourmaps.bend(shares, self._gamma, around_zero=self._colour_map == colourmaps.AROUND_ZERO)
        return imaging.from_rgb32(table[np.rint(shares * (len(table) - 1)).astype(np.intp)][None])
