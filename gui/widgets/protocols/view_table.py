"""The views of a protocol's answer as a table."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QSize, Qt, Slot
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QPainter
from PySide6.QtWidgets import QStyleOptionViewItem, QWidget

from gui import theme
from gui.itemmodels.view_model import AGREES_ROLE, MIRRORED, PLACE, PROBABILITY, SCALE, TOP, ViewModel
from gui.state import AppState
from gui.widgets.row_table import RowTable
from gui.widgets.text_delegate import PADDING, CellDelegate, TextDelegate

ROW_HEIGHT = 22
_SHOWN = 6
_ARROW = 10


def verdict_colour(*, agrees: bool) -> QColor:
    """The colour of a view that agrees with the whole, or of one that does not; a sign or a line says the same."""
    colours = theme.colours()
    return QColor(colours.accent if agrees else colours.warning)


class TopDelegate(CellDelegate):
    """The top-1 of a view in the colour of its verdict; the text begins with the sign of it."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        """Draw sign and name."""
        text = self.paint_ground(painter, option, index)
        sign, _, name = text.partition(" ")
        painter.save()
        painter.setFont(option.font)
        room = option.rect.adjusted(PADDING, 0, -PADDING, 0)
        painter.setPen(verdict_colour(agrees=bool(index.data(AGREES_ROLE))))
        painter.drawText(room, int(option.displayAlignment), sign)
        room.setLeft(room.left() + option.fontMetrics.horizontalAdvance("✓ "))
        painter.setPen(QColor(theme.colours().text))
        name = option.fontMetrics.elidedText(name, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, int(option.displayAlignment), name)
        painter.restore()


class ViewTable(RowTable):
    """A row a view; the box of the one under the pointer, or of the current one, stands out on the picture.

    A click on a heading sorts, Escape lets the view go.
    """

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = state.protocols.look
        self.setObjectName("viewTable")
        self.setAccessibleName("Views and their votes")
        self.rows = ViewModel(state, self)
        self.setModel(self.rows)
        numbers = TextDelegate(self, numbers=True, muted=True)
        for column in (SCALE, PLACE, MIRRORED):
            self.setItemDelegateForColumn(column, numbers)
        self.setItemDelegateForColumn(TOP, TopDelegate(self))
        self.setItemDelegateForColumn(PROBABILITY, TextDelegate(self, numbers=True))
        self.set_up(ROW_HEIGHT)
        headings = self.horizontalHeader()
        headings.setSectionsClickable(True)
        headings.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        headings.setSortIndicatorClearable(True)
        self.setSortingEnabled(True)
        self.setMouseTracking(True)
        self.entered.connect(self._point)
        self.selectionModel().currentRowChanged.connect(self._choose)
        self.rows.modelReset.connect(self.fit_columns)
        self.rows.modelReset.connect(self._show_view)
        self._look.view_changed.connect(self._show_view)
        self._show_view()

    @Slot(QModelIndex)
    def _choose(self, current: QModelIndex) -> None:
        if current.isValid():
            view = self.rows.view_at(current.row())
            self._look.choose_view(view)
            self._look.show_map(view)

    @Slot(QModelIndex)
    def _point(self, index: QModelIndex) -> None:
        self._look.point_at(self.rows.view_at(index.row()))

    def leaveEvent(self, event: QEvent) -> None:
        """The view under the pointer stands out no more."""
        super().leaveEvent(event)
        self._look.point_at(None)

    @Slot()
    def _show_view(self) -> None:
        """Mark the row of the chosen view, wherever it was chosen."""
        row = self.rows.row_of(self._look.view)
        if row < 0:
            self.clearSelection()
            self.selectionModel().clearCurrentIndex()
        elif row != self.currentIndex().row():
            self.selectRow(row)
            self.scrollTo(self.rows.index(row, 0))
        self._describe()

    def _describe(self) -> None:
        same, count = self._look.agreeing()
        row = self.rows.row_of(self._look.view)
        chosen = f"; chosen: {self.rows.index(row, 0).data(Qt.ItemDataRole.AccessibleTextRole)}" if row >= 0 else ""
        self.setAccessibleDescription(f"{same} of {count} views agree with the whole{chosen}" if count else "No views yet")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape lets the chosen view go."""
        if event.key() == Qt.Key.Key_Escape and self._look.view is not None:
            self._look.choose_view(None)
            return
        super().keyPressEvent(event)

    def sizeHint(self) -> QSize:
        """A few rows."""
        return QSize(280, self.horizontalHeader().sizeHint().height() + _SHOWN * ROW_HEIGHT + 2)

    def minimumSizeHint(self) -> QSize:
        """Fewer."""
        return QSize(160, self.horizontalHeader().sizeHint().height() + 4 * ROW_HEIGHT + 2)

    def fit_columns(self) -> None:
        """Numbers and places take what they need, the name the rest; a scale that all have in common is not repeated."""
        metrics = QFontMetrics(theme.tabular(self.font()))
        width = self.viewport().width()
        self.setColumnHidden(SCALE, len(self.rows.scales) < 2)
        taken = 0
        texts = {SCALE: ["1024"], PLACE: ["Place", *self.rows.short_places], MIRRORED: ["⇄"], PROBABILITY: ["> 99.9 %"]}
        for column, some in texts.items():
            wide = max(map(metrics.horizontalAdvance, some)) + (_ARROW if column == MIRRORED else 2 * PADDING)
            self.setColumnWidth(column, wide + 2)
            taken += 0 if self.isColumnHidden(column) else wide + 2
        self.setColumnWidth(TOP, max(64, width - taken))
