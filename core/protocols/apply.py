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
from core.types import PROTOCOLS, FusionMember, JobProgress, Protocol, ProtocolAnswer, ProtocolRequest


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
        Of the kind "unsupported", if the network cannot be evaluated densely; "too_large", if the picture is for that.
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
    weights = fusion.shares(request.weight, request.members)
    whole = mixed([outcome.probabilities for outcome in outcomes], weights)
    rows = zip(infos, weights, outcomes, strict=True)
    return ProtocolAnswer(
        image=request.image,
        model=session.info.spec,
        protocol=protocol,
        predictions=likeliest(torch.tensor(whole), session.info.categories),
        probabilities=whole,
        votes=outcomes[0].votes,
        views=outcomes[0].views,
        members=tuple((FusionMember(info.spec, weight), outcome.predictions) for info, weight, outcome in rows)
        if request.members
        else (),
        milliseconds=work.milliseconds,
        words=describe(protocol, session.info.preprocessing, weights if request.members else ()),
        notices=tuple(f"{info.title}: {notice}" for info in infos[1:] for notice in info.notices),
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
    protocol = _checked(inspector, wanted)
    work = Work(inspector.session, count(protocol) * (1 + len(members)))
    for member in members:
        if member.spec in inspector.members and inspector.members[member.spec] is None:
            continue  # It was looked at before, and there was no memory to keep it.
        other = yield from fusion.fetch(inspector, member.spec, work)
        _checked(other, wanted)
        del other
    yield work.progress("Beginning")
    return work, protocol


def _by(other: Inspector, request: ProtocolRequest, work: Work) -> Generator[JobProgress, None, Outcome]:
    return (yield from look(other.session, request.image, _checked(other, request.protocol), work))


def _checked(inspector: Inspector, wanted: Protocol) -> Protocol:
    info = inspector.session.info
    protocol = settled(wanted, info.preprocessing, info.title)
    if PROTOCOLS[protocol.name].dense:
        dense_form(inspector.session)
    return protocol
