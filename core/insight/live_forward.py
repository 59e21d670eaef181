"""Forward passes with lesions one after another, as while a slider is dragged: only what lies behind the lesions runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractContextManager
from weakref import WeakKeyDictionary

import torch
from torch import Tensor

from core.inference.session import Session
from core.insight.output_changes import Change, forward_with
from core.insight.replay import UNUSUAL, Replay
from core.types import LayerInfo

MOST_BYTES = 256 << 20
"""Of remembered outputs; where more would have to be kept, every pass is a whole one."""

Changes = Sequence[tuple[LayerInfo, Change]]


class LiveForward:
    """Runs a network on one picture with lesions on the same layers, whose channels and values change.

    The first pass is a plain one; the second remembers what comes before the lesions (:class:`Replay`) and checks that a
    pass that uses it gives the same logits, bit for bit; where it does, those that follow use it. Another picture, another
    device or lesions on other layers begin anew, and what was remembered is let go.
    """

    def __init__(self) -> None:
        self._batch: Tensor | None = None
        self._about: tuple[str, tuple[str, ...]] = ("", ())
        self._passes = 0
        self._replay: Replay | None = None
        self._calls: Counter[str] = Counter()

    def forward(self, session: Session, batch: Tensor, changes: Changes) -> tuple[Tensor, float]:
        """Return logits and milliseconds, as :func:`forward_with` does."""
        about = str(session.device), tuple(sorted({layer.key for layer, _ in changes}))
        if batch is not self._batch or about != self._about:
            self._batch, self._about = batch, about
            self._passes, self._replay = 0, None
        self._passes += 1
        if self._passes == 2 and changes:
            return self._remember(session, batch, changes)
        if self._replay is not None:
            try:
                return self._run(session, batch, changes, self._replay.replaying(1))
            except UNUSUAL:
                self._replay = None
        return forward_with(session, batch, changes)

    def _remember(self, session: Session, batch: Tensor, changes: Changes) -> tuple[Tensor, float]:
        layers = list(dict.fromkeys(layer for layer, _ in changes))
        replay = Replay(session.model, _first_to_end(session.info.layers, layers).name, self._calls)
        # Whichever lesion comes first ends what may be remembered; it must not have changed anything by then.
        reaching: Changes = [*((layer, replay.reach) for layer in layers), *changes]
        logits, milliseconds = self._run(session, batch, reaching, replay.recording())
        if replay.saves and replay.nbytes <= MOST_BYTES:
            try:
                again, _ = self._run(session, batch, changes, replay.replaying(1))
            except UNUSUAL:
                return logits, milliseconds
            if torch.equal(logits, again):
                self._replay = replay
        return logits, milliseconds

    def _run(
        self, session: Session, batch: Tensor, changes: Changes, around: AbstractContextManager[None]
    ) -> tuple[Tensor, float]:
        with around:
            return forward_with(session, batch, changes, self._calls)


_LIVE: WeakKeyDictionary[Session, LiveForward] = WeakKeyDictionary()


def live_forward(session: Session, batch: Tensor, changes: Changes) -> tuple[Tensor, float]:
    """Run a network with lesions, using what the last pass left; see :class:`LiveForward`."""
    if not changes:
        _LIVE.pop(session, None)
        return forward_with(session, batch, changes)
    return _LIVE.setdefault(session, LiveForward()).forward(session, batch, changes)


def _first_to_end(layers: Sequence[LayerInfo], some: Sequence[LayerInfo]) -> LayerInfo:
    """The layer of some that puts its output out first: a module that holds others does so after them."""

    def end(layer: LayerInfo) -> int:
        place = layers.index(layer)
        while not layer.leaf and place + 1 < len(layers) and layers[place + 1].name.startswith(f"{layer.name}."):
            place += 1
        return place

    return min(some, key=lambda layer: (end(layer), layer.leaf is False))
