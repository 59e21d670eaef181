"""The change in probabilities from A to B: a table with signed bars, and what to know about it."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QHeaderView, QLabel, QStyleOptionViewItem, QVBoxLayout, QWidget

from gui import theme
from gui.itemmodels.change_model import CATEGORY, CHANGE, IN_A, IN_B, ChangeModel
from gui.itemmodels.unit_model import RANGE_ROLE, VALUE_ROLE
from gui.state import AppState
from gui.widgets.row_table import RowTable
from gui.widgets.text_delegate import PADDING, CellDelegate, TextDelegate
from gui.widgets.value_delegate import ValueDelegate, sign_colour

ROW_HEIGHT = 28
_LONGEST_BAR = 96


class ChangeDelegate(ValueDelegate):
    """A bar to the right of zero for what B finds more probable, to the left for what it finds less so.

    Its colours are those of the difference of the maps: orange above zero, blue below.
    """

    widest = "−100.0"
    shortest_track = 24

    def draw_bar(
        self, painter: QPainter, track: QRect, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw the bar where there is a change to show."""
        change = index.data(VALUE_ROLE)
        if change is None:
            return
        reach = index.data(RANGE_ROLE)[1]
        zero = track.left() + track.width() // 2
        # One pixel at least beside the line at zero, so that a tiny change has a direction too.
        length = max(1.0, abs(change) / reach * (track.width() // 2 - 1)) if change else 0.0
        left = zero + 1 if change > 0 else zero - length
        painter.fillRect(QRectF(left, track.top(), length, track.height()), sign_colour(change))
        painter.fillRect(QRectF(zero, track.top() - 4, 1, track.height() + 8), QColor(theme.colours().line))


class NumberDelegate(CellDelegate):
    """A number at the right of its cell, with no room kept at its left: columns of numbers may stand close."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        """Draw the cell's background as the style does, then the number."""
        text = self.paint_ground(painter, option, index)
        painter.save()
        painter.setFont(theme.tabular(option.font))
        painter.setPen(option.palette.color(QPalette.ColorRole.Text))
        painter.drawText(option.rect.adjusted(0, 0, -PADDING, 0), int(option.displayAlignment), text)
        painter.restore()


class ChangeView(RowTable):
    """Category, A, B and change; where there are no rows a sentence."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.setObjectName("changeTable")
        self.setAccessibleName("Change in probabilities")
        self.setAccessibleDescription("The most probable categories of A and of B, and how much B differs from A")
        self._rows = ChangeModel(state, self)
        self.setModel(self._rows)
        self.setItemDelegateForColumn(CATEGORY, TextDelegate(self))
        for column in (IN_A, IN_B):
            self.setItemDelegateForColumn(column, NumberDelegate(self))
        self.setItemDelegateForColumn(CHANGE, ChangeDelegate(self))
        self.set_up(ROW_HEIGHT)
        self.horizontalHeader().setMinimumSectionSize(24)
        self.horizontalHeader().setSectionResizeMode(CATEGORY, QHeaderView.ResizeMode.Stretch)
        self.fit_columns()
        self.clicked.connect(self._choose)
        self.activated.connect(self._choose)
        state.comparison.waiting_changed.connect(self._repaint)

    @Slot(QModelIndex)
    def _choose(self, index: QModelIndex) -> None:
        """Let a category of A be the one that everything is about."""
        chosen = self._rows.row(index.row()).index_a
        if chosen is not None:
            self._state.selection.set_category(chosen)

    @Slot()
    def _repaint(self) -> None:
        self.viewport().update()

    def sizeHint(self) -> QSize:
        """Room for some rows."""
        return QSize(360, self.horizontalHeader().sizeHint().height() + 6 * ROW_HEIGHT + 2)

    def minimumSizeHint(self) -> QSize:
        """Three rows."""
        return QSize(180, self.horizontalHeader().sizeHint().height() + 3 * ROW_HEIGHT)

    def fit_columns(self) -> None:
        """Share the width out: what the numbers leave goes to the names first, and to the bars."""
        metrics = QFontMetrics(theme.tabular(self.font()))
        probability = metrics.horizontalAdvance("> 99.9 %") + PADDING
        change = ChangeDelegate.number_width(metrics)
        heading = metrics.horizontalAdvance("Change") + 2 * PADDING
        spare = max(0, self.viewport().width() - 2 * probability - change)
        bar = min(_LONGEST_BAR, round(spare * 0.35))
        self.setColumnWidth(IN_A, probability)
        self.setColumnWidth(IN_B, probability)
        self.setColumnWidth(CHANGE, max(heading, change + bar))

    @property
    def empty_text(self) -> str:
        """What stands in place of rows; empty where there are some."""
        facts = self._state.comparison
        if self._rows.rowCount():
            return ""
        if facts.failure is not None:
            return f"B has no answer: {facts.failure.message}"
        return "B is on its way" if facts.waiting else "Nothing to compare yet"

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the rows, or the sentence."""
        super().paintEvent(event)
        text = self.empty_text
        if not text:
            return
        painter = QPainter(self.viewport())
        failed = self._state.comparison.failure is not None
        painter.setPen(QColor(theme.colours().error if failed else theme.colours().muted))
        room = QRect(self.viewport().rect()).adjusted(16, 12, -16, -12)
        painter.drawText(room, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), text)
        painter.end()


class ChangeTable(QWidget):
    """Title, table, and a remark about the two lists of categories where they are not the same."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        title = QLabel("Change from A to B", self)
        title.setProperty("heading", True)
        title.setContentsMargins(2 * theme.GRID, 2 * theme.GRID, 2 * theme.GRID, 2 * theme.GRID)
        self.view = ChangeView(state, self)
        self.remark = QLabel(self)
        self.remark.setProperty("muted", True)
        self.remark.setWordWrap(True)
        self.remark.setContentsMargins(2 * theme.GRID, theme.GRID, 2 * theme.GRID, 2 * theme.GRID)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(title)
        column.addWidget(self.view, 1)
        column.addWidget(self.remark)
        state.comparison.answer_changed.connect(self._show_remark)
        state.lesions.changed.connect(self._show_remark)
        self._show_remark()

    @Slot()
    def _show_remark(self) -> None:
        answer = self._state.comparison.answer
        lesions = "A and B are shown without the lesions." if self._state.lesions.active else ""
        words = " ".join(filter(None, (answer.remark, lesions))) if answer is not None else ""
        self.remark.setText(words)
        self.remark.setVisible(bool(words))
