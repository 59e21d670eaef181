"""The ledger: which networks a person wants to see counted, and what they cost."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from core.types import HEADED, Failure, LedgerNetwork, LedgerWish, ModelInfo

Entry = LedgerNetwork | Failure
"""What a network costs, or why it could not be counted."""


class LedgerFacts(QObject):
    """Wishes in the order of the table, and their answers, which are kept: counts never change."""

    wishes_changed = Signal(object)  # tuple[LedgerWish, ...]
    entry_arrived = Signal(object)  # LedgerWish whose answer is there now
    export_wanted = Signal(object, str, bool)  # Path, key of ``core.insight.ledger.formats.FORMATS``, with layers
    told = Signal(str, bool)  # what became of an export; whether it failed

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.wishes: tuple[LedgerWish, ...] = ()
        self._entries: dict[LedgerWish, Entry] = {}

    def want(self, wishes: Iterable[LedgerWish]) -> None:
        """Ask for these networks, and for no others; () while nobody looks."""
        new = tuple(dict.fromkeys(wishes))
        if new != self.wishes:
            self.wishes = new
            self.wishes_changed.emit(new)

    def entry(self, wish: LedgerWish) -> Entry | None:
        """What is known of a network."""
        return self._entries.get(wish)

    def network(self, wish: LedgerWish) -> LedgerNetwork | None:
        """What a network costs; None where that is not known, or cannot be."""
        entry = self._entries.get(wish)
        return entry if isinstance(entry, LedgerNetwork) else None

    @property
    def missing(self) -> tuple[LedgerWish, ...]:
        """Networks that are wanted and not counted yet."""
        return tuple(wish for wish in self.wishes if wish not in self._entries)

    @property
    def counted(self) -> tuple[LedgerNetwork, ...]:
        """Networks that are wanted and counted, in their order."""
        found = (self._entries.get(wish) for wish in self.wishes)
        return tuple(entry for entry in found if isinstance(entry, LedgerNetwork))

    def put(self, wish: LedgerWish, entry: Entry) -> None:
        """Note what a network costs, or why that is not known."""
        self._entries[wish] = entry
        self.entry_arrived.emit(wish)

    def export(self, path: Path, format_name: str, *, layers: bool) -> None:
        """Ask for the wanted networks in a file."""
        self.export_wanted.emit(path, format_name, layers)

    def tell(self, sentence: str, *, failed: bool = False) -> None:
        """Say what became of an export."""
        self.told.emit(sentence, failed)


def loaded_wish(model: ModelInfo) -> LedgerWish:
    """The wish for the model that is loaded: its architecture as it was loaded, or the file that builds it."""
    how = model.preprocessing
    name = model.title if model.spec.code is not None else model.spec.architecture
    return LedgerWish(name, len(model.categories), len(how.mean), how.crop, _has_heads(model))


def _has_heads(model: ModelInfo) -> bool:
    """Whether a model has the auxiliary heads of its architecture: its layers, which leave them out, do not add up."""
    if model.spec.code is not None or model.spec.architecture not in HEADED:
        return True
    return model.parameters > sum(layer.parameters for layer in model.layers if layer.leaf and layer.call == 1)
