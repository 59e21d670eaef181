"""Has the table of protocols side by side filled, row by row."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from PySide6.QtCore import Slot

from core.types import PROTOCOLS, Failure, JobProgress, Protocol, ProtocolAnswer, ProtocolTrialRequest
from gui.conductor import Conductor
from gui.desks.desk import Desk
from gui.desks.protocol_desk import Ground, ground_of, note_refusal
from gui.state import AppState


class TrialDesk(Desk):
    """Works through the table of protocols side by side, one after the other; a failing one says why in its row."""

    kinds: ClassVar[tuple[type, ...]] = (ProtocolTrialRequest,)

    def __init__(self, state: AppState, conductor: Conductor) -> None:
        super().__init__(state, conductor)
        self._trials = state.protocols.trials
        self._ground: Ground | None = None
        self._trials.wanted.connect(self.begin)
        self._trials.called_off.connect(self.stop)
        facts = (
            state.image_changed, state.model_changed, state.classification_changed, state.failure_changed,
            state.protocols.members_changed, state.protocols.weight_changed,
        )  # fmt: skip
        for fact in facts:
            fact.connect(self._follow)

    @Slot(object)
    def begin(self, protocols: tuple[Protocol, ...]) -> None:
        """Begin a table anew."""
        self.stop()
        self._ground = ground_of(self.state)
        if self._ground is not None:
            self._trials.begin(protocols, self._ground.image)
            self._go_on()

    @Slot()
    def stop(self) -> None:
        """Give up what is left; the rows that are done stay."""
        self.call_off()
        self._trials.set_progress(None)

    @Slot()
    def _follow(self) -> None:
        """The table is about another picture or another model: it is dropped."""
        if self._trials.plan and ground_of(self.state) != self._ground:
            self.stop()
            self._trials.begin((), None)

    def _go_on(self) -> None:
        done = len(self._trials.outcomes)
        if self._ground is None or done >= len(self._trials.plan):
            self._trials.set_progress(None)
            return
        protocol, ground = self._trials.plan[done], self._ground
        self._trials.set_progress(JobProgress(0, 0, PROTOCOLS[protocol.name].title))
        self.ask(ProtocolTrialRequest, ground.image, protocol, ground.members, ground.weight)

    def take(self, request: ProtocolTrialRequest, answer: ProtocolAnswer) -> None:
        """Fill a row, and go on with the next."""
        self._trials.add(answer)
        self._go_on()

    def refuse(self, request: ProtocolTrialRequest, failure: Failure) -> None:
        """Say in the row why it is empty, and go on with the next."""
        note_refusal(self.state, request, failure)
        self._trials.add(failure)
        self._go_on()

    def advance(self, request: ProtocolTrialRequest, progress: JobProgress) -> None:
        """Note how far the row is."""
        words = f"{PROTOCOLS[request.protocol.name].title}: {progress.text}" if progress.text else ""
        self._trials.set_progress(replace(progress, text=words))
