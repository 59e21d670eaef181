"""Draws a value as a bar from zero with its number."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter
from PySide6.QtWidgets import QApplication, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from gui import theme
from gui.itemmodels.unit_model import RANGE_ROLE, VALUE_ROLE

BAR_HEIGHT = 8
_PADDING = 8
_WIDEST = "−0.00e+00"
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class ValueDelegate(QStyledItemDelegate):
    """A bar to the right of zero for a positive value, to the left for a negative one, all rows on one scale."""

    @staticmethod
    def number_width(metrics: QFontMetrics) -> int:
        """Width in pixels of the widest number, padding included."""
        return metrics.horizontalAdvance(_WIDEST) + 2 * _PADDING

    @classmethod
    def track(cls, cell: QRect, metrics: QFontMetrics) -> QRect:
        """Where the whole scale lies in a cell."""
        room = max(0, cell.width() - cls.number_width(metrics) - _PADDING)
        return QRect(cell.left() + _PADDING, cell.center().y() - BAR_HEIGHT // 2 + 1, room, BAR_HEIGHT)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw the cell's background as the style does, then bar, zero and number."""
        self.initStyleOption(option, index)
        text, option.text = option.text, ""
        style = option.widget.style() if option.widget is not None else QApplication.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, option, painter, option.widget)
        colours, font = theme.colours(), theme.tabular(option.font)
        track = self.track(option.rect, QFontMetrics(font))
        painter.save()
        if track.width() > 0:
            low, high = index.data(RANGE_ROLE)
            self._draw_bar(painter, track, float(index.data(VALUE_ROLE)), low, high)
        painter.setFont(font)
        painter.setPen(QColor(colours.text))
        painter.drawText(option.rect.adjusted(0, 0, -_PADDING, 0), int(_RIGHT), text)
        painter.restore()

    @staticmethod
    def _draw_bar(painter: QPainter, track: QRect, value: float, low: float, high: float) -> None:
        colours = theme.colours()
        scale = track.width() / (high - low)
        zero = track.left() - low * scale
        end = zero + max(low, min(high, value)) * scale
        bar = QRectF(min(zero, end), track.top(), abs(end - zero), track.height())
        painter.fillRect(bar, QColor(colours.bar if value >= 0 else colours.warning))
        if low < 0 < high:
            painter.fillRect(QRectF(round(zero), track.top() - 4, 1, track.height() + 8), QColor(colours.line))
