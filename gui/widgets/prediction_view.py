"""The table of predictions itself."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import QHeaderView, QWidget

from core.types import MAX_TOP_K
from gui import theme
from gui.itemmodels.prediction_model import CATEGORY, INDEX, PROBABILITY, RANK, PredictionModel
from gui.state import AppState
from gui.widgets.category_delegate import CategoryDelegate
from gui.widgets.probability_delegate import ProbabilityDelegate
from gui.widgets.row_table import RowTable
from gui.widgets.text_delegate import PADDING, TextDelegate

ROW_HEIGHT = 28
_NARROW = 260
_INDEX_FROM = 380
"""Pixels of width below which names of categories need the room of the index, which the tooltip tells as well."""
_CHOOSING_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)


class PredictionView(RowTable):
    """Rank, category, probability and index, with a sentence in place of rows where there are none.

    Rows are of one height and columns of widths that depend on the width of the view alone, so nothing moves when an
    answer arrives.
    """

    copy_requested = Signal()

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.setObjectName("predictionTable")
        self.setAccessibleName("Predictions")
        self._describe()
        self._rows = PredictionModel(state, self)
        self.setModel(self._rows)
        self.clicked.connect(self._toggle)
        numbers = TextDelegate(self, numbers=True, muted=True)
        self.setItemDelegateForColumn(RANK, numbers)
        self.setItemDelegateForColumn(INDEX, numbers)
        self.setItemDelegateForColumn(CATEGORY, CategoryDelegate(self))
        self.setItemDelegateForColumn(PROBABILITY, ProbabilityDelegate(self))
        self._behave()
        for signal in (state.classification_changed, state.failure_changed, state.image_changed):
            signal.connect(self._repaint)

    @Slot(QModelIndex)
    def _toggle(self, index: QModelIndex) -> None:
        self._rows.toggle(index.row())

    @Slot()
    def _repaint(self) -> None:
        self._describe()
        self.viewport().update()

    def _describe(self) -> None:
        found = self._state.classification
        if self.empty_text or found is None or not found.predictions:
            self.setAccessibleDescription(self.empty_text)
            return
        first = found.predictions[0]
        top = f"{first.category}, {theme.format_probability(first.probability)}{', not sure' if self._state.unsure else ''}"
        self.setAccessibleDescription(
            f"Most probable: {top}. Return chooses a category, so that everything is about it"
        )

    def _behave(self) -> None:
        self.set_up(ROW_HEIGHT)
        self.horizontalHeader().setMinimumSectionSize(24)
        self.horizontalHeader().setSectionResizeMode(CATEGORY, QHeaderView.ResizeMode.Stretch)
        self.fit_columns()

    def sizeHint(self) -> QSize:
        """Room for the rows asked for, at most ten."""
        rows = min(MAX_TOP_K, max(5, self._state.top_k))
        return QSize(360, self.horizontalHeader().sizeHint().height() + rows * ROW_HEIGHT + 2)

    def minimumSizeHint(self) -> QSize:
        """Three rows."""
        return QSize(180, self.horizontalHeader().sizeHint().height() + 3 * ROW_HEIGHT)

    def fit_columns(self) -> None:
        """Share the width out; where it is narrow the index goes first, then the bars."""
        metrics = QFontMetrics(theme.tabular(self.font()))
        width = self.viewport().width()
        narrow = width < _NARROW
        heading = metrics.horizontalAdvance("Probability") + 2 * PADDING
        number = ProbabilityDelegate.number_width(metrics)
        self.setColumnHidden(INDEX, width < _INDEX_FROM or bool(self._state.lesions.active))
        self.setColumnWidth(RANK, metrics.horizontalAdvance("10") + 2 * PADDING + 4)
        index = max(metrics.horizontalAdvance("0000"), metrics.horizontalAdvance("Index"))
        self.setColumnWidth(INDEX, index + 2 * PADDING + 4)
        self.setColumnWidth(PROBABILITY, max(heading, number if narrow else number + self._bar_width(width)))

    @staticmethod
    def _bar_width(width: int) -> int:
        return PADDING + max(40, min(160, round(width * 0.2)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy all rows with the system's copy key; choose the current one with Return or the space bar."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_requested.emit()
            event.accept()
            return
        if event.key() in _CHOOSING_KEYS and self.currentIndex().isValid():
            self._toggle(self.currentIndex())
            return
        super().keyPressEvent(event)

    @property
    def empty_text(self) -> str:
        """What stands in place of rows; empty where there are some."""
        if self._state.failure is not None:
            return f"No prediction: {self._state.failure.message}"
        if self._state.classification is None:
            return "No picture yet" if self._state.image is None else "No prediction yet"
        return ""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the rows, or the sentence."""
        super().paintEvent(event)
        text = self.empty_text
        if not text:
            return
        painter = QPainter(self.viewport())
        failed = self._state.failure is not None
        painter.setPen(QColor(theme.colours().error if failed else theme.colours().muted))
        room = QRect(self.viewport().rect()).adjusted(16, 12, -16, -12)
        painter.drawText(room, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), text)
        painter.end()
