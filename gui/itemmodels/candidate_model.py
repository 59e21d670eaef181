"""The architectures that a weights file may belong to, as rows."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from core.types import Candidate
from gui.itemmodels.checkup_words import candidate_words

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole

MODEL = 0
HEADERS = ("Model", "Matched", "Missing", "Unexpected", "Other shape")
_TIPS = (
    "",
    "Tensors of the file that the model has, in the same shape",
    "Tensors of the model that the file lacks",
    "Tensors of the file that the model does not have",
    "Tensors of both, in different shapes",
)
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class CandidateModel(QAbstractTableModel):
    """Model, matched, missing, unexpected, of another shape; the best first."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[Candidate, ...] = ()

    def set_rows(self, rows: tuple[Candidate, ...]) -> None:
        """Show other candidates."""
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def row_of(self, architecture: str) -> int:
        """The row of a model; -1 where it is none of them."""
        return next((number for number, row in enumerate(self._rows) if row.model == architecture), -1)

    def row(self, number: int) -> Candidate:
        """Return the candidate of a row."""
        return self._rows[number]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """One row a candidate."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """The model and four numbers."""
        return 0 if parent.isValid() else len(HEADERS)

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        """Answer for one cell."""
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role == Role.DisplayRole:
            numbers = (row.matched, row.missing, row.unexpected, row.misshapen)
            return row.model if index.column() == MODEL else f"{numbers[index.column() - 1]:,}"
        if role == Role.TextAlignmentRole:
            return _LEFT if index.column() == MODEL else _RIGHT
        if role in (Role.ToolTipRole, Role.AccessibleTextRole, Role.AccessibleDescriptionRole):
            return candidate_words(row)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> Any:
        """Name the columns."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(HEADERS):
            return None
        if role == Role.DisplayRole:
            return HEADERS[section]
        if role == Role.ToolTipRole:
            return _TIPS[section]
        if role == Role.TextAlignmentRole:
            return _LEFT if section == MODEL else _RIGHT
        return None
