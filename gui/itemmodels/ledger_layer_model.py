"""The layers of one network of the ledger as rows."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from core.insight.ledger import words
from core.insight.ledger.sheets import holders, short_name
from core.types import Beside, LedgerLayer, LedgerNetwork
from gui.itemmodels.ledger_network_model import SIGNS, SORT_ROLE, VERDICT_ROLE, printed_words, verdict_words

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole

NAME, KIND, SHAPE, FIELD, PARAMETERS, PARAMETERS_PAPER, MACS, MACS_PAPER = range(8)
HEADERS = ("Layer", "Kind", "Output", "Field", "Parameters", "Printed", "MACs", "Printed")
HINTS = (
    "The layer; indented where the line above adds it up",
    "What it is: in the words of the paper with ✓ or ≠ where its table says so, else the class of the module",
    "Channels, height and width of what it puts out: ✓ as in the paper's table, ≠ otherwise",
    "Receptive field in pixels; a dash where a unit sees everything, or it is not known",
    "Parameters",
    "What the paper prints, or what follows from its table: ✓ equal, ≠ different",
    "Multiply-adds for one picture",
    "What the paper prints: ✓ equal, ≠ different",
)
_NUMBERS = (FIELD, PARAMETERS, MACS)
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
INDENT = "    "


class LedgerLayerModel(QAbstractTableModel):
    """A row a line of :attr:`LedgerNetwork.layers`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lines: tuple[LedgerLayer, ...] = ()
        self._holders: dict[str, str] = {}

    def set_network(self, network: LedgerNetwork | None) -> None:
        """Show another network; None for none."""
        self.beginResetModel()
        self._lines = network.layers if network is not None else ()
        self._holders = holders(self._lines)
        self.endResetModel()

    def line(self, row: int) -> LedgerLayer:
        """The line of a row."""
        return self._lines[row]

    def row_of(self, key: str) -> int:
        """The row of a layer, by its :attr:`LayerInfo.key`; -1 if there is none."""
        return next((row for row, line in enumerate(self._lines) if key and line.key == key), -1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """One row a line."""
        return 0 if parent.isValid() else len(self._lines)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """What was counted, and what is printed."""
        return 0 if parent.isValid() else len(HEADERS)

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        """Answer for one cell."""
        if not index.isValid():
            return None
        line, column = self._lines[index.row()], index.column()
        if role == Role.DisplayRole:
            return self._text(line, column)
        if role == SORT_ROLE:
            return self._order(index.row(), line, column)
        if role == VERDICT_ROLE:
            beside = _beside(line, column)
            return beside.verdict if beside is not None else ""
        if role == Role.TextAlignmentRole:
            return _RIGHT if column in _NUMBERS else _LEFT
        if role in (Role.ToolTipRole, Role.AccessibleTextRole, Role.AccessibleDescriptionRole):
            said = verdict_words(_beside(line, column), _HEADING.get(column, HEADERS[column]))
            return f"{line.name or 'the network'} — {said or _plain(line, column)}"
        return None

    def _text(self, line: LedgerLayer, column: int) -> str:
        holder = self._holders.get(line.name) if not line.group else None
        indent = "" if holder is None else INDENT
        return {
            NAME: f"{indent}{short_name(line, holder)}",
            KIND: _signed(_kind(line), line.paper_layer),
            SHAPE: _signed(words.sides(line.output_shape), line.paper_shape),
            FIELD: words.field(line.receptive_field),
            PARAMETERS: words.whole(line.parameters),
            PARAMETERS_PAPER: printed_words(line.paper_parameters),
            MACS: words.short(line.macs),
            MACS_PAPER: printed_words(line.paper_macs),
        }[column]

    def _order(self, row: int, line: LedgerLayer, column: int) -> Any:
        beside = _beside(line, column)
        return {
            NAME: row,
            KIND: _kind(line),
            SHAPE: _size(line),
            FIELD: line.receptive_field[0] if line.receptive_field else 0,
            PARAMETERS: float(line.parameters),  # Qt compares ints of 32 and of 64 bits wrongly
            MACS: float(line.macs or 0),
        }.get(column, beside.verdict if beside is not None else "")

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> Any:
        """Name the columns."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(HEADERS):
            return None
        if role == Role.DisplayRole:
            return HEADERS[section]
        if role == Role.ToolTipRole:
            return f"{HINTS[section]}. Click to sort"
        if role == Role.TextAlignmentRole:
            return _RIGHT if section in _NUMBERS else _LEFT
        return None


_HEADING = {PARAMETERS_PAPER: "Parameters", MACS_PAPER: "MACs"}


def _kind(line: LedgerLayer) -> str:
    named = line.paper_layer
    return named.text if named is not None and not named.verdict else line.word or line.kind


def _signed(counted: str, beside: Beside | None) -> str:
    """A sign where it is as printed; what is printed, too, where it is not."""
    if beside is None or not beside.verdict:
        return counted
    sign = SIGNS[beside.verdict]
    return f"{counted} {sign}" if beside.verdict == "equal" else f"{counted} {sign} {beside.text}"


def _beside(line: LedgerLayer, column: int) -> Beside | None:
    return {
        KIND: line.paper_layer,
        SHAPE: line.paper_shape,
        PARAMETERS_PAPER: line.paper_parameters,
        MACS_PAPER: line.paper_macs,
    }.get(column)


def _size(line: LedgerLayer) -> int:
    size = 1
    for side in line.output_shape or (0,):
        size *= side
    return size


def _plain(line: LedgerLayer, column: int) -> str:
    if column in _HEADING:
        return "nothing is printed"
    if column == MACS:
        return f"{words.whole(line.macs)} multiply-adds"
    value = {SHAPE: words.sides(line.output_shape), FIELD: words.field(line.receptive_field)}.get(column)
    if column == PARAMETERS:
        return f"{line.parameters:,} parameters"
    return f"{HEADERS[column].lower()} {value}" if value is not None else line.kind
