"""The list of lesions as rows."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Slot

from core.types import Lesion
from gui.facts.lesion_bench import BenchLesion
from gui.state import AppState

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole

LAYER, CHANNEL, WHAT = range(3)
"""The columns; the first has the check box."""

_HEADERS = ("Layer", "Channel", "What")
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


def _brief(lesion: Lesion) -> str:
    """What is done, as short as it can be read: "muted", "= 0.5", "× 2"."""
    if lesion.action == "mute":
        return "muted"
    return f"{'=' if lesion.action == 'clamp' else '×'} {lesion.value:.4g}".replace("-", "−")


class LesionModel(QAbstractTableModel):
    """One row a lesion, in the order in which they came; checked ones count."""

    def __init__(self, state: AppState, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bench = state.lesions
        self._rows: tuple[BenchLesion, ...] = self._bench.lesions
        self._bench.changed.connect(self._refresh)

    @Slot()
    def _refresh(self) -> None:
        """Take over the rows; those that stay keep their place, only the difference is inserted or removed."""
        new, old = self._bench.lesions, self._rows
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
            self.dataChanged.emit(self.index(0, 0), self.index(len(new) - 1, WHAT))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """One row a lesion."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Layer, channel, what is done."""
        return 0 if parent.isValid() else len(_HEADERS)

    def lesion(self, row: int) -> BenchLesion:
        """Return the lesion of a row."""
        return self._rows[row]

    def row_of(self, layer: str, channel: int) -> int:
        """The row of a channel; -1 if it has no lesion."""
        return next((row for row, one in enumerate(self._rows) if one.place == (layer, channel)), -1)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Rows are chosen and checked."""
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsUserCheckable if index.column() == LAYER else flags

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        """Answer for one cell."""
        if not index.isValid():
            return None
        one = self._rows[index.row()]
        what = one.lesion.describe()
        if role == Role.DisplayRole:
            return (one.lesion.layer, str(one.lesion.channel), _brief(one.lesion))[index.column()]
        if role == Role.CheckStateRole and index.column() == LAYER:
            return Qt.CheckState.Checked if one.enabled else Qt.CheckState.Unchecked
        if role == Role.TextAlignmentRole:
            return _RIGHT if index.column() == CHANNEL else _LEFT
        if role in (Role.ToolTipRole, Role.AccessibleTextRole, Role.AccessibleDescriptionRole):
            return f"channel {one.lesion.channel} of {one.lesion.layer}, {what}{'' if one.enabled else ', switched off'}"
        return None

    def setData(self, index: Index, value: Any, role: int = Role.EditRole) -> bool:
        """Switch a lesion on or off with its check box."""
        if role != Role.CheckStateRole or not index.isValid():
            return False
        self._bench.set_enabled([self._rows[index.row()].place], Qt.CheckState(value) == Qt.CheckState.Checked)
        return True

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> Any:
        """Name the columns."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(_HEADERS):
            return None
        if role == Role.DisplayRole:
            return _HEADERS[section]
        if role == Role.TextAlignmentRole:
            return _RIGHT if section == CHANNEL else _LEFT
        return None
