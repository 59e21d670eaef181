"""A checkpoint taken apart: which tensors in it are the weights, under which names, and what they fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from torch import Tensor

from core.weights.checkpoint import Checkpoint
from core.weights.doctor.match import Match, compare, modern, ranked, said, shapes_of
from core.weights.doctor.positions import foreign_names
from core.weights.doctor.states import ALWAYS, State, has_optimizer, prefixes, states, without_always
from core.weights.doctor.table import Shape, plans
from core.weights.doctor.words import shown

_HALF = 0.5
"""A prefix that brings less than this share of an architecture to light is left on."""


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """One way to read a state_dict: with ``prefix`` off its names.

    ``tensors`` are under the names that remain, those of older torchvision versions brought up to date; ``shapes`` are
    theirs, counters of batch norm aside; ``ranking`` are the
    architectures they have tensors of, the best first; ``match`` is the one that can be said. Where that is only suspected,
    from shapes and order, the names are those of the architecture and ``as_saved`` is the reading under the file's own.
    """

    state: State
    prefix: str
    tensors: dict[str, Tensor]
    shapes: dict[str, Shape]
    ranking: tuple[Match, ...]
    match: Match | None
    as_saved: Reading | None = None

    @property
    def ways(self) -> tuple[Mapping[str, Tensor], ...]:
        """The tensors under the names of the file, and under those that remain without the prefix."""
        return self.state.tensors, self.tensors

    def is_of(self, shapes: Mapping[str, Shape]) -> bool:
        """Whether these are just the tensors of a network, name by name and shape by shape."""
        return any({name: tuple(value.shape) for name, value in one.items()} == shapes for one in self.ways)

    def against(self, architecture: str) -> Match:
        """Compare with an architecture of the catalogue."""
        return compare(plans()[architecture], self.shapes)

    def settled(self, picked: str | None) -> Reading:
        """Take what a person picked where it is one of several that fit equally well."""
        if picked is None or self.match is not None:
            return self
        match = self.against(picked)
        return replace(self, match=match) if match.convincing else self


@dataclass(frozen=True, slots=True, eq=False)
class Anatomy:
    """What lies in a checkpoint: the reading that was taken, other state_dicts, and whether an optimizer is beside it."""

    checkpoint: Checkpoint
    taken: Reading | None
    others: tuple[State, ...]
    optimizer: bool

    @property
    def averaged(self) -> State | None:
        """A moving average of the weights that could be taken instead."""
        if self.taken is None or self.taken.state.averaged:
            return None
        return next((state for state in self.others if state.averaged), None)

    @property
    def leftovers(self) -> tuple[str, ...]:
        """Keys beside the tensors that are no state_dict."""
        if self.taken is None or self.taken.state.place:
            return ()
        return tuple(str(key) for key in self.checkpoint.content if key not in self.taken.state.tensors)

    def settled(self, picked: str | None) -> Anatomy:
        """Take what a person picked, see :meth:`Reading.settled`."""
        return replace(self, taken=self.taken.settled(picked)) if self.taken is not None else self


def dissect(checkpoint: Checkpoint, *, averaged: bool = False) -> Anatomy:
    """Find the weights in a checkpoint.

    Parameters
    ----------
    checkpoint
        As it was opened.
    averaged
        Take the moving average where there is one.
    """
    found = states(checkpoint.content)
    readings = [read_names(state) for state in found]
    taken = min(
        readings,
        key=lambda one: (
            averaged and not one.state.averaged, one.match is None, one.as_saved is not None, one.state.rank
        ),
        default=None,
    )
    others = tuple(state for state in found if taken is None or state is not taken.state)
    return Anatomy(checkpoint, taken, others, has_optimizer(checkpoint.content))


def read_names(state: State) -> Reading:
    """Find the prefix without which the names fit an architecture best; one that explains nothing stays."""
    plain = {without_always(name): value for name, value in state.tensors.items()}
    if len(plain) != len(state.tensors):  # two names that would become one
        plain = dict(state.tensors)
    best = plainest = _without(state, plain, "")
    for prefix in prefixes(list(plain))[1:]:
        reading = _without(state, plain, prefix)
        if _worth(reading) > _worth(best):
            best = reading
    if best.match is None and _worth(best)[1] < _HALF:
        best = plainest
    best = replace(best, prefix=_whole_prefix(state, best.prefix))
    if best.match is None and not any(match.convincing for match in best.ranking):
        return _renamed(state, plain, plainest.shapes) or best
    return best


def _renamed(state: State, plain: Mapping[str, Tensor], shapes: Mapping[str, Shape]) -> Reading | None:
    """Suspect an architecture behind foreign names."""
    names = foreign_names(shapes, plain)
    if names is None:
        return None
    reading = _without(state, {names[name]: value for name, value in plain.items()}, "")
    prefix = _whole_prefix(state, "")
    own = replace(_without(state, plain, ""), prefix=prefix)
    return replace(reading, prefix=prefix, as_saved=own) if reading.match is not None else None


def _without(state: State, plain: Mapping[str, Tensor], prefix: str) -> Reading:
    tensors = {modern(name): value for name, value in without(prefix, plain).items()}
    shapes = shapes_of(tensors)
    ranking = ranked(shapes)
    return Reading(state, prefix, tensors, shapes, ranking, said(ranking))


def _worth(reading: Reading) -> tuple[bool, float]:
    return reading.match is not None, reading.ranking[0].score if reading.ranking else 0.0


def without(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Take a prefix off the names that have it; a name that is there without it already wins."""
    fresh = {name.removeprefix(prefix): value for name, value in tensors.items()}
    return fresh | {name: value for name, value in tensors.items() if not name.startswith(prefix)}


def _whole_prefix(state: State, prefix: str) -> str:
    """Say the prefix as it stands in the file, with what DataParallel and torch.compile added to it."""
    changed = next((name for name in state.tensors if without_always(name).removeprefix(prefix) != name), None)
    if changed is None:
        return ""
    bare = without_always(changed).removeprefix(prefix)
    if changed.endswith(bare):
        return shown(changed.removesuffix(bare))
    return next((part for part in ALWAYS if part in changed), prefix)
