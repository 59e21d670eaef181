"""The strongest units of a vector layer as rows."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from core.types import ActivationVector

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole

UNIT, LABEL, VALUE = range(3)
"""The columns."""

VALUE_ROLE = Role.UserRole
"""The value itself, a float."""

RANGE_ROLE = Role.UserRole + 1
"""(low, high) of the bars' common scale; it holds 0."""

_HEADERS = ("Unit", "Label", "Activation")
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


def format_value(value: float) -> str:
    """Three significant digits with a real minus sign: "5.10", "−0.125", "120"."""
    return f"{value:#.3g}".removesuffix(".").replace("-", "−")


class UnitModel(QAbstractTableModel):
    """Index, label where there is one, and value of ``ActivationVector.strongest``."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._vector: ActivationVector | None = None
        self._range = (0.0, 1.0)

    def set_vector(self, vector: ActivationVector) -> None:
        """Show other units; where there are as many as before, the rows only change their contents."""
        old = self.rowCount()
        if len(vector.strongest) == old:
            self._take(vector)
            if old:
                self.dataChanged.emit(self.index(0, 0), self.index(old - 1, VALUE))
            return
        self.beginResetModel()
        self._take(vector)
        self.endResetModel()

    def _take(self, vector: ActivationVector) -> None:
        self._vector = vector
        values = [float(vector.values[unit]) for unit in vector.strongest]
        low, high = min(0.0, *values, 0.0), max(0.0, *values, 0.0)
        self._range = (low, high) if low < high else (0.0, 1.0)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """One row a unit."""
        return 0 if parent.isValid() or self._vector is None else len(self._vector.strongest)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Unit, label, activation."""
        return 0 if parent.isValid() else len(_HEADERS)

    def unit(self, row: int) -> int:
        """Return the index of the unit in a row."""
        assert self._vector is not None
        return self._vector.strongest[row]

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        """Answer for one cell."""
        vector = self._vector
        if not index.isValid() or vector is None:
            return None
        unit = vector.strongest[index.row()]
        value = float(vector.values[unit])
        label = vector.labels[index.row()] if index.row() < len(vector.labels) else ""
        if role == Role.DisplayRole:
            return (str(unit), label, format_value(value))[index.column()]
        if role == VALUE_ROLE:
            return value
        if role == RANGE_ROLE:
            return self._range
        if role == Role.TextAlignmentRole:
            return _LEFT if index.column() == LABEL else _RIGHT
        if role in (Role.ToolTipRole, Role.AccessibleTextRole, Role.AccessibleDescriptionRole):
            return f"unit {unit}{f' ({label})' if label else ''}: {value:.6g}"
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> Any:
        """Name the columns."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(_HEADERS):
            return None
        if role == Role.DisplayRole:
            return _HEADERS[section]
        if role == Role.TextAlignmentRole:
            return _RIGHT if section == UNIT else _LEFT
        return None
