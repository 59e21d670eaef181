"""The table of protocols side by side."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from core.types import Failure, ImageRef, JobProgress, Protocol, ProtocolAnswer

Outcome = ProtocolAnswer | Failure


class ProtocolTrials(QObject):
    """Which protocols are tried on the picture, and what came of those that are done, in the same order."""

    wanted = Signal(object)  # tuple[Protocol, ...]: a table of these
    called_off = Signal()
    plan_changed = Signal(object)  # tuple[Protocol, ...]: those of the table that is begun; () where there is none
    outcomes_changed = Signal(object)  # tuple of ProtocolAnswer | Failure
    progress_changed = Signal(object)  # JobProgress | None: of the one that is under way; None when none is

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.plan: tuple[Protocol, ...] = ()
        self.image: ImageRef | None = None
        self.outcomes: tuple[Outcome, ...] = ()
        self.progress: JobProgress | None = None

    @property
    def running(self) -> bool:
        """Whether one is under way."""
        return self.progress is not None

    def want(self, protocols: tuple[Protocol, ...]) -> None:
        """Ask for a table of these."""
        self.wanted.emit(protocols)

    def call_off(self) -> None:
        """Stop; what is done stays."""
        self.called_off.emit()

    def begin(self, protocols: tuple[Protocol, ...], image: ImageRef | None) -> None:
        """Begin another table of a picture, or clear it."""
        if protocols or self.plan:
            self.plan, self.image, self.outcomes = protocols, image, ()
            self.plan_changed.emit(protocols)
            self.outcomes_changed.emit(())

    def add(self, outcome: Outcome) -> None:
        """Note what came of the next one."""
        self.outcomes = (*self.outcomes, outcome)
        self.outcomes_changed.emit(self.outcomes)

    def set_progress(self, progress: JobProgress | None) -> None:
        """Note how far the one is that is under way."""
        if progress != self.progress:
            self.progress = progress
            self.progress_changed.emit(progress)
