"""The modules of the network in the order in which they ran: as a tree, or as a list of stages."""

from __future__ import annotations

import math
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Slot
from PySide6.QtGui import QColor

from core.insight.stages import find_stages
from gui import theme
from gui.itemmodels.layer_rows import COLUMNS, MEAN, NAME, Forest, Row, rows_by_key, search_text, stage_rows
from gui.itemmodels.layer_words import bar_share, exact_words, format_layer_shape, mean_words
from gui.state import AppState

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole

KEY_ROLE = Role.UserRole
""":attr:`LayerInfo.key` of the row; "" for a row that only groups. A stage has that of its last layer."""

SEARCH_ROLE = Role.UserRole + 1
"""What the filter looks at."""

SHARE_ROLE = Role.UserRole + 2
"""Length of the bar of the mean activation, 0 to 1; NaN where the mean is not a number, None where there is none."""

_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class LayerTreeModel(QAbstractItemModel):
    """The layers of ``state.model`` and what is known of them, in the columns of :mod:`gui.itemmodels.layer_rows`."""

    def __init__(self, state: AppState, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._stages = False
        self._rows: list[Row] = []
        self._by_key: dict[str, Row] = {}
        self._largest = 0.0
        self._build()
        self._find_largest()
        state.model_changed.connect(self._rebuild)
        state.layer_means.changed.connect(self._find_largest)

    @property
    def stages(self) -> bool:
        """Whether the rows are stages."""
        return self._stages

    def set_stages(self, stages: bool) -> None:
        """List stages, or show the tree."""
        if stages != self._stages:
            self._stages = stages
            self._rebuild()

    @Slot()
    def _rebuild(self) -> None:
        self.beginResetModel()
        self._build()
        self.endResetModel()

    def _build(self) -> None:
        layers = self._state.model.layers if self._state.model is not None else ()
        self._rows = stage_rows(find_stages(layers)) if self._stages else Forest(layers).rows
        self._by_key = rows_by_key(self._rows, layers)

    @Slot()
    def _find_largest(self) -> None:
        means = self._state.layer_means.means
        self._largest = max((mean for mean in means.means.values() if math.isfinite(mean)), default=0.0) if means else 0.0

    @property
    def count(self) -> int:
        """Number of rows that are layers or stages, grouping rows not counted."""
        return sum(row.layer is not None for row in self._rows)

    def index_of(self, key: str) -> QModelIndex:
        """Return where a layer, or the stage it lies in, stands; invalid where there is none of that key."""
        row = self._by_key.get(key)
        return QModelIndex() if row is None else self.createIndex(row.row, NAME, row.id)

    def texts(self, column: int) -> set[tuple[str, int]]:
        """Every text of a column with its depth in the tree, once each, for finding the column's width."""
        return {(self._text(row, column), row.depth) for row in self._rows[1:]}

    def _row(self, index: Index) -> Row:
        return self._rows[index.internalId()] if index.isValid() else self._rows[0]

    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:  # noqa: B008
        """Address a cell."""
        holder = self._row(parent)
        if not (0 <= row < len(holder.children) and 0 <= column < len(COLUMNS)) or parent.column() > 0:
            return QModelIndex()
        return self.createIndex(row, column, holder.children[row].id)

    def parent(self, index: Index = QModelIndex()) -> QModelIndex:  # type: ignore[override]  # noqa: B008
        """Address the row around a row."""
        holder = self._row(index).parent
        if holder is None or holder.id == 0:
            return QModelIndex()
        return self.createIndex(holder.row, NAME, holder.id)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Count the rows under a row."""
        return 0 if parent.column() > 0 else len(self._row(parent).children)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """As many as there are facts about a layer."""
        return len(COLUMNS)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Rows that only group cannot be chosen."""
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        if self._row(index).layer is None:
            return Qt.ItemFlag.ItemIsEnabled
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        """Answer for one cell."""
        if not index.isValid():
            return None
        row, column = self._row(index), index.column()
        if role == Role.DisplayRole:
            return self._text(row, column)
        if role == SEARCH_ROLE:
            return search_text(row)
        if role == KEY_ROLE:
            return row.layer.key if row.layer is not None else ""
        if role == SHARE_ROLE:
            return self._share(row)
        if role == Role.TextAlignmentRole:
            return _RIGHT if COLUMNS[column].number else _LEFT
        if role == Role.ForegroundRole and (column != NAME or row.layer is None):
            return QColor(theme.colours().muted)
        if role in (Role.ToolTipRole, Role.AccessibleTextRole, Role.AccessibleDescriptionRole):
            return self._describe(row, column)
        return None

    @staticmethod
    def _text(row: Row, column: int) -> str:
        if column == NAME:
            return row.name
        return "" if row.layer is None else COLUMNS[column].text(row, row.layer)

    def _share(self, row: Row) -> float | None:
        mean = self._state.layer_means.of(row.layer.key) if row.layer is not None else None
        if mean is not None and not math.isfinite(mean):
            return math.nan
        return bar_share(mean, self._largest)

    def _describe(self, row: Row, column: int) -> str:
        layer = row.layer
        if layer is None:
            return f"{row.path}: holds the rows below, no layer of its own"
        mean = mean_words(self._state.layer_means.of(layer.key), self._largest)
        if column == MEAN:
            return f"{layer.key}: {mean or self._why_no_mean(row)}"
        head = f"{layer.key}: {row.kind}, output {format_layer_shape(layer)}"
        if row.stage is not None:
            head = f"{row.name}: {row.kind}; its last layer {layer.key} puts out {format_layer_shape(layer)}"
        return "\n".join([head, *exact_words(row.parameters, row.macs, layer), *([mean] if mean else [])])

    def _why_no_mean(self, row: Row) -> str:
        if row.layer is not None and row.layer.heads is not None:
            return "attention sums to 1 for every query, so its mean says nothing"
        return self._state.layer_means.reason or "the mean activation is not measured yet"

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> Any:
        """Name the columns."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(COLUMNS):
            return None
        column = COLUMNS[section]
        if role == Role.DisplayRole:
            return "Stage" if section == NAME and self._stages else column.heading
        if role == Role.ToolTipRole:
            return f"{column.hint}\nRight-click: choose the columns"
        if role == Role.TextAlignmentRole:
            return _RIGHT if column.number else _LEFT
        return None
