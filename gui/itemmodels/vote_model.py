"""A few predictions as rows, wherever they come from: the whole of a protocol, one of its views, a cell of its map."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Slot

from core.types import Prediction
from gui import theme
from gui.itemmodels.prediction_model import CHOSEN_ROLE, PROBABILITY_ROLE
from gui.state import AppState

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole

RANK, CATEGORY, PROBABILITY = range(3)
"""The columns, the first of those of :mod:`gui.itemmodels.prediction_model`."""

_HEADERS = ("#", "Category", "Probability")
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class VoteModel(QAbstractTableModel):
    """Rank, category and probability of predictions that somebody else sets."""

    def __init__(self, state: AppState, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._rows: tuple[Prediction, ...] = ()
        state.selection.category_changed.connect(self._mark)

    @property
    def rows(self) -> tuple[Prediction, ...]:
        """What is shown."""
        return self._rows

    def set_rows(self, rows: tuple[Prediction, ...]) -> None:
        """Show other predictions; rows that stay keep their place."""
        if len(rows) == len(self._rows):
            self._rows = rows
            self._mark()
            return
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    @Slot()
    def _mark(self) -> None:
        if self._rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._rows) - 1, PROBABILITY))

    def toggle(self, row: int) -> None:
        """Choose the category of a row; or follow the top-1 again, if it is the chosen one."""
        index = self._rows[row].index
        self._state.selection.set_category(None if index == self._state.selection.category else index)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """One row a prediction."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Rank, category, probability."""
        return 0 if parent.isValid() else len(_HEADERS)

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        """Answer for one cell."""
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role == Role.DisplayRole:
            return (str(row.rank), row.category, theme.format_probability(row.probability))[index.column()]
        if role == PROBABILITY_ROLE:
            return row.probability
        if role == CHOSEN_ROLE:
            return row.index == self._state.selection.category
        if role == Role.TextAlignmentRole:
            return _LEFT if index.column() == CATEGORY else _RIGHT
        if role == Role.ToolTipRole:
            return f"{row.category}\nprobability {row.probability:.6g} · index {row.index}\nClick (or Return) chooses it"
        if role in (Role.AccessibleTextRole, Role.AccessibleDescriptionRole):
            chosen = ", chosen" if row.index == self._state.selection.category else ""
            return f"{row.rank}. {row.category}, {theme.format_probability(row.probability)}{chosen}"
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> Any:
        """Name the columns."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(_HEADERS):
            return None
        if role == Role.DisplayRole:
            return _HEADERS[section]
        if role == Role.TextAlignmentRole:
            return _RIGHT if section == RANK else _LEFT
        return None
