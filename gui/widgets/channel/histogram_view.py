"""How the values of a channel are spread, as bars."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from core.insight.histogram import Histogram, histogram
from core.types.channel import Floats
from gui import theme
from gui.widgets.map_words import format_number

_HEIGHT = 104
_TICK = 4


class HistogramView(QWidget):
    """Bars of :func:`core.insight.histogram.histogram` over an axis with its numbers; the pointer or arrow keys mark a bar."""

    bar_marked = Signal(str)  # the marked bar in words, "" for none

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._histogram: Histogram | None = None
        self._log = False
        self._marked = -1
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Histogram")
        self.setToolTip("Point at a bar, or press Left and Right, for its range and count")

    def set_values(self, values: Floats | None) -> None:
        """Count other values, float32 of any shape."""
        self._histogram = histogram(values) if values is not None else None
        self.setAccessibleDescription(self._words())
        self._mark(-1)
        self.update()

    def set_log(self, log: bool) -> None:
        """Draw the logarithm of the counts."""
        self._log = log
        self.update()

    @property
    def bars(self) -> int:
        """How many bars there are."""
        return len(self._histogram.counts) if self._histogram is not None else 0

    def bar_words(self, bar: int) -> str:
        """Say which values a bar counts: "−0.31 to −0.12 · 34 values"."""
        if self._histogram is None or not 0 <= bar < self.bars:
            return ""
        count = int(self._histogram.counts[bar])
        low, high = (format_number(float(self._histogram.edges[at])) for at in (bar, bar + 1))
        place = f"{low} to {high}" if self.bars > 1 else f"around {low}" if low == high else f"{low} to {high}"
        return f"{place} · {count:,} value{'s' * (count != 1)}"

    def _words(self) -> str:
        if not self.bars:
            return "No finite values"
        assert self._histogram is not None
        counts = self._histogram.counts
        return f"{int(counts.sum()):,} values; the highest bar: {self.bar_words(int(counts.argmax()))}"

    # --- where things are

    def sizeHint(self) -> QSize:
        """Of one height."""
        return QSize(280, _HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """As high, and narrower."""
        return QSize(120, _HEIGHT)

    def plot_rect(self) -> QRectF:
        """Where the bars stand: the numbers of the axis are below, that of the highest bar is above."""
        line = self.fontMetrics().height()
        return QRectF(1, line + 2, max(1, self.width() - 2), max(1, self.height() - 2 * line - 4 - _TICK))

    def bar_rect(self, bar: int) -> QRectF:
        """Where a bar is drawn; its height may be 0."""
        assert self._histogram is not None
        plot, share = self.plot_rect(), self._share(int(self._histogram.counts[bar]))
        if self.bars == 1:
            wide = plot.width() / 20
            return QRectF(plot.center().x() - wide / 2, plot.bottom() - share * plot.height(), wide, share * plot.height())
        wide = plot.width() / self.bars
        left, right = round(plot.left() + bar * wide), round(plot.left() + (bar + 1) * wide)
        height = max(share * plot.height(), 1.0 if share else 0.0)
        return QRectF(left, plot.bottom() - height, max(1, right - left - 1), height)

    def _share(self, count: int) -> float:
        assert self._histogram is not None
        most = int(self._histogram.counts.max())
        return math.log1p(count) / math.log1p(most) if self._log else count / most

    def bar_at(self, position: QPointF) -> int:
        """The bar whose column is under a point; -1 beside the plot."""
        plot = self.plot_rect()
        if not self.bars or not plot.left() <= position.x() < plot.right():
            return -1
        return min(self.bars - 1, int((position.x() - plot.left()) * self.bars / plot.width()))

    # --- drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw bars, axis and numbers."""
        painter = QPainter(self)
        colours = theme.colours()
        painter.setFont(theme.tabular(self.font()))
        if not self.bars:
            painter.setPen(QColor(colours.muted))
            painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignCenter), self._words())
            return
        plot = self.plot_rect()
        if self._marked >= 0:
            column = self.bar_rect(self._marked)
            painter.fillRect(QRectF(column.left(), plot.top(), column.width(), plot.height()), QColor(colours.accent_soft))
        for bar in range(self.bars):
            painter.fillRect(self.bar_rect(bar), QColor(colours.accent if bar == self._marked else colours.bar))
        painter.fillRect(QRectF(plot.left(), plot.bottom(), plot.width(), 1), QColor(colours.muted))
        self._paint_numbers(painter, plot)
        if self.hasFocus():
            painter.setPen(QColor(colours.accent))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def _paint_numbers(self, painter: QPainter, plot: QRectF) -> None:
        assert self._histogram is not None
        painter.setPen(QColor(theme.colours().muted))
        low, high = float(self._histogram.edges[0]), float(self._histogram.edges[-1])
        below = QRectF(plot.left(), plot.bottom() + _TICK, plot.width(), self.fontMetrics().height())
        flags = Qt.AlignmentFlag.AlignTop
        if self.bars == 1:
            painter.drawText(below, int(flags | Qt.AlignmentFlag.AlignHCenter), format_number(low))
        else:
            painter.drawText(below, int(flags | Qt.AlignmentFlag.AlignLeft), format_number(low))
            painter.drawText(below, int(flags | Qt.AlignmentFlag.AlignRight), format_number(high))
            self._paint_zero(painter, plot, below, low, high)
        most = f"{int(self._histogram.counts.max()):,}"
        above = QRectF(plot.left(), 0, plot.width(), self.fontMetrics().height())
        painter.drawText(above, int(Qt.AlignmentFlag.AlignLeft), f"highest bar {most}{', log scale' if self._log else ''}")

    def _paint_zero(self, painter: QPainter, plot: QRectF, below: QRectF, low: float, high: float) -> None:
        """A tick at zero, and its number where the ends leave room."""
        if not low < 0 < high:
            return
        zero = plot.left() - low / (high - low) * plot.width()
        painter.fillRect(QRectF(round(zero), plot.bottom(), 1, _TICK), QColor(theme.colours().muted))
        metrics = painter.fontMetrics()
        left = plot.left() + metrics.horizontalAdvance(format_number(low)) + 8
        right = plot.right() - metrics.horizontalAdvance(format_number(high)) - 8
        half = metrics.horizontalAdvance("0") / 2
        if left < zero - half and zero + half < right:
            painter.drawText(QPointF(zero - half, below.top() + metrics.ascent()), "0")

    # --- a person

    def _mark(self, bar: int) -> None:
        if bar != self._marked:
            self._marked = bar
            self.bar_marked.emit(self.bar_words(bar))
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Mark the bar under the pointer."""
        self._mark(self.bar_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """Take the mark away."""
        super().leaveEvent(event)
        self._mark(-1)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the mark away."""
        super().focusOutEvent(event)
        self._mark(-1)
        self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the frame."""
        super().focusInEvent(event)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the mark."""
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Home: -self.bars, Qt.Key.Key_End: self.bars}
        step = steps.get(Qt.Key(event.key()))
        if step is None or not self.bars or event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            super().keyPressEvent(event)
            return
        start = self._marked if self._marked >= 0 else int(np.argmax(self._histogram.counts)) - step
        self._mark(max(0, min(self.bars - 1, start + step)))
