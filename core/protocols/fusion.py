"""Several models look at one picture: the others are loaded, compared, kept while there is memory, and let go."""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence

from core.errors import UsageError
from core.inference.devices import free_bytes
from core.inference.session import Session
from core.inference.threads import set_threads
from core.insight.budget import LARGEST
from core.insight.inspect import Inspector
from core.protocols.work import Work
from core.types import FusionMember, JobProgress, ModelInfo, ModelSpec
from core.weights.choose import settle

_SHARE = 4
"""A model is kept for the next request where it takes less than one part in so many of the memory still free."""


def shares(weight: float, members: Sequence[FusionMember]) -> tuple[float, ...]:
    """Return the weights of the loaded model and of the others as shares of 1.

    Raises
    ------
    UsageError
        If one is not a number above 0.
    """
    weights = (weight, *(member.weight for member in members))
    wrong = [one for one in weights if not (math.isfinite(one) and one > 0)]
    if wrong:
        what_to_do = "Leave out a model that is not to count."
        raise UsageError(f"The weight of a model is a number above 0, not {wrong[0]:g}. {what_to_do}")
    whole = math.fsum(weights)
    return tuple(one / whole for one in weights)


def let_go(inspector: Inspector, members: Sequence[FusionMember]) -> None:
    """Forget the models kept that are not among the members."""
    wanted = {member.spec for member in members}
    for spec in [spec for spec in inspector.members if spec not in wanted]:
        del inspector.members[spec]


def fetch(inspector: Inspector, spec: ModelSpec, work: Work) -> Generator[JobProgress, None, Inspector]:
    """Have another model at hand: the loaded one, one that was kept, or a new one.

    Parameters
    ----------
    inspector
        The one with the loaded model, which keeps the others.
    spec
        What is wanted.
    work
        Counts.

    Raises
    ------
    UsageError
        If it does not have the categories of the loaded model.
    ModelError, WeightsError, DeviceError
        If it is not to be had.
    """
    kept = inspector.members.get(spec)
    if kept is not None:
        return kept
    settled = settle(spec)
    if settled == inspector.session.info.spec:
        return inspector
    yield work.progress(f"Loading {_name(settled)}")
    try:
        other = Inspector(Session.load(settled, str(inspector.session.device)))
    finally:
        # Loading chose the number of threads that suits the other model.
        set_threads(inspector.session.info.layers)
    check_categories(inspector.session.info, other.session.info)
    inspector.members[spec] = other if _fits(other.session) else None
    yield work.progress(f"{_name(settled)} is loaded")
    return other


def check_categories(first: ModelInfo, other: ModelInfo) -> None:
    """Refuse to average answers about different things.

    Raises
    ------
    UsageError
        With both models and the first difference.
    """
    ours, theirs = first.categories, other.categories
    if ours == theirs:
        return
    names = f"{_name(first.spec)} and {_name(other.spec)}"
    what_to_do = "Choose models that were trained on the same categories."
    place = next((place for place, pair in enumerate(zip(ours, theirs, strict=False)) if pair[0] != pair[1]), None)
    if place is None:
        difference = f"the first has {len(ours):,}, the second {len(theirs):,}"
    else:
        counts = f", of {len(ours):,} and {len(theirs):,}" if len(ours) != len(theirs) else ""
        difference = f"number {place} is “{ours[place]}” in the first and “{theirs[place]}” in the second{counts}"
    raise UsageError(f"{names} do not have the same categories: {difference}. {what_to_do}")


def _name(spec: ModelSpec) -> str:
    weights = spec.weights
    return f"{spec.architecture} ({weights.path.name if weights.path is not None else weights})"


def _fits(session: Session) -> bool:
    """Whether there is memory to keep a model: looked at when it is there already, so for each of several in turn."""
    taken = sum(tensor.numel() * tensor.element_size() for tensor in session.model.parameters())
    free = free_bytes(session.device)
    return taken <= (free // _SHARE if free is not None else LARGEST)
