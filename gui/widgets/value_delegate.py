"""Draws a value as a bar from zero with its number."""

from __future__ import annotations

import math

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QStyleOptionViewItem

from gui import colourmaps, theme
from gui.itemmodels.unit_model import RANGE_ROLE, VALUE_ROLE
from gui.widgets.bar_delegate import BarDelegate

_BELOW, _ABOVE = 43, 213
"""Steps of the colours around zero that are strong without being dark or glaring."""


def sign_colour(value: float) -> QColor:
    """The colour of what is above or below zero, as in the maps."""
    return QColor.fromRgb(colourmaps.table(colourmaps.AROUND_ZERO, dark=theme.is_dark())[_ABOVE if value >= 0 else _BELOW])


class ValueDelegate(BarDelegate):
    """A bar from zero, all rows on one scale: to the right and orange above zero, to the left and blue below."""

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
        painter.fillRect(bar, sign_colour(value))
        if low < 0 < high:
            painter.fillRect(QRectF(round(zero), track.top() - 4, 1, track.height() + 8), QColor(colours.line))
