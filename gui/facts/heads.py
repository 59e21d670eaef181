"""The heads of a network with several: whether their panel is on the screen, and what they said last."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from core.types import Failure, HeadsAnswer


class HeadFacts(QObject):
    """Asked only while somebody looks. The last picture's answer stays until the next one comes."""

    wanted_changed = Signal(bool)
    changed = Signal()  # the answer, or why there is none

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.wanted = False
        self.answer: HeadsAnswer | None = None
        self.failure: Failure | None = None

    def want(self, wanted: bool) -> None:
        """Note whether the panel is on the screen."""
        if wanted != self.wanted:
            self.wanted = wanted
            self.wanted_changed.emit(wanted)

    def put(self, answer: HeadsAnswer | None, failure: Failure | None = None) -> None:
        """Note an answer, or why there is none, or (None) that there is none yet."""
        if (answer, failure) != (self.answer, self.failure):
            self.answer, self.failure = answer, failure
            self.changed.emit()
