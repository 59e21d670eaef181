"""The grid of patches."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from core.types import Patches
from gui import theme
from gui.itemmodels.patch_model import PatchModel
from gui.state import AppState
from gui.widgets.patches.patch_delegate import GAP, PatchDelegate
from gui.widgets.placeholder import paint_hint

_WIDTH = 88
"""The least width of a cell in device-independent pixels."""


class PatchGrid(QListView):
    """Patches row by row, the strongest first; arrow keys walk, a click or Enter opens, Escape leaves."""

    opened = Signal(object)  # Patch
    left = Signal()

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._patches = PatchModel(self)
        self._delegate = PatchDelegate(state, None)
        self._hint = ("", "")
        self.setObjectName("patchGrid")
        self.setAccessibleName("Strongest patches")
        self.setModel(self._patches)
        self.setItemDelegate(self._delegate)
        self._set_up_behaviour()
        self.clicked.connect(self._open)
        self.activated.connect(self._open)

    def _set_up_behaviour(self) -> None:
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setDragEnabled(False)
        self.setAcceptDrops(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)

    def set_answer(self, answer: Patches | None) -> None:
        """Show another answer; the current patch stays current where it still is one, and the view stays where it is."""
        current = self._patches.patch_at(self.currentIndex().row())
        top = self.verticalScrollBar().value()
        self._patches.set_answer(answer)
        row = self._patches.row_of(current) if current is not None else -1
        if row >= 0:
            self.setCurrentIndex(self._patches.index(row))
            self.verticalScrollBar().setValue(top)

    def set_hint(self, title: str, detail: str) -> None:
        """Say something where there are no patches."""
        self._hint = (title, detail)
        self.viewport().update()

    @Slot(QModelIndex)
    def _open(self, index: QModelIndex) -> None:
        patch = self._patches.patch_at(index.row())
        if patch is not None:
            self.opened.emit(patch)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape takes the outline away; the rest is the list's own."""
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let as many columns in as fit, and fill the width."""
        # Room for the scroll bar is always kept, so that nothing moves when it comes; and a row that just fits is wrapped.
        width = max(1, self.width() - self.verticalScrollBar().sizeHint().width() - 1)
        columns = max(1, width // _WIDTH)
        side = width // columns
        cell = QSize(side, side + self.fontMetrics().height() + GAP)
        if cell != self._delegate.cell:
            self._delegate.cell = cell
            self.setGridSize(cell)
        self.verticalScrollBar().setSingleStep(cell.height() // 3)
        super().resizeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the patches, or what to do to get some."""
        super().paintEvent(event)
        if self._patches.rowCount() == 0 and any(self._hint):
            painter = QPainter(self.viewport())
            painter.setFont(self.font())
            place = self.viewport().rect().adjusted(2 * theme.GRID, theme.GRID, -2 * theme.GRID, -theme.GRID)
            paint_hint(painter, place, *self._hint)
            painter.end()
