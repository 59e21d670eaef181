"""Picks an architecture by its family or by typing."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, Qt, Signal, Slot
from PySide6.QtGui import QBrush, QColor, QKeyEvent
from PySide6.QtWidgets import QComboBox, QCompleter, QWidget

from core.types import BUILTIN_MODEL
from core.zoo import catalog
from gui import theme
from gui.widgets.picker import INDENT, INDENT_ROLE, Picker, PickerDelegate

SEARCH_ROLE = Qt.ItemDataRole.UserRole + 2
"""What typing looks in: name, title and family; empty for a heading."""


def title(architecture: str) -> str:
    """What a person reads for an architecture."""
    return catalog.BUILTIN_TITLE if architecture == BUILTIN_MODEL else architecture


class _Completer(QCompleter):
    """Searches names and families, but writes the name alone."""

    def pathFromIndex(self, index: QModelIndex | QPersistentModelIndex) -> str:
        return str(index.data(Qt.ItemDataRole.DisplayRole))

    def splitPath(self, path: str) -> list[str]:
        return [path.strip()]


class ModelPicker(Picker):
    """All architectures under the headings of their families; the data of an item is the architecture's name."""

    architecture_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown = ""
        self.setObjectName("modelPicker")
        self.setAccessibleName("Model")
        self.setToolTip("Model: type to search by name or family, or pick from the list (Down)")
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self._fill()
        completer = _Completer(self.entries, self)
        completer.setCompletionRole(SEARCH_ROLE)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setMaxVisibleItems(16)
        completer.popup().setItemDelegate(PickerDelegate(self))
        completer.popup().setProperty("popup", True)
        self.setCompleter(completer)
        self.lineEdit().setAccessibleName("Search a model")
        self.activated.connect(self._choose)
        self.lineEdit().editingFinished.connect(self._settle)

    def _fill(self) -> None:
        for family, names in catalog.FAMILIES.items():
            heading = self.add(family, "", enabled=False)
            font = heading.font()
            font.setBold(True)
            heading.setFont(font)
            for name in names:
                item = self.add(title(name), name, tip=f"{catalog.TITLES.get(name, title(name))} · {family}")
                item.setData(f"{title(name)} {name} {catalog.TITLES.get(name, '')} {family}", SEARCH_ROLE)
                item.setData(INDENT, INDENT_ROLE)
        self._colour_headings()

    def _colour_headings(self) -> None:
        muted = QBrush(QColor(theme.colours().muted))
        for row in range(self.entries.rowCount()):
            item = self.entries.item(row)
            if not item.data(Qt.ItemDataRole.UserRole):
                item.setForeground(muted)

    @property
    def architecture(self) -> str:
        """The architecture that is shown; "" before the first."""
        return self._shown

    def show_architecture(self, architecture: str) -> None:
        """Show an architecture without telling anybody."""
        self._shown = architecture
        self.show_row(self.find(architecture))
        self.setEditText(title(architecture))
        self.lineEdit().setCursorPosition(0)

    @Slot(int)
    def _choose(self, row: int) -> None:
        architecture = self.itemData(row)
        if not architecture:
            self.show_architecture(self._shown)
            return
        chosen = architecture != self._shown
        self.show_architecture(architecture)
        if chosen:
            self.architecture_chosen.emit(architecture)

    def _match(self, text: str) -> int:
        """Return the row of an exact name or title, else of the only or first one that holds the text; -1 for none."""
        text = text.strip().casefold()
        if not text:
            return -1
        items = [self.entries.item(row) for row in range(self.entries.rowCount())]
        names = [{str(item.text()).casefold(), str(item.data(Qt.ItemDataRole.UserRole)).casefold()} for item in items]
        exact = [item.row() for item, known in zip(items, names, strict=True) if item.isEnabled() and text in known]
        holds = [item.row() for item in items if text in str(item.data(SEARCH_ROLE) or "").casefold()]
        return next(iter((*exact, *holds)), -1)

    @Slot()
    def _settle(self) -> None:
        """Leave no wrong text behind: an exact name is taken, any other text gives way to the last good one."""
        if self.completer().popup().isVisible():
            return
        text = self.currentText().strip().casefold()
        row = self._match(text)
        exact = row >= 0 and text in {self.itemText(row).casefold(), str(self.itemData(row)).casefold()}
        self._choose(row) if exact else self.show_architecture(self._shown)

    def event(self, event: QEvent) -> bool:
        """Escape belongs to the field while something else is typed in it, and to the window otherwise."""
        is_escape = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape
        if event.type() == QEvent.Type.ShortcutOverride and is_escape and self.currentText() != title(self._shown):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return takes the first match, Escape puts the last good text back."""
        if event.key() == Qt.Key.Key_Escape and self.currentText() != title(self._shown):
            self.completer().popup().hide()
            self.show_architecture(self._shown)
            self.lineEdit().selectAll()
            return
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            row = self._match(self.currentText())
            self.completer().popup().hide()
            self._choose(row)
            self.lineEdit().selectAll()
            return
        super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Take the colours of the new theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange) and hasattr(self, "entries"):
            self._colour_headings()
