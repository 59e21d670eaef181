"""The list inside the strip: it asks for the thumbnails that can be seen, and says what to do while it is empty."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPersistentModelIndex, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from core.types import ImageRef
from gui.itemmodels.image_list_model import ImageListModel
from gui.state import AppState
from gui.widgets.image_strip_delegate import ImageStripDelegate
from gui.widgets.placeholder import open_shortcut, paint_hint

THROTTLE_MS = 30


class ImageStripList(QListView):
    """The pictures one below the other; thousands of them cost no more than those on the screen."""

    delete_pressed = Signal()

    def __init__(self, state: AppState, model: ImageListModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._images = model
        self._request = QTimer(self, singleShot=True, interval=THROTTLE_MS)
        self._request.timeout.connect(self._ask_for_thumbnails)
        self.setObjectName("imageStrip")
        self.setAccessibleName("Pictures")
        self._describe()
        self.setModel(model)
        self.setItemDelegate(ImageStripDelegate(self))
        self._set_up_behaviour()
        self.verticalScrollBar().valueChanged.connect(self._schedule)
        for changed in (model.rowsInserted, model.rowsRemoved, model.modelReset):
            changed.connect(self._schedule)
            changed.connect(self._describe)

    def _set_up_behaviour(self) -> None:
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.setMouseTracking(True)
        # The window takes drops, wherever they fall.
        self.setAcceptDrops(False)

    def make_current(self, row: int) -> None:
        """Select this row alone and scroll to it; -1 for none."""
        selection = self.selectionModel()
        if row < 0:
            selection.clear()
        elif self.currentIndex().row() != row:
            index = self._images.index(row)
            selection.setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
            self.scrollTo(index)

    def visible_rows(self) -> range:
        """The rows that can be seen, at least in part."""
        height = self.sizeHintForRow(0)
        if height <= 0:
            return range(0)
        top = self.verticalScrollBar().value()
        bottom = top + self.viewport().height() - 1
        return range(top // height, min(bottom // height + 1, self._images.rowCount()))

    def dataChanged(
        self,
        topLeft: QModelIndex | QPersistentModelIndex,  # noqa: N803 - Qt's own names
        bottomRight: QModelIndex | QPersistentModelIndex,  # noqa: N803
        roles: Sequence[int] = (),
    ) -> None:
        """Repaint the rows that changed; QListView would lay out all rows again, and here they are all alike."""
        QAbstractItemView.dataChanged(self, topLeft, bottomRight, list(roles))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete takes pictures out; the rest is the list's own."""
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.delete_pressed.emit()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The right button selects what the menu is about, but does not make it the picture that is looked at."""
        if event.button() != Qt.MouseButton.RightButton:
            super().mousePressEvent(event)
            return
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and not self.selectionModel().isSelected(index):
            self.selectionModel().select(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        event.accept()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Ask for what came into view."""
        super().resizeEvent(event)
        self._schedule()

    def showEvent(self, event: QShowEvent) -> None:
        """Ask for what came into view."""
        super().showEvent(event)
        self._schedule()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the rows, or what to do where there are none."""
        super().paintEvent(event)
        if self._images.rowCount() == 0:
            place = self.viewport().rect().adjusted(8, 8, -8, -8)
            paint_hint(QPainter(self.viewport()), place, "Drop pictures here", f"or press {open_shortcut()}")

    @Slot()
    def _describe(self) -> None:
        count = self._images.rowCount()
        if not count:
            self.setAccessibleDescription(f"No pictures yet. Drop some here, or press {open_shortcut()}.")
            return
        number = "1 picture" if count == 1 else f"{count} pictures"
        keys = "Up and Down choose a picture, Delete takes the selected ones out of the list."
        self.setAccessibleDescription(f"{number}. {keys}")

    @Slot()
    def _schedule(self) -> None:
        if not self._request.isActive():
            self._request.start()

    @Slot()
    def _ask_for_thumbnails(self) -> None:
        wanted = self._wanted() if self.isVisible() else ()
        if wanted:
            self._state.want_thumbnails(wanted)

    def _wanted(self) -> tuple[ImageRef, ...]:
        """Pictures without a thumbnail: those in view, then a screenful below, then one above."""
        seen = self.visible_rows()
        below = range(seen.stop, min(seen.stop + len(seen), self._images.rowCount()))
        above = range(max(0, seen.start - len(seen)), seen.start)
        rows = (*seen, *below, *reversed(above))
        images = (self._images.image_at(row) for row in rows if self._images.lacks_thumbnail(row))
        return tuple(image for image in images if image is not None)
