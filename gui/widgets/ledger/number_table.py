"""A table of counted numbers with what is printed beside them: sorted by any column, copied by rows."""

from __future__ import annotations

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QRect, QSortFilterProxyModel, Qt, Slot
from PySide6.QtGui import QColor, QFontMetrics, QGuiApplication, QKeySequence, QPainter, QPaintEvent, QPalette, QShortcut
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QStyleOptionViewItem, QWidget

from gui import theme
from gui.itemmodels.ledger_network_model import SORT_ROLE, VERDICT_ROLE
from gui.widgets.row_table import RowTable
from gui.widgets.text_delegate import PADDING, CellDelegate

ROW_HEIGHT = 26
_ARROW = 14
_SLACK = 2
"""Pixels by which a text may be drawn wider than it was measured."""
_SECOND_AT_MOST = 150
_SECOND = 96
"""Pixels that the second column keeps where even the first has too little."""
_LONGEST = 240
"""Pixels of the widest column but the first; longer texts are elided, and stand in the tooltip."""


class _Delegate(CellDelegate):
    """Tabular figures; what differs from what is printed in the colour of a warning, besides its sign."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw the cell's background as the style does, then the text."""
        text = self.paint_ground(painter, option, index)
        room = option.rect.adjusted(PADDING, 0, -PADDING, 0)
        painter.save()
        painter.setFont(theme.tabular(option.font))
        colour = option.palette.color(QPalette.ColorRole.Text)
        if index.data(VERDICT_ROLE) == "different":
            colour = QColor(theme.colours().warning)
        painter.setPen(colour)
        elided = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, room.width())
        painter.drawText(room, int(option.displayAlignment | Qt.TextFlag.TextSingleLine), elided)
        painter.restore()


class NumberTable(RowTable):
    """Shows a model through a sorter; ``empty_text`` stands where there are no rows.

    The first column takes what the others leave. Where that is less than ``keep`` pixels the columns of ``spare`` are left out,
    the first of them first, and then the second column gives way; a column without any text is left out, too.
    """

    def __init__(
        self, source: QAbstractTableModel, spare: tuple[int, ...], keep: int, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._source, self._spare, self._keep = source, spare, keep
        self._widths: dict[int, int] = {}
        self.empty_text = ""
        self.sorter = QSortFilterProxyModel(self)
        self.sorter.setSourceModel(source)
        self.sorter.setSortRole(SORT_ROLE)
        self.setModel(self.sorter)
        self.setItemDelegate(_Delegate(self))
        self.set_up(ROW_HEIGHT)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        header = self.horizontalHeader()
        header.setSectionsClickable(True)
        header.setMinimumSectionSize(24)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.setSortingEnabled(True)
        self.sort_as_given()
        copy = QShortcut(QKeySequence(QKeySequence.StandardKey.Copy), self)
        copy.setContext(Qt.ShortcutContext.WidgetShortcut)
        copy.activated.connect(self.copy)
        source.modelReset.connect(self.measure)
        source.dataChanged.connect(self.measure)
        self.measure()

    def sort_as_given(self) -> None:
        """Put the rows into the order of the model."""
        self.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.sorter.sort(-1)

    @property
    def row(self) -> int:
        """The row of the model that is current; -1 for none."""
        index = self.sorter.mapToSource(self.currentIndex())
        return index.row() if index.isValid() else -1

    def show_row(self, row: int) -> None:
        """Make a row of the model the current one."""
        index = self.sorter.mapFromSource(self._source.index(row, 0))
        if index.isValid() and index.row() != self.currentIndex().row():
            self.setCurrentIndex(index)
            self.scrollTo(index)

    @Slot()
    def measure(self) -> None:
        """Find out how wide the columns are."""
        metrics = QFontMetrics(theme.tabular(self.font()))
        rows = range(self._source.rowCount())
        self._widths = {}
        for column in range(self._source.columnCount()):
            texts = {str(self._source.index(row, column).data()) for row in rows}
            # The longest texts are the widest ones, near enough: measuring all of a thousand takes time.
            widest = max((metrics.horizontalAdvance(text) + _SLACK for text in sorted(texts, key=len)[-3:] if text), default=0)
            heading = str(self._source.headerData(column, Qt.Orientation.Horizontal))
            own = metrics.horizontalAdvance(heading) + _ARROW if widest or not rows else 0
            most = _LONGEST if column != 1 else _SECOND_AT_MOST
            self._widths[column] = min(most, max(widest, own)) + 2 * PADDING if widest or not rows else 0
        self.fit_columns()

    def fit_columns(self) -> None:
        """Give each column what it needs, and leave out what there is no room for."""
        if not self._widths:
            return
        room = self.viewport().width()
        left_out = [column for column, width in self._widths.items() if column and not width]
        for column in self._spare:
            if self._keep + self._needed(left_out) <= room:
                break
            left_out.append(column)
        lacking = self._keep + self._needed(left_out) - room
        for column, width in self._widths.items():
            self.setColumnHidden(column, column in left_out)
            if column == 1 and lacking > 0:
                self.setColumnWidth(column, max(min(_SECOND, width), width - lacking))
            elif column:
                self.setColumnWidth(column, width)

    def _needed(self, left_out: list[int]) -> int:
        return sum(width for column, width in self._widths.items() if column and column not in left_out)

    @Slot()
    def copy(self) -> None:
        """Put the chosen rows on the clipboard, tab by tab."""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        columns = [column for column in range(self.sorter.columnCount()) if not self.isColumnHidden(column)]
        lines = ["\t".join(str(self.sorter.index(row, column).data()).strip() for column in columns) for row in rows]
        if lines:
            QGuiApplication.clipboard().setText("\n".join(lines))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the rows, or the sentence."""
        super().paintEvent(event)
        if self._source.rowCount() or not self.empty_text:
            return
        painter = QPainter(self.viewport())
        painter.setPen(QColor(theme.colours().muted))
        room = QRect(self.viewport().rect()).adjusted(16, 12, -16, -12)
        painter.drawText(room, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), self.empty_text)
        painter.end()
