"""The modules of the network as a tree, in the order in which they ran."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Slot
from PySide6.QtGui import QColor

from core.types import LayerInfo
from gui import theme
from gui.state import AppState

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole

NAME, KIND, SHAPE, PARAMETERS = range(4)
"""The columns."""

KEY_ROLE = Role.UserRole
""":attr:`LayerInfo.key` of the row; "" for a row that only groups."""

SEARCH_ROLE = Role.UserRole + 1
"""What the filter looks at: the whole path and the kind."""

_HEADERS = ("Layer", "Kind", "Output", "Parameters")
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


def ordinal(number: int) -> str:
    """Write 1 as "1st", 12 as "12th"."""
    suffix = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{suffix}"


def format_shape(shape: tuple[int, ...]) -> str:
    """Write an output shape without its batch: "64 × 55 × 55"."""
    return " × ".join(str(side) for side in shape[1:])


@dataclass(slots=True)
class _Node:
    """One row; ``layer`` is None where it only groups."""

    path: str
    id: int
    parent: _Node | None
    row: int = 0
    layer: LayerInfo | None = None
    depth: int = 0
    children: list[_Node] = field(default_factory=list)

    @property
    def text(self) -> str:
        last = self.path.rpartition(".")[2]
        if self.layer is not None and self.layer.calls > 1:
            return f"{last} · {ordinal(self.layer.call)} call"
        return last


class _Forest:
    """Puts layers under the latest call of the module that holds them; a holder never called gets a row that groups."""

    def __init__(self, layers: Iterable[LayerInfo]) -> None:
        self.nodes: list[_Node] = [_Node("", 0, None)]
        self._latest: dict[str, _Node] = {}
        for layer in layers:
            # The network itself has no name, and no name means "no layer": its output is that of its last part.
            if layer.name:
                self._add(layer)

    def _add(self, layer: LayerInfo) -> None:
        waiting = self._latest.get(layer.name)
        if waiting is not None and waiting.layer is None and waiting.parent is self._holder(layer.name):
            waiting.layer = layer
            return
        self._append(layer.name, layer)

    def _append(self, path: str, layer: LayerInfo | None) -> _Node:
        holder = self._holder(path)
        node = _Node(path, len(self.nodes), holder, len(holder.children), layer, holder.depth + 1)
        holder.children.append(node)
        self.nodes.append(node)
        self._latest[path] = node
        return node

    def _holder(self, path: str) -> _Node:
        prefix = path.rpartition(".")[0]
        if not prefix:
            return self.nodes[0]
        known = self._latest.get(prefix)
        # A grouping row belongs to one call of the module around it; the next call gets its own.
        if known is None or (known.layer is None and known.parent is not self._holder(prefix)):
            return self._append(prefix, None)
        return known


def _facts(layer: LayerInfo) -> str:
    """What was measured of a layer, as far as it is known, each on a line of its own."""
    lines = []
    if layer.macs:
        lines.append(f"{layer.macs:,} multiply-adds")
    if layer.activation_bytes:
        lines.append(f"{layer.activation_bytes / 1024:,.0f} KiB of activations")
    if layer.receptive_field is not None and layer.stride is not None:
        height, width = layer.receptive_field
        lines.append(f"each unit sees {height} × {width} pixels, one every {layer.stride[0]} × {layer.stride[1]}")
    return "".join(f"\n{line}" for line in lines)


class LayerTreeModel(QAbstractItemModel):
    """The layers of ``state.model``: name, kind, output shape, parameters."""

    def __init__(self, state: AppState, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._nodes: list[_Node] = []
        self._by_key: dict[str, _Node] = {}
        self._build()
        state.model_changed.connect(self._rebuild)

    @Slot()
    def _rebuild(self) -> None:
        self.beginResetModel()
        self._build()
        self.endResetModel()

    def _build(self) -> None:
        layers = self._state.model.layers if self._state.model is not None else ()
        self._nodes = _Forest(layers).nodes
        self._by_key = {node.layer.key: node for node in self._nodes if node.layer is not None}

    @property
    def count(self) -> int:
        """Number of layers, grouping rows not counted."""
        return len(self._by_key)

    def index_of(self, key: str) -> QModelIndex:
        """Return where a layer stands; invalid where there is none of that key."""
        node = self._by_key.get(key)
        return QModelIndex() if node is None else self.createIndex(node.row, NAME, node.id)

    def texts(self, column: int) -> set[tuple[str, int]]:
        """Every text of a column with its depth in the tree, once each, for finding the column's width."""
        return {(self._text(node, column), node.depth) for node in self._nodes[1:]}

    def _node(self, index: Index) -> _Node:
        return self._nodes[index.internalId()] if index.isValid() else self._nodes[0]

    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:  # noqa: B008
        """Address a cell."""
        holder = self._node(parent)
        if not (0 <= row < len(holder.children) and 0 <= column < len(_HEADERS)) or parent.column() > 0:
            return QModelIndex()
        return self.createIndex(row, column, holder.children[row].id)

    def parent(self, index: Index = QModelIndex()) -> QModelIndex:  # type: ignore[override]  # noqa: B008
        """Address the row around a row."""
        holder = self._node(index).parent
        if holder is None or holder.id == 0:
            return QModelIndex()
        return self.createIndex(holder.row, NAME, holder.id)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Count the rows under a row."""
        return 0 if parent.column() > 0 else len(self._node(parent).children)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Name, kind, output shape, parameters."""
        return len(_HEADERS)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Rows that only group cannot be chosen."""
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        if self._node(index).layer is None:
            return Qt.ItemFlag.ItemIsEnabled
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        """Answer for one cell."""
        if not index.isValid():
            return None
        node, column = self._node(index), index.column()
        if role == Role.DisplayRole:
            return self._text(node, column)
        if role == SEARCH_ROLE:
            return f"{node.path} {node.layer.kind}" if node.layer is not None else node.path
        if role == KEY_ROLE:
            return node.layer.key if node.layer is not None else ""
        if role == Role.TextAlignmentRole:
            return _RIGHT if column == PARAMETERS else _LEFT
        if role == Role.ForegroundRole and (column != NAME or node.layer is None):
            return QColor(theme.colours().muted)
        if role in (Role.ToolTipRole, Role.AccessibleTextRole, Role.AccessibleDescriptionRole):
            return self._describe(node)
        return None

    @staticmethod
    def _text(node: _Node, column: int) -> str:
        if column == NAME:
            return node.text
        layer = node.layer
        if layer is None:
            return ""
        if column == KIND:
            return layer.kind
        if column == SHAPE:
            return format_shape(layer.output_shape)
        return f"{layer.parameters:,}" if layer.parameters else ""

    @staticmethod
    def _describe(node: _Node) -> str:
        layer = node.layer
        if layer is None:
            return f"{node.path}: holds the rows below, no layer of its own"
        parameters = f"{layer.parameters:,} parameters" if layer.parameters else "no parameters"
        return f"{layer.key}: {layer.kind}, output {format_shape(layer.output_shape)}, {parameters}{_facts(layer)}"

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> Any:
        """Name the columns."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(_HEADERS):
            return None
        if role == Role.DisplayRole:
            return _HEADERS[section]
        if role == Role.TextAlignmentRole:
            return _RIGHT if section == PARAMETERS else _LEFT
        return None
