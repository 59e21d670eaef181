"""Has the picture classified by the chosen test protocol, and drops the answer when it is about something else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from PySide6.QtCore import QTimer, Slot

from core.protocols.plan import usual_scales
from core.types import (
    PROTOCOLS,
    Failure,
    FusionMember,
    ImageRef,
    JobProgress,
    ModelSpec,
    Preprocessing,
    Protocol,
    ProtocolAnswer,
    ProtocolRequest,
)
from gui.conductor import Conductor
from gui.desks.desk import Desk
from gui.state import AppState


@dataclass(frozen=True, slots=True)
class Ground:
    """What an answer stands on besides the protocol."""

    model: ModelSpec
    preprocessing: Preprocessing
    image: ImageRef
    members: tuple[FusionMember, ...]
    weight: float


Subject = tuple[Ground, Protocol]


def ground_of(state: AppState) -> Ground | None:
    """What an answer would stand on now; None while there is no answer about the current picture."""
    facts, answer = state.protocols, state.classification
    if state.model is None or state.image is None or state.failure is not None or answer is None:
        return None
    if answer.image != state.image or answer.model != state.model.spec:
        return None
    weight = facts.weight if facts.members else 1.0
    return Ground(state.model.spec, state.model.preprocessing, state.image, facts.members, weight)


class ProtocolDesk(Desk):
    """Quick protocols follow every change while somebody looks; long ones are begun by a person only.

    A quick answer replaces the one before without a gap. While a scale is dragged one is worked out at a time, so that answers
    are seen on the way; the last one is that of the last scale.
    """

    kinds: ClassVar[tuple[type, ...]] = (ProtocolRequest,)

    def __init__(self, state: AppState, conductor: Conductor) -> None:
        super().__init__(state, conductor)
        self._facts = state.protocols
        self._asked: Subject | None = None
        self._shown: Subject | None = None
        self._refused: Subject | None = None
        self._eager = False
        """A person asked before there was anything to ask about."""
        # Several facts change in one turn of the event loop; one request answers for all of them.
        self._soon = QTimer(self, interval=0, singleShot=True)
        self._soon.timeout.connect(self._settle)
        facts = (
            state.image_changed, state.classification_changed, state.model_changed, state.failure_changed,
            self._facts.protocol_changed, self._facts.members_changed, self._facts.weight_changed,
            self._facts.watched_changed, self._facts.ground_changed,
        )  # fmt: skip
        for fact in facts:
            fact.connect(self._follow)
        state.model_changed.connect(self._learn_model)
        state.classification_changed.connect(self._learn_pace)
        self._facts.wanted.connect(self.begin)
        self._facts.called_off.connect(self.cancel)

    @property
    def subject(self) -> Subject | None:
        """What an answer would be about now."""
        ground = ground_of(self.state)
        return (ground, self._facts.with_name(self._facts.protocol.name)) if ground is not None else None

    @Slot()
    def _learn_model(self) -> None:
        model = self.state.model
        if model is not None:
            how = model.preprocessing
            usual = {name: usual_scales(how, Protocol(name=kind.key)) for name, kind in PROTOCOLS.items() if kind.takes_scales}
            self._stop()
            self._drop()
            self._facts.set_ground(how.crop, usual)

    @Slot()
    def _learn_pace(self) -> None:
        answer, model = self.state.classification, self.state.model
        if answer is not None and model is not None and answer.model == model.spec:
            self._facts.note_pace(answer.timings.forward_ms)

    @Slot()
    def _follow(self) -> None:
        self._soon.start()

    @Slot()
    def _settle(self) -> None:
        """Ask anew, or drop what is not true any more."""
        subject = self.subject
        if self._asked is not None and not self._may_go_on(subject):
            self._stop()
        if subject is None:
            if self.state.image is None or self.state.failure is not None:
                self._drop()
        elif self._asked is None and subject not in (self._shown, self._refused):
            if self._eager or (self._facts.watched and self._facts.quick):
                self._ask(subject)
            else:
                self._drop()

    def _may_go_on(self, subject: Subject | None) -> bool:
        """Whether what is under way is still wanted: it, or another scale of it while all of them are quick."""
        if not self.conductor.waits_for(ProtocolRequest) or self._asked is None or subject is None:
            return False
        same_ground = subject[0] == self._asked[0] and subject[1].name == self._asked[1].name
        return subject == self._asked or (same_ground and self._facts.quick and self._facts.watched)

    @Slot()
    def begin(self) -> None:
        """Work the answer out now, if it is not there or under way; as soon as there is a picture to do it for."""
        subject = self.subject
        if subject is None:
            self._eager = self.state.failure is None
        elif subject not in (self._shown, self._asked):
            self._stop()
            self._ask(subject)

    @Slot()
    def cancel(self) -> None:
        """Give up what is under way; a quick protocol is not begun again by itself."""
        self._eager = False
        if self._asked is not None:
            asked = self._asked
            self._stop()
            self._drop()
            self._refused = asked

    def _ask(self, subject: Subject) -> None:
        self._asked, self._refused, self._eager = subject, None, False
        if not self._facts.quick:
            self._drop()
        self._facts.set_progress(JobProgress(0, 0, "Beginning"))
        ground, protocol = subject
        self.ask(ProtocolRequest, ground.image, protocol, ground.members, ground.weight)

    def _stop(self) -> None:
        if self._asked is not None:
            self._asked = None
            self.call_off()
            self._facts.set_progress(None)

    def _drop(self) -> None:
        self._shown = self._refused = None
        self._facts.set_answer(None)
        self._facts.set_failure(None)

    def take(self, request: ProtocolRequest, answer: ProtocolAnswer) -> None:
        """Show an answer."""
        if type(request) is not ProtocolRequest:
            return  # a row of the table
        self._shown, self._asked = self._asked, None
        self._facts.set_failure(None)
        self._facts.set_progress(None)
        self._facts.set_answer(answer)
        self._follow()

    def refuse(self, request: ProtocolRequest, failure: Failure) -> None:
        """Say in the panel why there is none."""
        if type(request) is not ProtocolRequest:
            return  # a row of the table
        asked, self._asked = self._asked, None
        self._drop()
        self._refused = asked
        self._facts.set_progress(None)
        self._facts.set_failure(failure)
        note_refusal(self.state, request, failure)
        self._follow()

    def advance(self, request: ProtocolRequest, progress: JobProgress) -> None:
        """Note how far it is."""
        if type(request) is ProtocolRequest:
            self._facts.set_progress(progress)


def note_refusal(state: AppState, request: ProtocolRequest, failure: Failure) -> None:
    """Remember of the loaded model that it cannot be evaluated densely."""
    if failure.kind == "unsupported" and PROTOCOLS[request.protocol.name].dense and not request.members:
        state.protocols.set_not_dense(failure.message)
