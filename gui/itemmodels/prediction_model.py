"""The top-k of the current picture as rows, and as text to copy."""

from __future__ import annotations

import csv
import io
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Slot

from core.types import Classification, Prediction
from gui import theme
from gui.itemmodels.lesioned_row import say_lesioned
from gui.state import AppState

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole

RANK, CATEGORY, PROBABILITY, INDEX = range(4)
"""The columns."""

PROBABILITY_ROLE = Role.UserRole
"""The probability itself, a float in [0, 1], whatever the column."""

CHOSEN_ROLE = Role.UserRole + 20
"""Whether a person chose this category, so that everything is about it."""

_HEADERS = ("#", "Category", "Probability", "Index")
_CHOOSE = "Click (or Return): everything is about this category"
_UNCHOOSE = "Chosen: everything is about it. Click again (or Return) to follow the top-1"
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


def as_text(classification: Classification, k: int, *, unsure: bool = False) -> str:
    """Write the first ``k`` predictions as lines to read: rank, category and probability as they are shown; and any doubt."""
    rows = classification.predictions[:k]
    width = max((len(row.category) for row in rows), default=0)
    lines = [f"{row.rank:>2}. {row.category:<{width}}  {theme.format_probability(row.probability):>7}\n" for row in rows]
    return "".join([*lines, *(["Not sure\n"] if unsure else [])])


def as_csv(classification: Classification, k: int) -> str:
    """Write the first ``k`` predictions as CSV (RFC 4180) with a header; probabilities unrounded, in [0, 1]."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(("rank", "index", "category", "probability"))
    for row in classification.predictions[:k]:
        writer.writerow((row.rank, row.index, row.category, repr(float(row.probability))))
    return out.getvalue()


class PredictionModel(QAbstractTableModel):
    """The first ``state.top_k`` predictions; none while the current picture has failed."""

    def __init__(self, state: AppState, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._rows: tuple[Prediction, ...] = self._wanted()
        state.classification_changed.connect(self._refresh)
        state.failure_changed.connect(self._refresh)
        state.top_k_changed.connect(self._refresh)
        state.selection.category_changed.connect(self._refresh)

    def _wanted(self) -> tuple[Prediction, ...]:
        state = self._state
        if state.classification is None or state.failure is not None:
            return ()
        return state.classification.predictions[: state.top_k]

    @Slot()
    def _refresh(self) -> None:
        """Take over the rows; those that stay keep their place, only the difference is inserted or removed."""
        new, old = self._wanted(), self._rows
        if len(new) < len(old):
            self.beginRemoveRows(QModelIndex(), len(new), len(old) - 1)
            self._rows = old[: len(new)]
            self.endRemoveRows()
        elif len(new) > len(old):
            self.beginInsertRows(QModelIndex(), len(old), len(new) - 1)
            self._rows = (*old, *new[len(old) :])
            self.endInsertRows()
        self._rows = new
        if new and old:
            self.dataChanged.emit(self.index(0, 0), self.index(len(new) - 1, INDEX))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """One row a prediction."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Rank, category, probability, index."""
        return 0 if parent.isValid() else len(_HEADERS)

    def prediction(self, row: int) -> Prediction:
        """Return the prediction of a row."""
        return self._rows[row]

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        """Answer for one cell."""
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role == Role.DisplayRole:
            return self._text(row, index.column())
        if role == PROBABILITY_ROLE:
            return row.probability
        if role == CHOSEN_ROLE:
            return self._is_chosen(row)
        if role == Role.TextAlignmentRole:
            return _LEFT if index.column() == CATEGORY else _RIGHT
        if role == Role.ToolTipRole:
            facts = f"{row.category}\nprobability {row.probability:.6g} · index {row.index}{say_lesioned(self._state, row)}"
            return f"{facts}\n{_UNCHOOSE if self._is_chosen(row) else _CHOOSE}"
        if role in (Role.AccessibleTextRole, Role.AccessibleDescriptionRole):
            about = f"{row.rank}. {row.category}, {theme.format_probability(row.probability)}, index {row.index}"
            return about + say_lesioned(self._state, row) + (", chosen" if self._is_chosen(row) else "")
        return None

    def _is_chosen(self, row: Prediction) -> bool:
        return row.index == self._state.selection.category

    def toggle(self, row: int) -> None:
        """Choose the category of a row; or follow the top-1 again, if it is the chosen one."""
        prediction = self._rows[row]
        self._state.selection.set_category(None if self._is_chosen(prediction) else prediction.index)

    @staticmethod
    def _text(row: Prediction, column: int) -> str:
        if column == CATEGORY:
            return row.category
        if column == PROBABILITY:
            return theme.format_probability(row.probability)
        return str(row.rank if column == RANK else row.index)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> Any:
        """Name the columns."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(_HEADERS):
            return None
        if role == Role.DisplayRole:
            return _HEADERS[section]
        if role == Role.TextAlignmentRole:
            return _LEFT if section in (CATEGORY, PROBABILITY) else _RIGHT
        if role == Role.AccessibleTextRole and section == RANK:
            return "Rank"
        return None
