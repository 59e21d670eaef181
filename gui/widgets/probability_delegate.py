"""Draws a probability as a bar with its number."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem

from gui import theme
from gui.itemmodels.prediction_model import PROBABILITY_ROLE
from gui.widgets.bar_delegate import BarDelegate


class ProbabilityDelegate(BarDelegate):
    """A track over the whole range 0 to 1, a bar as long as the probability, and the number."""

    widest = "> 99.9 %"
    shortest_track = 24

    def draw_bar(
        self, painter: QPainter, track: QRect, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw track and bar."""
        colours = theme.colours()
        probability = float(index.data(PROBABILITY_ROLE) or 0.0)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.panel if selected else colours.accent_soft))
        painter.drawRoundedRect(track, 2, 2)
        if probability <= 0:
            return
        bar = QRectF(track)
        # One pixel at least, so that a tiny probability is told from none.
        bar.setWidth(max(1.0, track.width() * min(1.0, probability)))
        painter.setBrush(QColor(colours.bar))
        painter.drawRoundedRect(bar, min(2.0, bar.width() / 2), 2)
