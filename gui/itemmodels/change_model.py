"""Changes in probabilities from A to B as rows."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Slot

from core.types import ProbabilityChange
from gui import theme
from gui.itemmodels.unit_model import RANGE_ROLE, VALUE_ROLE
from gui.state import AppState

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole

CATEGORY, IN_A, IN_B, CHANGE = range(4)
"""The columns."""

_HEADERS = ("Category", "A", "B", "Change")
_TIPS = ("", "Probability in A", "Probability in B", "B minus A, in percentage points")
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter

NOT_THERE = "—"


def format_change(change: float) -> str:
    """A change in percentage points with its sign: "+12.3", "−4.0"; what is too small to show as "+0.0" or "−0.0"."""
    points = 100 * change
    if points == 0:
        return "0.0"
    return f"{'+' if points > 0 else '−'}{abs(points):.1f}"


class ChangeModel(QAbstractTableModel):
    """Those categories of :attr:`Comparison.changes` that are among the first ``state.top_k`` of A or of B."""

    def __init__(self, state: AppState, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._rows: tuple[ProbabilityChange, ...] = ()
        self._reach = 1.0
        state.comparison.answer_changed.connect(self._refresh)
        state.top_k_changed.connect(self._refresh)
        self._refresh()

    @Slot()
    def _refresh(self) -> None:
        answer, k = self._state.comparison.answer, self._state.top_k
        found = answer.changes if answer is not None else ()
        self.beginResetModel()
        self._rows = tuple(row for row in found if min(row.rank_a or k + 1, row.rank_b or k + 1) <= k)
        self._reach = max((abs(row.change) for row in self._rows if row.change is not None), default=0.0) or 1.0
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """One row a category."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Category, A, B, change."""
        return 0 if parent.isValid() else len(_HEADERS)

    def row(self, number: int) -> ProbabilityChange:
        """Return the change of a row."""
        return self._rows[number]

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        """Answer for one cell."""
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role == Role.DisplayRole:
            return _text(row, index.column())
        if role == VALUE_ROLE:
            return row.change
        if role == RANGE_ROLE:
            return -self._reach, self._reach
        if role == Role.TextAlignmentRole:
            return _LEFT if index.column() == CATEGORY else _RIGHT
        if role in (Role.ToolTipRole, Role.AccessibleTextRole, Role.AccessibleDescriptionRole):
            return explain(row)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> Any:
        """Name the columns."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(_HEADERS):
            return None
        if role == Role.DisplayRole:
            return _HEADERS[section]
        if role == Role.ToolTipRole:
            return _TIPS[section]
        if role == Role.TextAlignmentRole:
            return _LEFT if section == CATEGORY else _RIGHT
        return None


def explain(row: ProbabilityChange) -> str:
    """Say all of a row in words."""
    words = [row.category, _side("A", row.a, row.rank_a), _side("B", row.b, row.rank_b)]
    if row.change is not None:
        words.append(f"change {format_change(row.change)} percentage points")
    return "; ".join(words)


def _side(letter: str, probability: float | None, rank: int | None) -> str:
    if probability is None:
        return f"not a category of {letter}"
    return f"{letter} {theme.format_probability(probability)}, rank {rank}"


def _text(row: ProbabilityChange, column: int) -> str:
    if column == CATEGORY:
        return row.category
    if column == CHANGE:
        return NOT_THERE if row.change is None else format_change(row.change)
    probability = row.a if column == IN_A else row.b
    return NOT_THERE if probability is None else theme.format_probability(probability)
