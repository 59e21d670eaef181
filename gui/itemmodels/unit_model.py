"""Units of a vector layer as rows: the strongest, or those that contribute most to a category."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from core.types import ActivationVector

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole
Numbers = npt.NDArray[Any]

UNIT, LABEL, VALUE, WEIGHT, CONTRIBUTION = range(5)
"""The columns."""

VALUE_ROLE = Role.UserRole
"""The value itself, a float."""

RANGE_ROLE = Role.UserRole + 1
"""(low, high) of the bars' common scale; it holds 0."""

_HEADERS = ("Unit", "Label", "Activation", "Weight", "Contribution")
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


def format_value(value: float) -> str:
    """Three significant digits with a real minus sign: "5.10", "−0.125", "120"."""
    return f"{value:#.3g}".removesuffix(".").replace("-", "−")


class UnitModel(QAbstractTableModel):
    """As many units as :attr:`ActivationVector.strongest`, the first in the order of a column; by value at the start.

    Label, weight and contribution are filled where :meth:`set_categories` and :meth:`set_readout` have given them.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._vector: ActivationVector | None = None
        self._categories: Sequence[str] = ()
        self._weights: Numbers | None = None
        self._contributions: Numbers | None = None
        self._category = ""
        self._order = (VALUE, Qt.SortOrder.DescendingOrder)
        self._units: tuple[int, ...] = ()
        self._ranges: dict[int, tuple[float, float]] = {}

    def set_categories(self, categories: Sequence[str]) -> None:
        """Name the units of the network's last layer, for those that :attr:`ActivationVector.labels` does not name."""
        self._categories = categories

    def set_vector(self, vector: ActivationVector) -> None:
        """Show other units, of which weights and contributions are not known yet."""
        self._weights = self._contributions = None
        self._change(vector)

    def set_readout(self, weights: Numbers | None, contributions: Numbers | None, category: str) -> None:
        """Fill in each unit's weight to a category and what it adds to its logit, both (units,); None where not known."""
        self._weights, self._contributions, self._category = weights, contributions, category
        if self._vector is not None:
            self._change(self._vector)

    @property
    def has_readout(self) -> bool:
        """Whether weights and contributions are known."""
        return self._weights is not None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Show the first units in the order of a column."""
        self._order = (column, order)
        if self._vector is not None:
            self._change(self._vector)

    def _change(self, vector: ActivationVector) -> None:
        """Take other rows; where there are as many as before, they only change their contents."""
        old = self.rowCount()
        if len(vector.strongest) == old:
            self._take(vector)
            if old:
                self.dataChanged.emit(self.index(0, 0), self.index(old - 1, len(_HEADERS) - 1))
            return
        self.beginResetModel()
        self._take(vector)
        self.endResetModel()

    def _take(self, vector: ActivationVector) -> None:
        self._vector = vector
        self._units = self._first(vector)
        self._ranges = {}
        for column, numbers in ((VALUE, vector.values), (CONTRIBUTION, self._contributions)):
            shown = [float(numbers[unit]) for unit in self._units] if numbers is not None else []
            finite = [number for number in shown if np.isfinite(number)]
            low, high = min(0.0, *finite, 0.0), max(0.0, *finite, 0.0)
            self._ranges[column] = (low, high) if low < high else (0.0, 1.0)

    def _first(self, vector: ActivationVector) -> tuple[int, ...]:
        """The units to be shown, in their order; what is not a number comes last."""
        column, order = self._order
        keys: dict[int, Numbers | None] = {
            UNIT: np.arange(vector.values.size), VALUE: vector.values, WEIGHT: self._weights,
            CONTRIBUTION: self._contributions,
        }  # fmt: skip
        numbers, descending = keys.get(column), order == Qt.SortOrder.DescendingOrder
        if numbers is None or (column == VALUE and descending):
            return vector.strongest
        keyed = -numbers.astype(np.float64) if descending else numbers.astype(np.float64)
        found = np.argsort(np.nan_to_num(keyed, nan=np.inf), kind="stable")
        return tuple(int(unit) for unit in found[: len(vector.strongest)])

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """One row a unit."""
        return 0 if parent.isValid() else len(self._units)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Unit, label, activation, weight, contribution."""
        return 0 if parent.isValid() else len(_HEADERS)

    def unit(self, row: int) -> int:
        """Return the index of the unit in a row."""
        return self._units[row]

    def row_of(self, unit: int) -> int:
        """Return the row of a unit; -1 where it is not shown."""
        return self._units.index(unit) if unit in self._units else -1

    def _label(self, vector: ActivationVector, unit: int) -> str:
        if not vector.labels:
            return ""
        if unit in vector.strongest[: len(vector.labels)]:
            return vector.labels[vector.strongest.index(unit)]
        return self._categories[unit] if unit < len(self._categories) else ""

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        """Answer for one cell."""
        vector = self._vector
        if not index.isValid() or vector is None:
            return None
        unit, column = self._units[index.row()], index.column()
        if role == Role.DisplayRole:
            return self._text(vector, unit, column)
        if role == VALUE_ROLE:
            return self._number(vector, unit, column)
        if role == RANGE_ROLE:
            return self._ranges.get(column)
        if role == Role.TextAlignmentRole:
            return _LEFT if column == LABEL else _RIGHT
        if role in (Role.ToolTipRole, Role.AccessibleTextRole, Role.AccessibleDescriptionRole):
            return self._words(vector, unit)
        return None

    def _number(self, vector: ActivationVector, unit: int, column: int) -> float | None:
        numbers = {VALUE: vector.values, WEIGHT: self._weights, CONTRIBUTION: self._contributions}.get(column)
        return float(numbers[unit]) if numbers is not None else None

    def _text(self, vector: ActivationVector, unit: int, column: int) -> str:
        if column in (UNIT, LABEL):
            return str(unit) if column == UNIT else self._label(vector, unit)
        number = self._number(vector, unit, column)
        return format_value(number) if number is not None else ""

    def _words(self, vector: ActivationVector, unit: int) -> str:
        label = self._label(vector, unit)
        words = f"unit {unit}{f' ({label})' if label else ''}: {float(vector.values[unit]):.6g}"
        weight, share = (self._number(vector, unit, column) for column in (WEIGHT, CONTRIBUTION))
        if weight is None or share is None:
            return words
        return f"{words}\nweight to {self._category} {weight:.6g}, contribution to its logit {share:.6g}"

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> Any:
        """Name the columns."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(_HEADERS):
            return None
        if role == Role.DisplayRole:
            return _HEADERS[section]
        if role == Role.TextAlignmentRole:
            return _RIGHT if section in (UNIT, WEIGHT) else _LEFT
        if role == Role.ToolTipRole:
            return self._explain(section)
        return None

    def _explain(self, section: int) -> str:
        sort = "Click to sort" if section != LABEL else ""
        about = {
            WEIGHT: f"Weight from the unit to {self._category}. ",
            CONTRIBUTION: f"What the unit adds to the logit of {self._category}: what is read of it times the weight. ",
        }
        return f"{about.get(section, '')}{sort}"
