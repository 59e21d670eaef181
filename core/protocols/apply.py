"""A picture by a test protocol: the views, the passes, the average."""

from __future__ import annotations

from collections.abc import Generator, Sequence

import torch

from core.inference.classify import likeliest
from core.insight.inspect import Inspector
from core.protocols import fusion
from core.protocols.average import mixed
from core.protocols.dense import dense_form
from core.protocols.passes import Outcome, look
from core.protocols.plan import count, settled
from core.protocols.words import describe
from core.protocols.work import Work
from core.types import PROTOCOLS, FusionMember, JobProgress, ModelInfo, Protocol, ProtocolAnswer, ProtocolRequest


def apply_protocol(inspector: Inspector, request: ProtocolRequest) -> Generator[JobProgress, None, ProtocolAnswer]:
    """Classify a picture by a protocol.

    Parameters
    ----------
    inspector
        Knows the model.
    request
        The picture, the protocol, and other models whose answers are averaged in.

    Yields
    ------
    JobProgress
        After each batch of views. It may be closed at any of them.

    Raises
    ------
    ImageError
        If the picture cannot be read.
    UsageError
        If the protocol does not take what was chosen, a scale is smaller than the network's input, a weight is not above 0, or
        the models fused do not have the same categories.
    ModelError, WeightsError, DeviceError
        If a model to be fused is not to be had.
    LayerscopeError
        Of the kind "unsupported", if a network cannot be evaluated densely; "too_large", if the picture is too large
        for that.
    """
    work, protocol = yield from prepare(inspector, request.protocol, request.members, request.weight)
    session = inspector.session
    outcomes = [(yield from look(session, request.image, protocol, work))]
    infos = [session.info]
    for member in request.members:
        other = yield from fusion.fetch(inspector, member.spec, work)
        outcomes.append((yield from _by(other, request, work)))
        infos.append(other.session.info)
        # One that is not kept must have gone before the next is loaded.
        del other
    return _answer(request, protocol, infos, outcomes, work.milliseconds)


def _answer(
    request: ProtocolRequest, protocol: Protocol, infos: Sequence[ModelInfo], outcomes: Sequence[Outcome], milliseconds: float
) -> ProtocolAnswer:
    """Average what the models say, the loaded one being the first."""
    first, outcome = infos[0], outcomes[0]
    shares = fusion.shares(request.weight, request.members)
    whole = mixed([each.probabilities for each in outcomes], shares)
    rows = zip(infos, shares, outcomes, strict=True)
    members = tuple((FusionMember(info.spec, share), each.predictions) for info, share, each in rows)
    return ProtocolAnswer(
        image=request.image,
        model=first.spec,
        protocol=protocol,
        predictions=likeliest(torch.tensor(whole), first.categories),
        probabilities=whole,
        votes=outcome.votes,
        views=outcome.views,
        members=members if request.members else (),
        milliseconds=milliseconds,
        words=describe(protocol, first.preprocessing, shares if request.members else ()),
        notices=_notices(infos, outcomes),
    )


def prepare(
    inspector: Inspector, wanted: Protocol, members: Sequence[FusionMember] = (), weight: float = 1.0
) -> Generator[JobProgress, None, tuple[Work, Protocol]]:
    """Have all models of a request looked at before the first of them begins, and refuse what cannot be.

    Parameters
    ----------
    inspector
        Knows the model.
    wanted, members, weight
        As in a :class:`ProtocolRequest`. Steps and errors are those of :func:`apply_protocol`.

    Returns
    -------
    What counts the views, and the protocol with its scales.
    """
    fusion.let_go(inspector, members)
    fusion.shares(weight, members)
    protocol = _settled(inspector, wanted)
    work = Work(inspector.session, count(protocol) * (1 + len(members)))
    yield from _check_dense(inspector, protocol, work)
    for member in members:
        if member.spec in inspector.members and inspector.members[member.spec] is None:
            continue  # It was looked at before, and there was no memory to keep it.
        other = yield from fusion.fetch(inspector, member.spec, work)
        yield from _check_dense(other, _settled(other, wanted), work)
        del other
    yield work.progress("Beginning")
    return work, protocol


def _by(other: Inspector, request: ProtocolRequest, work: Work) -> Generator[JobProgress, None, Outcome]:
    return (yield from look(other.session, request.image, _settled(other, request.protocol), work))


def _settled(inspector: Inspector, wanted: Protocol) -> Protocol:
    info = inspector.session.info
    return settled(wanted, info.preprocessing, info.title)


def _check_dense(inspector: Inspector, protocol: Protocol, work: Work) -> Generator[JobProgress, None, None]:
    """Find out how a network slides, where it is to; it is remembered there."""
    if PROTOCOLS[protocol.name].dense:
        yield work.progress(f"Finding out how {inspector.session.info.title} slides")
        with work.step(inspector.session, counted=False):
            dense_form(inspector.session)


def _notices(infos: Sequence[ModelInfo], outcomes: Sequence[Outcome]) -> tuple[str, ...]:
    """What is to be said about the other models, and about dense evaluation: once each."""
    said = [f"{info.title}: {notice}" for info in infos[1:] for notice in info.notices]
    said += [f"{info.title}: {note}" for info, outcome in zip(infos, outcomes, strict=True) for note in outcome.notes]
    return tuple(dict.fromkeys(said))
