"""Picks a test protocol, and what is averaged over its views."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from core.types import PROTOCOLS
from gui.facts.protocol_cost import is_quick
from gui.itemmodels.view_words import DIFFERS
from gui.state import AppState
from gui.widgets.picker import NOTE_ROLE, Picker

AVERAGES = {
    "softmax": ("Softmax first", "Softmax, then average: the probabilities of the views are averaged, as the paper does"),
    "logits": ("Average first", "Average, then softmax: the scores of the views are averaged, and the softmax comes last"),
}


class ProtocolPicker(Picker):
    """All of :data:`core.types.PROTOCOLS`; those that the loaded network cannot take are marked, and can be asked why."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._facts = state.protocols
        self.setObjectName("protocolPicker")
        self.setAccessibleName("Protocol")
        for kind in PROTOCOLS.values():
            self.add(kind.title, kind.key, tip=f"{kind.words}.\n{kind.reference}")
        self.activated.connect(self._choose)
        self._facts.protocol_changed.connect(self._show)
        self._facts.ground_changed.connect(self._show)
        self._show()

    @Slot(int)
    def _choose(self, row: int) -> None:
        self._facts.choose(self.itemData(row))

    @Slot()
    def _show(self) -> None:
        facts = self._facts
        for row, kind in enumerate(PROTOCOLS.values()):
            impossible = kind.dense and bool(facts.not_dense)
            tried = facts.with_name(kind.key)
            quick = is_quick(tried, facts.scales_of(kind.key), facts.side, facts.pace)
            note = f"{DIFFERS} not for this network" if impossible else "quick" if quick else "takes longer"
            item = self.entries.item(row)
            item.setData(note, NOTE_ROLE)
            item.setToolTip(facts.not_dense if impossible else f"{kind.words}.\n{kind.reference}")
        kind = facts.kind
        self.show_row(self.find(kind.key))
        self.setToolTip(f"{kind.words}.\n{kind.reference}\n(Down: the list)")
        self.setAccessibleDescription(f"{kind.words}. {kind.reference}")


class AveragePicker(Picker):
    """The order of softmax and average."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._facts = state.protocols
        self.setObjectName("protocolAverage")
        self.setAccessibleName("Order of averaging")
        for key, (title, words) in AVERAGES.items():
            self.add(title, key, tip=f"{words}.", note="the paper's" if key == "softmax" else "")
        self.activated.connect(self._choose)
        self._facts.protocol_changed.connect(self._show)
        self._show()

    @Slot(int)
    def _choose(self, row: int) -> None:
        self._facts.set_average(self.itemData(row))

    @Slot()
    def _show(self) -> None:
        average = self._facts.protocol.average
        self.show_row(self.find(average))
        self.setToolTip(f"{AVERAGES[average][1]} (Down: the list)")
        self.setAccessibleDescription(AVERAGES[average][1])
