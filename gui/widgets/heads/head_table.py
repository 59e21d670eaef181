"""What each head says, one below the other."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QPainter
from PySide6.QtWidgets import QHeaderView, QStyleOptionViewItem, QWidget

from gui import theme
from gui.itemmodels.head_model import CATEGORY, HEAD_ROLE, PROBABILITY, HeadModel
from gui.state import AppState
from gui.widgets.category_delegate import CategoryDelegate
from gui.widgets.placeholder import heading_font
from gui.widgets.probability_delegate import ProbabilityDelegate
from gui.widgets.row_table import RowTable
from gui.widgets.text_delegate import PADDING

ROW_HEIGHT = 24
_NARROW = 260
_INDENT = 8
_CHOOSING_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)


class _Delegate(CategoryDelegate):
    """The line of a head is bold, over a hairline."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw a head's line, or a category moved in below it."""
        if index.data(HEAD_ROLE) is None:
            option.rect.setLeft(option.rect.left() + _INDENT)
            super().paint(painter, option, index)
            return
        text = self.paint_ground(painter, option, index)
        room = option.rect.adjusted(PADDING, 0, -PADDING, 0)
        painter.save()
        if index.row():
            painter.setPen(QColor(theme.colours().line))
            painter.drawLine(room.topLeft(), room.topRight())
        painter.setFont(heading_font(option.font))
        painter.setPen(QColor(theme.colours().text))
        elided = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, int(option.displayAlignment | Qt.TextFlag.TextSingleLine), elided)
        painter.restore()


class HeadTable(RowTable):
    """A bold line for each head; a click on it chooses the head, one on a category chooses that."""

    head_chosen = Signal(object)  # HeadAnswer

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.setObjectName("headTable")
        self.setAccessibleName("What the heads say")
        self.setAccessibleDescription("Return on a head looks at the layer that it hangs on, on a category chooses it")
        self.rows = HeadModel(state, self)
        self.setModel(self.rows)
        self.setItemDelegateForColumn(CATEGORY, _Delegate(self))
        self.setItemDelegateForColumn(PROBABILITY, ProbabilityDelegate(self))
        self.set_up(ROW_HEIGHT)
        self.horizontalHeader().setMinimumSectionSize(24)
        self.horizontalHeader().setSectionResizeMode(CATEGORY, QHeaderView.ResizeMode.Stretch)
        self.clicked.connect(self._choose)
        self.rows.modelReset.connect(self._span)
        self._span()
        self.fit_columns()

    @Slot()
    def _span(self) -> None:
        self.clearSpans()
        for row in range(self.rows.rowCount()):
            if self.rows.row(row).prediction is None:
                self.setSpan(row, CATEGORY, 1, 2)

    def minimumSizeHint(self) -> QSize:
        """A row and a half under the heading: it scrolls."""
        return QSize(160, self.horizontalHeader().sizeHint().height() + ROW_HEIGHT * 3 // 2)

    def fit_columns(self) -> None:
        """Give the categories what the probabilities leave."""
        metrics = QFontMetrics(theme.tabular(self.font()))
        number = ProbabilityDelegate.number_width(metrics)
        width = self.viewport().width()
        self.setColumnWidth(PROBABILITY, number if width < _NARROW else number + max(40, round(width * 0.2)))

    @Slot(QModelIndex)
    def _choose(self, index: QModelIndex) -> None:
        row = self.rows.row(index.row())
        if row.prediction is None:
            self.head_chosen.emit(row.head)
        else:
            chosen = self._state.selection.category == row.prediction.index
            self._state.selection.set_category(None if chosen else row.prediction.index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose the current line with Return or the space bar."""
        if event.key() in _CHOOSING_KEYS and self.currentIndex().isValid():
            self._choose(self.currentIndex())
            return
        super().keyPressEvent(event)
