"""The tensors of a file beside those of an architecture, as rows that can be filtered."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from core.types import KeyRow
from gui.itemmodels.checkup_words import shape_words

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole

NAME, STATUS, IN_FILE, WANTED = range(4)
HEADERS = ("Tensor", "Status", "In the file", "In the model")
STATUS_WORDS = {"matched": "matched", "missing": "missing", "unexpected": "unexpected", "misshapen": "other shape"}
"""What stands for each :data:`core.types.KeyStatus`."""
MARKS = {"matched": "✓", "missing": "−", "unexpected": "+", "misshapen": "≠"}
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class KeyModel(QAbstractTableModel):
    """Name, status, shape in the file, shape in the model."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._all: tuple[KeyRow, ...] = ()
        self._rows: list[KeyRow] = []
        self._text, self._status = "", ""

    def set_rows(self, rows: tuple[KeyRow, ...]) -> None:
        """Show other tensors."""
        self._all = rows
        self._refresh()

    def filter(self, text: str, status: str) -> None:
        """Keep the rows whose name holds every word of a text, and whose status is this one ("" for all)."""
        self._text, self._status = text, status
        self._refresh()

    def count(self, status: str) -> int:
        """How many tensors have a status, whatever is filtered."""
        return sum(row.status == status for row in self._all)

    @property
    def total(self) -> int:
        """How many there are, whatever is filtered."""
        return len(self._all)

    def _refresh(self) -> None:
        words = self._text.casefold().split()
        self.beginResetModel()
        self._rows = [
            row
            for row in self._all
            if self._status in ("", row.status) and all(word in row.name.casefold() for word in words)
        ]
        self.endResetModel()

    def row(self, number: int) -> KeyRow:
        """Return the tensor of a row."""
        return self._rows[number]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """One row a tensor that is not filtered away."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Name, status and two shapes."""
        return 0 if parent.isValid() else len(HEADERS)

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        """Answer for one cell."""
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role == Role.DisplayRole:
            status = f"{MARKS[row.status]}  {STATUS_WORDS[row.status]}"
            return (row.name, status, shape_words(row.in_file), shape_words(row.wanted))[index.column()]
        if role == Role.TextAlignmentRole:
            return _LEFT
        if role in (Role.ToolTipRole, Role.AccessibleTextRole, Role.AccessibleDescriptionRole):
            shapes = f"in the file {shape_words(row.in_file)}, in the model {shape_words(row.wanted)}"
            return f"{row.name}: {STATUS_WORDS[row.status]}; {shapes}"
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> Any:
        """Name the columns."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(HEADERS):
            return None
        if role == Role.DisplayRole:
            return HEADERS[section]
        return _LEFT if role == Role.TextAlignmentRole else None
