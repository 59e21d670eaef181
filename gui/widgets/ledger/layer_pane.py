"""The layers of one network, chosen from those that are counted."""

from __future__ import annotations

from PySide6.QtCore import QObject, QSignalBlocker, Signal, Slot
from PySide6.QtWidgets import QComboBox, QLabel, QWidget

from core.types import LedgerWish
from gui.itemmodels.ledger_layer_model import FIELD, MACS_PAPER, PARAMETERS_PAPER, SHAPE, LedgerLayerModel
from gui.state import AppState
from gui.widgets.ledger.number_table import NumberTable

_NAME_ROOM = 110


class LayerPane(QObject):
    """A picker of networks, with its label, and the table of the picked one's layers; whoever makes it lays them out.

    ``nothing`` is an entry for no network: then there is no table either.
    """

    network_picked = Signal(object)  # LedgerWish | None
    layer_chosen = Signal()

    def __init__(self, state: AppState, title: str, parent: QWidget, nothing: str = "") -> None:
        super().__init__(parent)
        self._facts = state.ledger
        self._nothing = nothing
        self.wish: LedgerWish | None = None
        self.picker = QComboBox(parent)
        self.picker.setAccessibleName(title.replace("&", ""))
        self.picker.setToolTip("Which of the ticked networks (Up, Down)")
        self.picker.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.picker.setMinimumContentsLength(12)
        self.label = QLabel(title, parent)
        self.label.setProperty("muted", True)
        self.label.setBuddy(self.picker)
        self.rows = LedgerLayerModel(self)
        self.table = NumberTable(self.rows, (FIELD, SHAPE, PARAMETERS_PAPER, MACS_PAPER), _NAME_ROOM, parent)
        self.table.setAccessibleName(f"{title.replace('&', '')}: layers")
        self.table.setToolTip("Ctrl+C copies the chosen rows")
        self.picker.activated.connect(self._pick)
        self.table.selectionModel().currentRowChanged.connect(self.layer_chosen)
        self._facts.entry_arrived.connect(self._hear)

    def offer(self, wishes: tuple[LedgerWish, ...], names: tuple[str, ...]) -> None:
        """Offer other networks to pick from; the shown one stays if it is among them."""
        with QSignalBlocker(self.picker):
            self.picker.clear()
            if self._nothing:
                self.picker.addItem(self._nothing, None)
            for wish, name in zip(wishes, names, strict=True):
                self.picker.addItem(name, wish)
        if self.wish not in wishes:
            self.show_network(None if self._nothing or not wishes else wishes[0])
        else:
            self._follow_picker()

    def show_network(self, wish: LedgerWish | None) -> None:
        """Show a network without telling anybody."""
        if wish != self.wish:
            self.wish = wish
            self.table.sort_as_given()
        self._follow_picker()
        self._fill()

    def _follow_picker(self) -> None:
        places = [self.picker.itemData(row) for row in range(self.picker.count())]
        self.picker.setCurrentIndex(places.index(self.wish) if self.wish in places else -1)

    def _fill(self) -> None:
        network = self._facts.network(self.wish) if self.wish is not None else None
        entry = self._facts.entry(self.wish) if self.wish is not None else None
        self.table.empty_text = (
            "Tick a network at the left" if self.wish is None
            else "Counting…" if entry is None
            else getattr(entry, "message", "It has no layers")
        )  # fmt: skip
        self.rows.set_network(network)
        self.table.setVisible(self.wish is not None or not self._nothing)
        shown = f"{len(network.layers):,} lines of {network.name}" if network is not None else self.table.empty_text
        self.table.setAccessibleDescription(shown)
        self.table.viewport().update()

    @Slot(int)
    def _pick(self, row: int) -> None:
        self.show_network(self.picker.itemData(row))
        self.network_picked.emit(self.wish)

    @Slot(object)
    def _hear(self, wish: LedgerWish) -> None:
        if wish == self.wish:
            self._fill()
