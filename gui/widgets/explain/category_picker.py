"""Picks a category: the top-1, one of the likeliest, or any other by typing."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QStringListModel, Qt, Slot
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox, QCompleter, QSizePolicy, QWidget

from gui.itemmodels.category_model import CATEGORY_ROLE, CategoryModel
from gui.state import AppState
from gui.widgets.picker import NOTE_ROLE, PickerDelegate

_WIDEST_LIST = 420


class CategoryPicker(QComboBox):
    """Shows :attr:`AppState.category`; what is picked goes to ``state.selection``."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.setObjectName("categoryPicker")
        self.setAccessibleName("Category")
        self.setToolTip("Category: type a part of its name, or pick from the list (Down). A click in the predictions picks too")
        self.rows = CategoryModel(state, NOTE_ROLE, self)
        self.setModel(self.rows)
        self.setItemDelegate(PickerDelegate(self))
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setMaxVisibleItems(20)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(8)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._known: tuple[str, ...] = ()
        self._names = QStringListModel(self)
        self._typed: str | None = None
        # Not setCompleter() of the box: that looks for the text again and takes the first category of that name.
        self.lineEdit().setCompleter(self._make_completer())
        self.lineEdit().textEdited.connect(self._note_typed)
        self.lineEdit().setAccessibleName("Search a category")
        self.lineEdit().setPlaceholderText("Category")
        self.lineEdit().editingFinished.connect(self._settle)
        self.activated.connect(self._choose_row)
        for fact in (state.model_changed, state.classification_changed, state.selection.category_changed):
            fact.connect(self._show)
        self._show()

    def _make_completer(self) -> QCompleter:
        completer = QCompleter(self._names, self)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setMaxVisibleItems(16)
        completer.popup().setProperty("popup", True)
        completer.popup().setUniformItemSizes(True)
        completer.popup().setItemDelegate(PickerDelegate(self))
        completer.activated[QModelIndex].connect(self._choose_completion)
        return completer

    @Slot()
    def _show(self) -> None:
        """Take over the model's categories and the choice, without telling anybody."""
        if self._known is not self.rows.names:
            self._known = self.rows.names
            self._names.setStringList(list(self._known))
        blocked = self.blockSignals(True)
        self.setCurrentIndex(self.rows.row_of(self._state.selection.category))
        self.blockSignals(blocked)
        # The box has overwritten what somebody may just be typing.
        self.setEditText(self._text() if self._typed is None else self._typed)
        if self._typed is None:
            self.lineEdit().setCursorPosition(0)
        self.setEnabled(bool(self.rows.names))

    @Slot(str)
    def _note_typed(self, text: str) -> None:
        self._typed = text

    def _text(self) -> str:
        row = self.rows.row_of(self._state.selection.category)
        return str(self.rows.index(row).data() or "")

    def _choose(self, category: int | None) -> None:
        self.completer().popup().hide()
        self._typed = None
        self._state.selection.set_category(category)
        self._show()

    @Slot(int)
    def _choose_row(self, row: int) -> None:
        index = self.rows.index(row)
        if index.flags() & Qt.ItemFlag.ItemIsEnabled:
            self._choose(index.data(CATEGORY_ROLE))

    @Slot(QModelIndex)
    def _choose_completion(self, index: QModelIndex) -> None:
        # The row among the names that fit; two categories may have the same name.
        self._choose(self.completer().completionModel().mapToSource(index).row())

    def _match(self, text: str) -> int | None:
        """Index of the category of exactly this name or index, else of the first that holds the text."""
        text = text.strip().casefold()
        if text.isdecimal() and int(text) < len(self.rows.names):
            return int(text)
        names = [name.casefold() for name in self.rows.names]
        if text in names:
            return names.index(text)
        return next((index for index, name in enumerate(names) if text and text in name), None)

    @Slot()
    def _settle(self) -> None:
        """Leave no half-typed text behind."""
        if not self.completer().popup().isVisible():
            self._typed = None
            self._show()

    def event(self, event: QEvent) -> bool:
        """Escape belongs to the field while something else is typed in it, and to the window otherwise."""
        is_escape = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape
        if event.type() == QEvent.Type.ShortcutOverride and is_escape and self.currentText() != self._text():
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return takes the first match, Escape puts the chosen one back, Down opens the list."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            found = self._match(self.currentText()) if self.currentText() != self._text() else None
            if found is not None:
                self._choose(found)
            self._settle()
            self.lineEdit().selectAll()
        elif event.key() == Qt.Key.Key_Escape and self.currentText() != self._text():
            self.completer().popup().hide()
            self._settle()
            self.lineEdit().selectAll()
        elif event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down) and not event.modifiers():
            self.showPopup()
        else:
            super().keyPressEvent(event)

    def showPopup(self) -> None:
        """Open the list wide enough for its names."""
        self.view().setMinimumWidth(max(self.width(), min(_WIDEST_LIST, self.view().sizeHintForColumn(0) + 32)))
        super().showPopup()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to what lies around."""
        event.ignore()
