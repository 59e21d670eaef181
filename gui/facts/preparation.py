"""How a person wants pictures prepared for the network."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from core.types import Preprocessing


class PreparationFacts(QObject):
    """What is wished for; what is in force is :attr:`AppState.model`'s preprocessing."""

    wanted = Signal(object)  # Preprocessing | None (the weights' own)
    editing_wanted = Signal()
    refused = Signal(str)  # why the last wish was not granted; "" once one is

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.refusal = ""

    def want(self, preprocessing: Preprocessing | None) -> None:
        """Ask for another preprocessing; None for the weights' own."""
        self.wanted.emit(preprocessing)

    def want_editing(self) -> None:
        """Ask for the editor."""
        self.editing_wanted.emit()

    def set_refusal(self, reason: str) -> None:
        """Note why the last wish was not granted."""
        self.refusal = reason
        self.refused.emit(reason)
