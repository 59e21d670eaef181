"""The networks of the ledger as rows."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Slot

from core.insight.ledger import words
from core.types import Beside, LedgerNetwork, LedgerWish
from gui.facts.ledger import loaded_wish
from gui.state import AppState

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole

NAME, PAPER, LAYERS, LAYERS_PAPER, PARAMETERS, PARAMETERS_PAPER, MACS, MACS_PAPER, INPUT, FIELD = range(10)
HEADERS = ("Network", "In its paper", "Layers", "Printed", "Parameters", "Printed", "MACs", "Printed", "Input", "Field")
HINTS = (
    "The network, and the number of its classes where that is not 1,000",
    "What the network is called in its paper",
    "Convolutions and linear layers that run",
    "What the paper prints: ✓ equal, ≠ different",
    "All parameters, those of auxiliary heads included",
    "What the paper prints, rounded to as many places: ✓ equal, ≠ different",
    "Multiply-adds of convolutions, linear layers and attention for one picture",
    "What the paper prints, rounded to as many places: ✓ equal, ≠ different",
    "Channels, height and width of the input",
    "Receptive field in pixels of the last layer with maps; a dash where it is not known",
)
SORT_ROLE = Role.UserRole + 1
VERDICT_ROLE = Role.UserRole + 2
"""The verdict of a cell, "" where there is none."""
_NUMBERS = (LAYERS, PARAMETERS, MACS, FIELD)
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
SIGNS = {"equal": "✓", "different": "≠", "": ""}


def printed_words(beside: Beside | None) -> str:
    """What a paper prints, with a sign that says whether it was counted: "✓ 138 M"."""
    return f"{SIGNS[beside.verdict]} {beside.text}".strip() if beside is not None else ""


def verdict_words(beside: Beside | None, heading: str) -> str:
    """A whole sentence about a comparison; "" where there is none."""
    said = words.verdict(beside)
    return f"{heading}: {said[0].lower()}{said[1:]}" if said else ""


class LedgerNetworkModel(QAbstractTableModel):
    """:attr:`LedgerFacts.wishes` and what is known of each; one that is not counted yet, or cannot be, has a row, too."""

    def __init__(self, state: AppState, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._facts = state.ledger
        self._wishes = self._facts.wishes
        self._facts.wishes_changed.connect(self._take)
        self._facts.entry_arrived.connect(self._fill)
        state.model_changed.connect(self._repaint)

    @Slot(object)
    def _take(self, wishes: tuple[LedgerWish, ...]) -> None:
        self.beginResetModel()
        self._wishes = wishes
        self.endResetModel()

    @Slot(object)
    def _fill(self, wish: LedgerWish) -> None:
        if wish in self._wishes:
            row = self._wishes.index(wish)
            self.dataChanged.emit(self.index(row, 0), self.index(row, FIELD))

    @Slot()
    def _repaint(self) -> None:
        if self._wishes:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._wishes) - 1, FIELD))

    def wish(self, row: int) -> LedgerWish:
        """The network of a row."""
        return self._wishes[row]

    def row_of(self, wish: LedgerWish | None) -> int:
        """The row of a network; -1 for none."""
        return self._wishes.index(wish) if wish in self._wishes else -1

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """One row a network."""
        return 0 if parent.isValid() else len(self._wishes)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """What was counted, and what is printed."""
        return 0 if parent.isValid() else len(HEADERS)

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        """Answer for one cell."""
        if not index.isValid():
            return None
        wish, column = self._wishes[index.row()], index.column()
        if role == Role.TextAlignmentRole:
            return _RIGHT if column in _NUMBERS else _LEFT
        network = self._facts.network(wish)
        if network is None:
            return self._unknown(wish, column, role)
        if role == Role.DisplayRole:
            return self._text(wish, network, column)
        if role == SORT_ROLE:
            return _order(network, column)
        if role == VERDICT_ROLE:
            beside = _beside(network, column)
            return beside.verdict if beside is not None else ""
        if role in (Role.ToolTipRole, Role.AccessibleTextRole, Role.AccessibleDescriptionRole):
            return _hint(network, column, self._text(wish, network, column))
        return None

    def _unknown(self, wish: LedgerWish, column: int, role: int) -> Any:
        entry = self._facts.entry(wish)
        if role == Role.DisplayRole:
            state = "counting…" if entry is None else "could not be counted"
            return {NAME: self._name(wish), PAPER: state}.get(column, "")
        if role == SORT_ROLE:
            return self._name(wish) if column == NAME else ""
        if role in (Role.ToolTipRole, Role.AccessibleTextRole, Role.AccessibleDescriptionRole):
            return f"{self._name(wish)}: {'being counted' if entry is None else getattr(entry, 'message', '')}"
        return None

    def _name(self, wish: LedgerWish) -> str:
        network = self._facts.network(wish)
        classes = network.classes if network is not None else wish.classes
        of = "" if classes in (None, 1000) else f", {classes:,} {'class' if classes == 1 else 'classes'}"
        model = self._state.model
        loaded = " — loaded" if model is not None and loaded_wish(model) == wish else ""
        return f"{wish.architecture}{of}{loaded}"

    def _text(self, wish: LedgerWish, network: LedgerNetwork, column: int) -> str:
        if column in _PRINTED:
            return printed_words(_beside(network, column))
        return {
            NAME: self._name(wish),
            PAPER: network.paper,
            LAYERS: f"{network.weight_layers:,}",
            PARAMETERS: words.whole(network.parameters),
            MACS: words.short(network.macs),
            INPUT: words.sides(network.input_shape),
            FIELD: words.field(network.receptive_field),
        }[column]

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


_PRINTED = {LAYERS_PAPER: "Layers", PARAMETERS_PAPER: "Parameters", MACS_PAPER: "MACs"}


def _beside(network: LedgerNetwork, column: int) -> Beside | None:
    return {
        LAYERS_PAPER: network.paper_weight_layers,
        PARAMETERS_PAPER: network.paper_parameters,
        MACS_PAPER: network.paper_macs,
    }.get(column)


def _order(network: LedgerNetwork, column: int) -> Any:
    beside = _beside(network, column)
    return {
        NAME: network.name,
        PAPER: network.paper,
        LAYERS: network.weight_layers,
        PARAMETERS: float(network.parameters),  # Qt compares ints of 32 and of 64 bits wrongly
        MACS: float(network.macs or 0),
        INPUT: network.input_shape[1],
        FIELD: network.receptive_field[0] if network.receptive_field else 0,
    }.get(column, beside.verdict if beside is not None else "")


def _hint(network: LedgerNetwork, column: int, shown: str) -> str:
    if column in _PRINTED:
        return verdict_words(_beside(network, column), _PRINTED[column]) or "Nothing is printed."
    if column == MACS:
        return f"{words.whole(network.macs)} multiply-adds"
    if column == NAME:
        return f"{shown}. {words.summary(network)}".rstrip(". ") + "."
    return f"{HEADERS[column]}: {shown or 'none'}"
