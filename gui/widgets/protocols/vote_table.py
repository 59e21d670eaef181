"""A few predictions as a table."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QSize, Qt, Slot
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from core.types import Prediction
from gui import theme
from gui.itemmodels.vote_model import CATEGORY, PROBABILITY, RANK, VoteModel
from gui.state import AppState
from gui.widgets.category_delegate import CategoryDelegate
from gui.widgets.probability_delegate import ProbabilityDelegate
from gui.widgets.row_table import RowTable
from gui.widgets.text_delegate import PADDING, TextDelegate

ROW_HEIGHT = 22
TOP = 5
_NARROW = 240
_CHOOSING_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)


class VoteTable(RowTable):
    """Rank, category and probability in the style of the predictions; a click or Return chooses a category."""

    def __init__(self, state: AppState, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._hint = ""
        self._name = name
        self.setAccessibleName(name)
        self.rows = VoteModel(state, self)
        self.setModel(self.rows)
        self.setItemDelegateForColumn(RANK, TextDelegate(self, numbers=True, muted=True))
        self.setItemDelegateForColumn(CATEGORY, CategoryDelegate(self))
        self.setItemDelegateForColumn(PROBABILITY, ProbabilityDelegate(self))
        self.set_up(ROW_HEIGHT)
        self.horizontalHeader().hide()
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.clicked.connect(self._choose)
        self.show_rows((), "")

    def show_rows(self, rows: tuple[Prediction, ...], hint: str = "") -> None:
        """Show predictions, or a hint where there are none."""
        self.rows.set_rows(rows[:TOP])
        self._hint = "" if rows else hint
        top = f"Most probable: {rows[0].category}, {theme.format_probability(rows[0].probability)}" if rows else hint
        self.setAccessibleDescription(top or "Nothing yet")
        self.viewport().update()

    @Slot(QModelIndex)
    def _choose(self, index: QModelIndex) -> None:
        self.rows.toggle(index.row())

    def sizeHint(self) -> QSize:
        """Room for five rows."""
        return QSize(240, TOP * ROW_HEIGHT + 2)

    def minimumSizeHint(self) -> QSize:
        """All rows, however narrow."""
        return QSize(160, TOP * ROW_HEIGHT + 2)

    def fit_columns(self) -> None:
        """Numbers first, then names; where it is narrow the bars go."""
        metrics = QFontMetrics(theme.tabular(self.font()))
        width = self.viewport().width()
        rank = metrics.horizontalAdvance("10") + PADDING
        number = ProbabilityDelegate.number_width(metrics)
        share = number if width < _NARROW else number + PADDING + max(32, round(width * 0.2))
        self.setColumnWidth(RANK, rank)
        self.setColumnWidth(PROBABILITY, share)
        self.setColumnWidth(CATEGORY, max(40, width - rank - share))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose the category of the current row."""
        if event.key() in _CHOOSING_KEYS and self.currentIndex().isValid():
            self._choose(self.currentIndex())
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the rows, or the hint."""
        super().paintEvent(event)
        if not self._hint:
            return
        painter = QPainter(self.viewport())
        painter.setPen(QColor(theme.colours().muted))
        room = self.viewport().rect().adjusted(8, 4, -8, -4)
        painter.drawText(room, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), self._hint)
        painter.end()
