"""A ranking of channels as rows."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Slot

from core.types import ChannelRanking
from gui.itemmodels.lesioned_row import format_points
from gui.itemmodels.unit_model import RANGE_ROLE, VALUE_ROLE
from gui.state import AppState

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole

CHANNEL, PROBABILITY, LOGIT = range(3)
"""The columns."""

_HEADERS = ("Channel", "Probability, points", "Logit")
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class RankModel(QAbstractTableModel):
    """``state.lesions.ranking``: channel, change of the probability in percentage points, change of the logit."""

    def __init__(self, state: AppState, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bench = state.lesions
        self._ranking: ChannelRanking | None = None
        self._muted: frozenset[int] = frozenset()
        self._range = (-1.0, 1.0)
        self._bench.ranking_changed.connect(self._refresh)
        self._bench.changed.connect(self._mark)
        self._refresh()

    @property
    def ranking(self) -> ChannelRanking | None:
        """What is shown."""
        return self._ranking

    @Slot()
    def _refresh(self) -> None:
        """Take over a ranking; one that grows only adds rows at the end, and the others change their contents."""
        new = self._bench.ranking
        old_count, count = self.rowCount(), 0 if new is None else len(new.channels)
        if count < old_count:
            self.beginRemoveRows(QModelIndex(), count, old_count - 1)
            self._take(new)
            self.endRemoveRows()
        elif count > old_count:
            self.beginInsertRows(QModelIndex(), old_count, count - 1)
            self._take(new)
            self.endInsertRows()
        else:
            self._take(new)
        if min(old_count, count):
            self.dataChanged.emit(self.index(0, 0), self.index(min(old_count, count) - 1, LOGIT))

    def _take(self, ranking: ChannelRanking | None) -> None:
        self._ranking = ranking
        self._muted = self._bench.muted(ranking.layer) if ranking is not None else frozenset()
        low, high = 0.0, 0.0
        if ranking is not None and len(ranking.channels):
            changes = 100 * ranking.probability_changes
            low, high = min(0.0, float(changes.min())), max(0.0, float(changes.max()))
        self._range = (low, high) if low < high else (-1.0, 1.0)

    @Slot()
    def _mark(self) -> None:
        if self._ranking is not None:
            self._muted = self._bench.muted(self._ranking.layer)
            if self.rowCount():
                self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, CHANNEL))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """One row a channel that has been measured."""
        return 0 if parent.isValid() or self._ranking is None else len(self._ranking.channels)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Channel, change of probability, change of logit."""
        return 0 if parent.isValid() else len(_HEADERS)

    def channel(self, row: int) -> int:
        """Return the channel of a row."""
        assert self._ranking is not None
        return int(self._ranking.channels[row])

    def row_of(self, channel: int) -> int:
        """The row of a channel; -1 if it has not been measured."""
        if self._ranking is None:
            return -1
        rows = (self._ranking.channels == channel).nonzero()[0]
        return int(rows[0]) if len(rows) else -1

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        """Answer for one cell."""
        ranking = self._ranking
        if not index.isValid() or ranking is None:
            return None
        row, channel = index.row(), int(ranking.channels[index.row()])
        change, logit = float(ranking.probability_changes[row]), float(ranking.logit_changes[row])
        if role == Role.DisplayRole:
            mark = "× " if channel in self._muted else ""
            return (f"{mark}{channel}", _points(change), _signed(logit))[index.column()]
        if role == VALUE_ROLE:
            return 100 * change
        if role == RANGE_ROLE:
            return self._range
        if role == Role.TextAlignmentRole:
            return _RIGHT
        if role in (Role.ToolTipRole, Role.AccessibleTextRole, Role.AccessibleDescriptionRole):
            muted = ", muted now" if channel in self._muted else ""
            return (
                f"channel {channel}{muted}: without it the probability changes by {_points(change)} points "
                f"and the logit by {_signed(logit)}"
            )
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> Any:
        """Name the columns."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(_HEADERS):
            return None
        if role == Role.DisplayRole:
            return _HEADERS[section]
        if role == Role.TextAlignmentRole:
            return _LEFT if section == PROBABILITY else _RIGHT
        return None


def _points(change: float) -> str:
    """Percentage points; small ones with more digits, so that channels of little weight are still told apart."""
    points = 100 * change
    if abs(points) >= 1 or points == 0:
        return format_points(change)
    return f"{points:+.2f}".replace("-", "−") if abs(points) >= 0.005 else ("≈ +0" if points > 0 else "≈ −0")


def _signed(value: float) -> str:
    return f"{value:+.3f}".replace("-", "−") if value else "0"
