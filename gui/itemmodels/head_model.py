"""The heads of a network as rows: a line for each head, and below it what it says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Slot

from core.types import HeadAnswer, Prediction
from gui import theme
from gui.itemmodels.prediction_model import CHOSEN_ROLE, PROBABILITY_ROLE
from gui.state import AppState

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole

CATEGORY, PROBABILITY = range(2)
HEADERS = ("Category", "Probability")
HEAD_ROLE = Role.UserRole + 30
"""The :class:`HeadAnswer` of a line that is a head; None of the others."""
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True, slots=True)
class HeadRow:
    """A head, or with ``prediction`` one of its categories."""

    head: HeadAnswer
    prediction: Prediction | None = None


def percent(share: float) -> str:
    """A share without decimals."""
    return f"{round(100 * share)} %"


def place_words(head: HeadAnswer) -> str:
    """Where a head hangs: "on inception4a · 62 % of the MACs"."""
    return "the output" if head.final else f"on {head.layer} · {percent(head.share)} of the MACs"


def sure_words(head: HeadAnswer) -> str:
    """What a head says first, and how sure it is: "aux1: beagle, 12.3 %"."""
    if not head.predictions:
        return f"{head.name}: nothing"
    first = head.predictions[0]
    return f"{head.name}: {first.category}, {theme.format_probability(first.probability)}"


class HeadModel(QAbstractTableModel):
    """``state.heads.answer``."""

    def __init__(self, state: AppState, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._rows: tuple[HeadRow, ...] = ()
        state.heads.changed.connect(self._refresh)
        state.selection.category_changed.connect(self._mark)
        self._refresh()

    @Slot()
    def _refresh(self) -> None:
        self.beginResetModel()
        answer = self._state.heads.answer
        rows: list[HeadRow] = []
        for head in answer.heads if answer is not None else ():
            rows.append(HeadRow(head))
            rows += [HeadRow(head, prediction) for prediction in head.predictions]
        self._rows = tuple(rows)
        self.endResetModel()

    @Slot()
    def _mark(self) -> None:
        if self._rows:
            self.dataChanged.emit(self.index(0, CATEGORY), self.index(len(self._rows) - 1, PROBABILITY))

    def row(self, number: int) -> HeadRow:
        """What a row is about."""
        return self._rows[number]

    def row_of(self, layer: str) -> int:
        """The row of the head that hangs on a layer; -1 if none does."""
        return next((row for row, one in enumerate(self._rows) if one.prediction is None and one.head.layer == layer), -1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """A line for each head, and one for each of its categories."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Category and probability."""
        return 0 if parent.isValid() else len(HEADERS)

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        """Answer for one cell."""
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role == HEAD_ROLE:
            return row.head if row.prediction is None else None
        if role == Role.TextAlignmentRole:
            return _LEFT if index.column() == CATEGORY else _RIGHT
        prediction = row.prediction
        if prediction is None:
            return self._of_head(row.head, index.column(), role)
        if role == Role.DisplayRole:
            probability = theme.format_probability(prediction.probability)
            return prediction.category if index.column() == CATEGORY else probability
        if role == PROBABILITY_ROLE:
            return prediction.probability
        if role == CHOSEN_ROLE:
            return prediction.index == self._state.selection.category
        if role in (Role.ToolTipRole, Role.AccessibleTextRole, Role.AccessibleDescriptionRole):
            said = f"{prediction.category} (index {prediction.index}), {theme.format_probability(prediction.probability)}"
            return f"{row.head.name}, number {prediction.rank}: {said}. Click (or Return): everything is about this category"
        return None

    @staticmethod
    def _of_head(head: HeadAnswer, column: int, role: int) -> Any:
        if role == Role.DisplayRole:
            return f"{head.name} — {place_words(head)}" if column == CATEGORY else ""
        if role in (Role.ToolTipRole, Role.AccessibleTextRole, Role.AccessibleDescriptionRole):
            where = f"behind {head.depth} of {head.depths} convolutions and linear layers"
            return f"{head.name}: {place_words(head)}, {where}. Click (or Return): look at the layer {head.layer}"
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> Any:
        """Name the columns."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(HEADERS):
            return None
        if role == Role.DisplayRole:
            return HEADERS[section]
        if role == Role.TextAlignmentRole:
            return _LEFT if section == CATEGORY else _RIGHT
        return None
