"""Test protocols: how a person set one up, and what it said of the picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from PySide6.QtCore import QObject, Signal

from core.types import PROTOCOLS, Failure, FusionMember, JobProgress, Picture, Protocol, ProtocolAnswer, ProtocolKind
from gui.facts.protocol_cost import is_quick
from gui.facts.protocol_look import ProtocolLook
from gui.facts.protocol_trials import ProtocolTrials

MOST = 4
"""The largest Q a person can choose, as a multiple of the side of the network's input."""


class ProtocolFacts(QObject):
    """The chosen protocol and its answer for the current picture; ``look`` is what of it is looked at, ``trials`` the table."""

    protocol_changed = Signal(object)  # Protocol
    members_changed = Signal(object)  # tuple[FusionMember, ...]: other models averaged in
    weight_changed = Signal(float)  # of the loaded model among them
    watched_changed = Signal(bool)  # the panel is on the screen
    wanted = Signal()  # a person asks for the answer now, however long it takes
    called_off = Signal()
    answer_changed = Signal(object)  # ProtocolAnswer | None
    failure_changed = Signal(object)  # Failure | None: why there is none
    progress_changed = Signal(object)  # JobProgress | None
    ground_changed = Signal()  # the side of the network's input, the usual scales, the pace, or what cannot be dense
    member_wanted = Signal()  # a person wants to choose another model to average in
    table_wanted = Signal()  # a person wants the table of protocols side by side

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.protocol = Protocol()
        self.members: tuple[FusionMember, ...] = ()
        self.weight = 1.0
        self.watched = False
        self.answer: ProtocolAnswer | None = None
        self.failure: Failure | None = None
        self.progress: JobProgress | None = None
        self.side = 0
        """Side of the network's input in pixels; 0 before a model is there."""
        self.usual: dict[str, tuple[int, ...]] = {}
        """The scales that each protocol takes where a person chose none."""
        self.pace = 0.0
        """The least that one pass has taken with this model, in milliseconds; 0 before the first."""
        self.not_dense = ""
        """Why the loaded network cannot be evaluated densely; "" where it can, or where that is not known."""
        self.look = ProtocolLook(self)
        self.trials = ProtocolTrials(self)
        self._chosen: dict[str, tuple[int, ...]] = {}

    def drawn(self, picture: Picture | None) -> bool:
        """Whether the views of the answer lie over a picture: it is about that one, and somebody looks."""
        return self.watched and self.answer is not None and picture is not None and picture.image == self.answer.image

    @property
    def kind(self) -> ProtocolKind:
        """What there is to say about the chosen protocol."""
        return PROTOCOLS[self.protocol.name]

    @property
    def scales(self) -> tuple[int, ...]:
        """The scales that the chosen protocol takes."""
        return self.scales_of(self.protocol.name)

    def scales_of(self, name: str) -> tuple[int, ...]:
        """The scales that a protocol takes: those a person chose for it, or else the usual ones."""
        return self._chosen.get(name, ()) or self.usual.get(name, ())

    def with_name(self, name: str) -> Protocol:
        """A protocol with what a person chose for it."""
        kind = PROTOCOLS[name]
        flip = self.protocol.flip and kind.takes_flip
        return replace(self.protocol, name=kind.key, scales=self._chosen.get(name, ()), flip=flip)

    @property
    def quick(self) -> bool:
        """Whether the answer is there so soon that it may follow every change by itself."""
        return not self.members and is_quick(self.protocol, self.scales, self.side, self.pace)

    def choose(self, name: str) -> None:
        """Choose a protocol of :data:`PROTOCOLS`, with the scales that it had; KeyError for another name."""
        kind = PROTOCOLS[name]
        self._set(replace(self.protocol, name=kind.key, scales=self._chosen.get(name, ())))

    def set_scales(self, scales: tuple[int, ...]) -> None:
        """Choose the scales of the chosen protocol; none for the usual ones."""
        scales = () if scales == self.usual.get(self.protocol.name) else scales
        self._chosen[self.protocol.name] = scales
        self._set(replace(self.protocol, scales=scales))

    def set_flip(self, flip: bool) -> None:
        """Show the network mirrored views as well, where that is a choice."""
        self._set(replace(self.protocol, flip=flip))

    def set_average(self, average: Literal["softmax", "logits"]) -> None:
        """Choose what is averaged over the views."""
        self._set(replace(self.protocol, average=average))

    def _set(self, protocol: Protocol) -> None:
        if protocol != self.protocol:
            self.protocol = protocol
            self.protocol_changed.emit(protocol)

    def set_members(self, members: tuple[FusionMember, ...]) -> None:
        """Choose the other models that are averaged in."""
        if members != self.members:
            self.members = members
            self.members_changed.emit(members)

    def set_weight(self, weight: float) -> None:
        """Choose the weight of the loaded model among them, above 0."""
        if weight != self.weight:
            self.weight = weight
            self.weight_changed.emit(weight)

    def set_watched(self, watched: bool) -> None:
        """Note whether somebody can see the panel."""
        if watched != self.watched:
            self.watched = watched
            self.watched_changed.emit(watched)

    def want(self) -> None:
        """Ask for the answer now."""
        self.wanted.emit()

    def call_off(self) -> None:
        """Give up what is under way."""
        self.called_off.emit()

    def want_member(self) -> None:
        """Ask which model is to be averaged in."""
        self.member_wanted.emit()

    def want_table(self) -> None:
        """Ask for the table of protocols."""
        self.table_wanted.emit()

    def set_ground(self, side: int, usual: Mapping[str, tuple[int, ...]]) -> None:
        """Note what another model looks at; scales that a person chose and that it cannot take give way to the usual ones."""
        self.side, self.usual, self.pace, self.not_dense = side, dict(usual), 0.0, ""
        fitting = {name: scales for name, scales in self._chosen.items() if _fit(name, scales, side)}
        self._chosen = fitting
        self._set(replace(self.protocol, scales=fitting.get(self.protocol.name, ())))
        self.ground_changed.emit()

    def restore(self, protocol: Protocol) -> None:
        """Take a remembered protocol; scales that do not fit the model go when it is there."""
        self._chosen[protocol.name] = protocol.scales
        self._set(protocol)

    def note_pace(self, milliseconds: float) -> None:
        """Note how long a pass took."""
        pace = min(milliseconds, self.pace or milliseconds)
        if pace != self.pace:
            self.pace = pace
            self.ground_changed.emit()

    def set_not_dense(self, reason: str) -> None:
        """Note why the network cannot be evaluated densely."""
        if reason != self.not_dense:
            self.not_dense = reason
            self.ground_changed.emit()

    def set_answer(self, answer: ProtocolAnswer | None) -> None:
        """Note the answer, or that there is none."""
        if answer is not self.answer:
            self.answer = answer
            self.look.take(answer)
            self.answer_changed.emit(answer)

    def set_failure(self, failure: Failure | None) -> None:
        """Note why there is no answer."""
        if failure != self.failure:
            self.failure = failure
            self.failure_changed.emit(failure)

    def set_progress(self, progress: JobProgress | None) -> None:
        """Note how far it is."""
        if progress != self.progress:
            self.progress = progress
            self.progress_changed.emit(progress)


def _fit(name: str, scales: tuple[int, ...], side: int) -> bool:
    """Whether a network with inputs of ``side`` pixels, and a protocol, can take these scales."""
    kind = PROTOCOLS[name]
    count = len(scales) <= 1 or kind.many
    return kind.takes_scales and count and all(side <= scale <= MOST * side for scale in scales)
