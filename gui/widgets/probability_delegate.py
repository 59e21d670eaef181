"""Draws a probability as a bar with its number."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter
from PySide6.QtWidgets import QApplication, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from gui import theme
from gui.itemmodels.prediction_model import PROBABILITY_ROLE

BAR_HEIGHT = 8
_PADDING = 8
_WIDEST = "> 99.9 %"
_SHORTEST_BAR = 24


class ProbabilityDelegate(QStyledItemDelegate):
    """A track over the whole range 0 to 1, a bar as long as the probability, and the number in tabular figures."""

    @staticmethod
    def number_width(metrics: QFontMetrics) -> int:
        """Width in pixels of the widest number, padding included."""
        return metrics.horizontalAdvance(_WIDEST) + 2 * _PADDING

    @classmethod
    def track(cls, cell: QRect, metrics: QFontMetrics) -> QRect:
        """Where the bar of probability 1 lies in a cell; empty where the cell is too narrow for one."""
        room = cell.width() - cls.number_width(metrics) - _PADDING
        if room < _SHORTEST_BAR:
            return QRect()
        return QRect(cell.left() + _PADDING, cell.center().y() - BAR_HEIGHT // 2 + 1, room, BAR_HEIGHT)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw the cell's background as the style does, then bar and number."""
        self.initStyleOption(option, index)
        text, option.text = option.text, ""
        style = option.widget.style() if option.widget is not None else QApplication.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, option, painter, option.widget)
        colours = theme.colours()
        font = theme.tabular(option.font)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        track = self.track(option.rect, QFontMetrics(font))
        if not track.isEmpty():
            self._draw_bar(painter, track, float(index.data(PROBABILITY_ROLE) or 0.0), option)
        painter.setFont(font)
        painter.setPen(QColor(colours.text))
        painter.drawText(option.rect.adjusted(0, 0, -_PADDING, 0), int(_RIGHT), text)
        painter.restore()

    @staticmethod
    def _draw_bar(painter: QPainter, track: QRect, probability: float, option: QStyleOptionViewItem) -> None:
        colours = theme.colours()
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
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


_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
