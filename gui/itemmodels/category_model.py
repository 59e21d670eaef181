"""The categories that a person can choose: the top-1 whichever it is, the likeliest ones, then all of them by index."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Slot

from core.types import Prediction
from gui import theme
from gui.state import AppState

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole

CATEGORY_ROLE = Role.UserRole
"""Index of the category; None for the row that follows the top-1."""

SEPARATOR = "separator"
"""What ``AccessibleDescriptionRole`` says of the line between the likeliest ones and all of them."""


class CategoryModel(QAbstractListModel):
    """Row 0 follows the top-1; then the predictions of the current picture, a line, and every category of the model.

    ``note_role`` answers with what stands after a name in the open list: the probability, or the index.
    """

    def __init__(self, state: AppState, note_role: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._note_role = note_role
        self._names: tuple[str, ...] = ()
        self._top: tuple[Prediction, ...] = ()
        state.model_changed.connect(self._refresh)
        state.classification_changed.connect(self._refresh)
        self._refresh()

    @Slot()
    def _refresh(self) -> None:
        state = self._state
        names = state.model.categories if state.model is not None else ()
        top = state.classification.predictions if state.classification is not None else ()
        top = tuple(one for one in top if one.index < len(names))
        if names == self._names and len(top) == len(self._top):
            self._top = top
            if top:
                self.dataChanged.emit(self.index(0), self.index(len(top)))
            return
        self.beginResetModel()
        self._names, self._top = names, top
        self.endResetModel()

    @property
    def names(self) -> tuple[str, ...]:
        """All categories, in order of their index."""
        return self._names

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Count all rows."""
        return 0 if parent.isValid() or not self._names else self.first_of_all + len(self._names)

    @property
    def first_of_all(self) -> int:
        """The row of category 0 in the list of all."""
        return len(self._top) + 2

    def row_of(self, category: int | None) -> int:
        """The row that stands for a choice."""
        if category is None:
            return 0
        near = next((row for row, one in enumerate(self._top, 1) if one.index == category), None)
        return self.first_of_all + category if near is None else near

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Everything can be chosen but the line."""
        if not index.isValid() or index.row() == self.first_of_all - 1:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        """Answer for one row."""
        if not index.isValid() or not 0 <= index.row() < self.rowCount():
            return None
        row, all_from = index.row(), self.first_of_all
        if row == all_from - 1:
            return SEPARATOR if role == Role.AccessibleDescriptionRole else None
        if role == Role.DisplayRole:
            return self._name(row)
        if role == CATEGORY_ROLE:
            return None if row == 0 else self._top[row - 1].index if row < all_from else row - all_from
        if role == self._note_role:
            return self._note(row)
        return None

    def _name(self, row: int) -> str:
        if row == 0:
            return f"{self._top[0].category} (top-1)" if self._top else "The top-1"
        return self._top[row - 1].category if row < self.first_of_all else self._names[row - self.first_of_all]

    def _note(self, row: int) -> str:
        if row == 0:
            return "whichever it is"
        if row < self.first_of_all:
            return theme.format_probability(self._top[row - 1].probability)
        return f"#{row - self.first_of_all}"
