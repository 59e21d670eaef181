"""The strip: every picture that is open, and the one being looked at."""

from __future__ import annotations

from PySide6.QtCore import QItemSelection, QModelIndex, QSize, Signal, Slot
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from core.types import ImageRef
from gui import theme
from gui.itemmodels.image_list_model import ImageListModel
from gui.state import AppState
from gui.widgets.image_strip_list import ImageStripList


class ImageStrip(QWidget):
    """A list of thumbnails under a line that counts them; its current row is :attr:`AppState.image`, both ways.

    Attributes
    ----------
    view
        The list itself, object name ``imageStrip``; actions added to it are its context menu.
    """

    remove_requested = Signal(object)  # tuple[ImageRef, ...] that are selected, in the order of the strip
    selection_changed = Signal()

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._images = ImageListModel(state, self)
        self._count = QLabel(self)
        self._count.setProperty("muted", True)
        self._count.setContentsMargins(3 * theme.GRID, 2 * theme.GRID, 3 * theme.GRID, theme.GRID)
        self.view = ImageStripList(state, self._images, self)
        self.setFocusProxy(self.view)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._count)
        layout.addWidget(self.view, 1)
        self._connect()
        self._follow_model()

    def _connect(self) -> None:
        for changed in (self._images.rowsInserted, self._images.rowsRemoved, self._images.modelReset):
            changed.connect(self._follow_model)
        selection = self.view.selectionModel()
        selection.currentChanged.connect(self._follow_view)
        selection.selectionChanged.connect(self._follow_selection)
        self.view.delete_pressed.connect(self._request_removal)
        self._state.image_changed.connect(self._follow_state)

    def sizeHint(self) -> QSize:
        """Wide enough for a thumbnail, a name and a category."""
        return QSize(248, 480)

    def minimumSizeHint(self) -> QSize:
        """Narrow enough for thumbnails alone."""
        return QSize(96, 160)

    def selected_images(self) -> tuple[ImageRef, ...]:
        """The selected pictures in the order of the strip."""
        rows = sorted(index.row() for index in self.view.selectionModel().selectedIndexes())
        images = (self._images.image_at(row) for row in rows)
        return tuple(image for image in images if image is not None)

    @Slot()
    def _request_removal(self) -> None:
        selected = self.selected_images()
        if selected:
            self.remove_requested.emit(selected)

    @Slot()
    def _follow_model(self) -> None:
        self._follow_state(self._state.image)
        self._write_count()

    @Slot(object)
    def _follow_state(self, image: ImageRef | None) -> None:
        self.view.make_current(self._images.row_of(image))

    @Slot(QModelIndex, QModelIndex)
    def _follow_view(self, current: QModelIndex, _previous: QModelIndex) -> None:
        image = self._images.image_at(current.row())
        if image is not None:
            self._state.set_image(image)

    @Slot(QItemSelection, QItemSelection)
    def _follow_selection(self, _selected: QItemSelection, _deselected: QItemSelection) -> None:
        self._write_count()
        self.selection_changed.emit()

    def _write_count(self) -> None:
        total = self._images.rowCount()
        chosen = sum(rows.height() for rows in self.view.selectionModel().selection())
        if chosen > 1:
            self._count.setText(f"{chosen:,} of {total:,} selected")
        else:
            self._count.setText("1 picture" if total == 1 else f"{total:,} pictures" if total else "Pictures")
