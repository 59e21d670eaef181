"""The categories that a unit speaks for, or against, as rows."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from gui.itemmodels.unit_model import RANGE_ROLE, VALUE_ROLE, format_value

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole

CATEGORY, WEIGHT = range(2)
"""The columns."""

_HEADERS = ("Category", "Weight")
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class CategoryWeightModel(QAbstractTableModel):
    """Category and weight; ``category`` gives the index of a row's category."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[tuple[int, str, float], ...] = ()
        self._range = (0.0, 1.0)

    def set_rows(self, rows: tuple[tuple[int, str, float], ...], reach: float) -> None:
        """Show other categories (index, name, weight); the bars run from ``-reach``, or from 0, to ``reach``."""
        self.beginResetModel()
        self._rows = rows
        below = any(weight < 0 for _, _, weight in rows)
        self._range = (-(reach or 1.0), 0.0) if below else (0.0, reach or 1.0)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """One row a category."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Category and weight."""
        return 0 if parent.isValid() else len(_HEADERS)

    def category(self, row: int) -> int:
        """Return the index of a row's category."""
        return self._rows[row][0]

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        """Answer for one cell."""
        if not index.isValid():
            return None
        number, name, weight = self._rows[index.row()]
        if role == Role.DisplayRole:
            return name if index.column() == CATEGORY else format_value(weight)
        if role == VALUE_ROLE:
            return weight
        if role == RANGE_ROLE:
            return self._range
        if role == Role.TextAlignmentRole:
            return _LEFT if index.column() == CATEGORY else _RIGHT
        if role in (Role.ToolTipRole, Role.AccessibleTextRole, Role.AccessibleDescriptionRole):
            return f"{name}: weight {weight:.6g}, index {number}"
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> Any:
        """Name the columns."""
        if orientation == Qt.Orientation.Horizontal and 0 <= section < len(_HEADERS) and role == Role.DisplayRole:
            return _HEADERS[section]
        return None
