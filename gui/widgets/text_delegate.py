"""Draws the text of a cell in line with its column's heading."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor, QPainter, QPalette
from PySide6.QtWidgets import QApplication, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from gui import theme

PADDING = 8
"""Left and right of a text, the same as in the style sheet's headings."""


class CellDelegate(QStyledItemDelegate):
    """A delegate that leaves the ground of a cell to the style and draws what stands on it itself."""

    def paint_ground(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> str:
        """Draw the cell without its text; fills ``option`` and returns the text."""
        self.initStyleOption(option, index)
        text, option.text = option.text, ""
        style = option.widget.style() if option.widget is not None else QApplication.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, option, painter, option.widget)
        return str(text)


class TextDelegate(CellDelegate):
    """One line, elided; ``numbers`` asks for tabular figures, ``muted`` for the colour of secondary text."""

    def __init__(self, parent: QWidget | None = None, *, numbers: bool = False, muted: bool = False) -> None:
        super().__init__(parent)
        self._numbers = numbers
        self._muted = muted

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw the cell's background as the style does, then the text."""
        text = self.paint_ground(painter, option, index)
        room = option.rect.adjusted(PADDING, 0, -PADDING, 0)
        painter.save()
        painter.setFont(theme.tabular(option.font) if self._numbers else option.font)
        muted = QColor(theme.colours().muted)
        painter.setPen(muted if self._muted else option.palette.color(QPalette.ColorRole.Text))
        elided = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, int(option.displayAlignment | Qt.TextFlag.TextSingleLine), elided)
        painter.restore()
