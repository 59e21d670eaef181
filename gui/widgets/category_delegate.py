"""Draws a category, and a mark where it is the chosen one."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QStyleOptionViewItem

from gui import theme
from gui.itemmodels.prediction_model import CHOSEN_ROLE
from gui.widgets.placeholder import heading_font
from gui.widgets.text_delegate import PADDING, CellDelegate

_RING = 5.0
_DOT = 2.0
_ROOM = 20


class CategoryDelegate(CellDelegate):
    """One line, elided; the chosen category is bold and ends with a target, so that no colour is needed to tell it."""

    @staticmethod
    def mark_rect(cell: QRect) -> QRect:
        """Where the target stands in a cell."""
        side = round(2 * _RING) + 2
        return QRect(cell.right() - PADDING - side, cell.center().y() - side // 2 + 1, side, side)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw the cell's background as the style does, then the text and the mark."""
        text = self.paint_ground(painter, option, index)
        chosen = bool(index.data(CHOSEN_ROLE))
        room = option.rect.adjusted(PADDING, 0, -PADDING - (_ROOM if chosen else 0), 0)
        painter.save()
        painter.setFont(heading_font(option.font) if chosen else option.font)
        painter.setPen(QColor(theme.colours().text))
        elided = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, int(option.displayAlignment | Qt.TextFlag.TextSingleLine), elided)
        if chosen:
            self._paint_mark(painter, self.mark_rect(option.rect))
        painter.restore()

    @staticmethod
    def _paint_mark(painter: QPainter, place: QRect) -> None:
        accent = QColor(theme.colours().accent)
        middle = QPointF(place.x() + place.width() / 2, place.y() + place.height() / 2)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(accent, 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(middle, _RING, _RING)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(accent)
        painter.drawEllipse(middle, _DOT, _DOT)
