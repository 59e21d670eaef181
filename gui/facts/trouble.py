"""What went wrong: how the last run ended, and what a person wants done about it."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal, Slot

from core.types import ModelSpec


@dataclass(frozen=True, slots=True)
class Offer:
    """The last run ended unexpectedly: a sentence about it, and the model that it used, if that can be loaded again."""

    sentence: str
    again: ModelSpec | None = None
    without: bool = False
    """Whether the model is left out of this run."""
    log: str = ""
    """Path of the log of that run."""


class TroubleFacts(QObject):
    """An offer at the start, and the wish for diagnostics."""

    changed = Signal(object)  # Offer | None
    load_wanted = Signal(object)  # ModelSpec to load again
    copy_wanted = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.offer: Offer | None = None

    def set_offer(self, offer: Offer | None) -> None:
        """Offer something, or take the offer away."""
        if offer != self.offer:
            self.offer = offer
            self.changed.emit(offer)

    @Slot()
    def dismiss(self) -> None:
        """Go on as it is."""
        self.set_offer(None)

    @Slot()
    def load_again(self) -> None:
        """Load the model of the last run after all."""
        again = self.offer.again if self.offer is not None else None
        self.set_offer(None)
        if again is not None:
            self.load_wanted.emit(again)

    @Slot()
    def want_copy(self) -> None:
        """Ask for the diagnostics in the clipboard."""
        self.copy_wanted.emit()
