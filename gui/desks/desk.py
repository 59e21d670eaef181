"""What all desks have in common."""

from __future__ import annotations

from typing import Any, ClassVar

from PySide6.QtCore import QObject, Slot

from core.types import Failure, JobProgress
from gui.conductor import Conductor
from gui.state import AppState


class Desk(QObject):
    """Asks the tools through the conductor, and is told the answers that are still wanted.

    A subclass names its ``kinds`` of request, listens to facts and calls :meth:`ask`; it writes the answers down as facts.
    """

    kinds: ClassVar[tuple[type, ...]] = ()

    def __init__(self, state: AppState, conductor: Conductor) -> None:
        super().__init__(conductor)
        self.state = state
        self.conductor = conductor
        conductor.answered.connect(self._hear_answer)
        conductor.refused.connect(self._hear_refusal)
        conductor.advanced.connect(self._hear_progress)

    def ask(self, kind: type, *arguments: Any, **named: Any) -> None:
        """Have a request of this kind answered; the id is added."""
        self.conductor.ask(kind(self.conductor.next_id(), *arguments, **named))

    def call_off(self) -> None:
        """Wait for nothing any more."""
        for kind in self.kinds:
            self.conductor.call_off(kind)

    def take(self, request: Any, answer: Any) -> None:
        """Write an answer down as facts."""

    def refuse(self, request: Any, failure: Failure) -> None:
        """Tell a person why there is no answer."""
        self.state.raise_model_notice(failure)

    def advance(self, request: Any, progress: JobProgress) -> None:
        """Note how far long work is."""

    @Slot(object, object)
    def _hear_answer(self, request: Any, answer: Any) -> None:
        if isinstance(request, self.kinds):
            self.take(request, answer)

    @Slot(object, object)
    def _hear_refusal(self, request: Any, failure: Failure) -> None:
        if isinstance(request, self.kinds):
            self.refuse(request, failure)

    @Slot(object, object)
    def _hear_progress(self, request: Any, progress: JobProgress) -> None:
        if isinstance(request, self.kinds):
            self.advance(request, progress)
