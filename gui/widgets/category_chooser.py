"""Choosing a category by typing a part of its name; what no category is called can become a new one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from gui import theme
from gui.widgets.picker import NOTE_ROLE, PickerDelegate

_MOVES = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
_CHOICE = Qt.ItemDataRole.UserRole
LONGEST = 120
"""Characters of the name of a new category."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A category: its name, its index in the model (None for one that it does not have), and what to know about it."""

    name: str
    index: int | None
    note: str = ""


class CategoryChooser(QWidget):
    """A line to filter with, and the categories below; arrow keys walk the list while one types."""

    chosen = Signal()  # a category was chosen for good: Return, or a double click
    changed = Signal()  # another row is marked

    def __init__(self, choices: Sequence[Choice], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._choices = tuple(choices)
        self.line = QLineEdit(self)
        self.line.setPlaceholderText("Type a category, or the name of a new one")
        self.line.setAccessibleName("Category")
        self.line.setToolTip("Part of a name filters; Up and Down choose; Return takes it")
        self.line.setMaxLength(LONGEST)
        self.line.setClearButtonEnabled(True)
        self.list = QListWidget(self)
        self.list.setAccessibleName("Categories")
        self.list.setToolTip("Categories of the model, likely ones first; double-click takes one")
        self.list.setItemDelegate(PickerDelegate(self.list))
        self.list.setUniformItemSizes(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2 * theme.GRID)
        column.addWidget(self.line)
        column.addWidget(self.list, 1)
        self.setFocusProxy(self.line)
        self.line.installEventFilter(self)
        self.line.textChanged.connect(self._fill)
        self.line.returnPressed.connect(self.chosen)
        self.list.itemDoubleClicked.connect(self.chosen)
        self.list.currentRowChanged.connect(self.changed)
        self._fill("")

    @property
    def choice(self) -> Choice | None:
        """The category that is marked."""
        item = self.list.currentItem()
        found = item.data(_CHOICE) if item is not None else None
        return found if isinstance(found, Choice) else None

    @Slot(str)
    def _fill(self, text: str) -> None:
        wanted = " ".join(text.split())
        folded = wanted.casefold()
        fitting = [one for one in self._choices if folded in one.name.casefold()]
        # What begins with the text stands before what only has it inside; else likely ones stay first.
        if folded:
            fitting.sort(key=lambda one: (one.name.casefold() != folded, not one.name.casefold().startswith(folded)))
        self.list.clear()
        for one in fitting:
            self._add(one, one.name)
        if wanted and not any(one.name.casefold() == folded for one in self._choices):
            self._add(Choice(wanted, None), f"New category “{wanted}”")
        self.list.setCurrentRow(0)

    def _add(self, choice: Choice, text: str) -> None:
        item = QListWidgetItem(text)
        item.setData(_CHOICE, choice)
        item.setData(NOTE_ROLE, choice.note)
        self.list.addItem(item)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Walk the list with the arrow keys while the line has the keyboard."""
        pressed = watched is self.line and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress
        if pressed and event.key() in _MOVES and not event.modifiers():
            self.list.event(event)
            return True
        return super().eventFilter(watched, event)
