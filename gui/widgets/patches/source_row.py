"""Where the patches are looked for: the strip or a folder, and how many of one picture."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QSize, Qt, Slot
from PySide6.QtWidgets import QComboBox, QFileDialog, QHBoxLayout, QToolButton, QWidget

from gui import theme
from gui.facts.patches import MAX_PER_PICTURE
from gui.state import AppState
from gui.widgets.patches.elided_combo import ElidedCombo


def count_pictures(count: int) -> str:
    """Write "1 picture", "1,200 pictures"."""
    return f"{count:,} picture" + ("" if count == 1 else "s")


class SourceRow(QWidget):
    """A list of the sources, a button for another folder, and a choice of how many patches a picture may have."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.source = ElidedCombo(self)
        self.source.setAccessibleName("Pictures that are looked through")
        self.source.setToolTip("Pictures that are looked through")
        self.source.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.source.setMinimumContentsLength(8)
        self.folder = QToolButton(self)
        self.folder.setObjectName("choosePatchFolder")
        self.folder.setAutoRaise(True)
        self.folder.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.folder.setIconSize(QSize(20, 20))
        self.folder.setAccessibleName("Choose a folder…")
        self.folder.setToolTip("Choose a folder… (and what is below it)")
        self.per_picture = QComboBox(self)
        self.per_picture.setAccessibleName("Most patches of one picture")
        self.per_picture.setToolTip("Most patches of one picture")
        self.per_picture.addItems([f"{count} each" for count in range(1, MAX_PER_PICTURE + 1)])
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.GRID)
        row.addWidget(self.source, 1)
        row.addWidget(self.folder)
        row.addWidget(self.per_picture)
        self._dress()
        self._connect()
        self._list()

    def _connect(self) -> None:
        state = self._state
        self.source.activated.connect(self._choose_source)
        self.folder.clicked.connect(self._ask_for_folder)
        self.per_picture.activated.connect(self._choose_per_picture)
        state.images_appended.connect(self._list)
        state.images_removed.connect(self._list)
        state.patches.folder_changed.connect(self._list)
        state.patches.per_picture_changed.connect(self._show_per_picture)

    @Slot()
    def _list(self) -> None:
        folder = self._state.patches.folder
        known = [self.source.itemData(place) for place in range(1, self.source.count())]
        folders = [*known, folder] if folder is not None and folder not in known else known
        self.source.clear()
        self.source.addItem(f"Strip: {count_pictures(len(self._state.images))}", None)
        for one in folders:
            self.source.addItem(f"Folder: {one.name or one}", one)
            self.source.setItemData(self.source.count() - 1, str(one), Qt.ItemDataRole.ToolTipRole)
        self.source.setCurrentIndex(folders.index(folder) + 1 if folder is not None else 0)
        self.source.setToolTip(str(folder) if folder is not None else "Pictures that are looked through")

    @Slot(int)
    def _choose_source(self, place: int) -> None:
        self._state.patches.choose_folder(self.source.itemData(place))

    @Slot()
    def _ask_for_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(self, "Find patches in the pictures of a folder")
        if name:
            self._state.patches.choose_folder(Path(name).absolute())

    @Slot(int)
    def _choose_per_picture(self, place: int) -> None:
        self._state.patches.set_per_picture(place + 1)

    @Slot(int)
    def _show_per_picture(self, per_picture: int) -> None:
        self.per_picture.setCurrentIndex(per_picture - 1)

    def changeEvent(self, event: QEvent) -> None:
        """Draw the icon in the colours of the new theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange) and hasattr(self, "per_picture"):
            self._dress()

    def _dress(self) -> None:
        self.folder.setIcon(theme.icon("folder", self))
