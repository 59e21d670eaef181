"""Draws a value as a bar from zero with its number."""

from __future__ import annotations

import math

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QStyleOptionViewItem

from gui import theme
from gui.itemmodels.unit_model import RANGE_ROLE, VALUE_ROLE
from gui.widgets.bar_delegate import BarDelegate


class ValueDelegate(BarDelegate):
    """A bar to the right of zero for a positive value, to the left for a negative one, all rows on one scale."""

    widest = "−0.00e+00"

    def draw_bar(
        self, painter: QPainter, track: QRect, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw the bar, and zero where it lies inside the scale."""
        colours = theme.colours()
        low, high = index.data(RANGE_ROLE)
        value = float(index.data(VALUE_ROLE))
        if math.isnan(value):
            return
        scale = track.width() / (high - low)
        zero = track.left() - low * scale
        end = zero + max(low, min(high, value)) * scale
        bar = QRectF(min(zero, end), track.top(), abs(end - zero), track.height())
        painter.fillRect(bar, QColor(colours.bar if value >= 0 else colours.warning))
        if low < 0 < high:
            painter.fillRect(QRectF(round(zero), track.top() - 4, 1, track.height() + 8), QColor(colours.line))
