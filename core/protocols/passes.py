"""One model and one picture: the views of a protocol go through the network, batch by batch."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor, nn

from core.images.decode import Decoded, decode
from core.images.preprocess import Resized, target_side
from core.inference.classify import likeliest, probabilities
from core.inference.measure import first_tensor
from core.inference.session import Session
from core.insight.attribution.pace import Pace
from core.protocols.average import Doubles, Floats, averaged
from core.protocols.dense import DenseNetwork, dense_form
from core.protocols.memory import check_whole, views_at_once
from core.protocols.plan import Shot, at_scale, shots
from core.protocols.work import Work
from core.types import PROTOCOLS, ImageRef, JobProgress, Prediction, Protocol, ScoreMap, View, frozen


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What one model says: float32 ``probabilities`` (categories,) and ``votes`` (views, categories), read-only.

    ``notes`` are sentences about its dense evaluation.
    """

    views: tuple[View, ...]
    votes: Floats
    probabilities: Floats
    predictions: tuple[Prediction, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """A view that was looked at: its logits, float32 (1, categories), and its map where it is dense."""

    shot: Shot
    box: tuple[float, float, float, float]
    logits: Tensor
    map: ScoreMap | None = None


def look(
    session: Session, image: ImageRef, protocol: Protocol, work: Work
) -> Generator[JobProgress, None, Outcome]:
    """Show a model the views of a picture, and average what it says.

    The picture is decoded once for each scale (once for all where that makes no difference), and a crop is cut out when its
    batch is next: no more than a batch of views is in memory at any time.

    Parameters
    ----------
    session
        The model.
    image
        The picture.
    protocol
        As :func:`core.protocols.plan.settled` returned it for this model.
    work
        Counts.

    Yields
    ------
    JobProgress
        Before each scale and after each batch; nothing is left on the network then.
    """
    with work.step(session, counted=False):
        network = dense_form(session) if PROTOCOLS[protocol.name].dense else None
    pace = Pace(views_at_once(session.info.layers, session.device))
    seen: list[_Seen] = []
    decoded: Decoded | None = None
    for scale in protocol.scales:
        yield work.progress(f"{session.info.title}: {image.name} at {scale}")
        how = session.info.preprocessing
        how = how if protocol.name == "single" else at_scale(how, scale)
        with work.step(session):
            if decoded is None or decoded.scale < 1:
                decoded = decode(image, short_side=target_side(how))
            resized = Resized(decoded, how)
        wanted = shots(protocol, session.info.preprocessing, decoded.size, scale)
        if network is not None:
            seen += yield from _wholes(session, network, resized, [shot for shot in wanted if shot.dense], work)
        seen += yield from _crops(session, resized, [shot for shot in wanted if not shot.dense], pace, work)
    with work.step(session):
        outcome = _outcome(seen, session.info.categories, protocol)
    return replace(outcome, notes=network.notes) if network is not None else outcome


def _crops(
    session: Session, resized: Resized, wanted: Sequence[Shot], pace: Pace, work: Work
) -> Generator[JobProgress, None, list[_Seen]]:
    seen: list[_Seen] = []
    while len(seen) < len(wanted):
        part = wanted[len(seen) : len(seen) + pace.count]
        with work.step(session):
            batch = torch.cat([_input(resized, shot) for shot in part])
            pace.start()
            logits = session.run(_logits, batch)[0]
            pace.stop()
        rows = [logits[row : row + 1] for row in range(len(part))]
        seen += [_Seen(shot, resized.on_original(shot.crop), row) for shot, row in zip(part, rows, strict=True)]
        yield work.advance(len(part), session.info.title)
    return seen


def _wholes(
    session: Session, network: DenseNetwork, resized: Resized, wanted: Sequence[Shot], work: Work
) -> Generator[JobProgress, None, list[_Seen]]:
    seen: list[_Seen] = []
    for shot in wanted:
        check_whole(resized.size)
        with work.step(session):
            found = score_map(network, resized, shot)
            # The scores are averaged in space, and only then comes the softmax (section 3.2).
            mean = found.logits.mean(axis=(1, 2), dtype=np.float64).astype(np.float32)
        seen.append(_Seen(shot, resized.on_original(shot.crop), torch.from_numpy(mean[None]), found))
        yield work.advance(1, session.info.title)
    return seen


def score_map(network: DenseNetwork, resized: Resized, shot: Shot) -> ScoreMap:
    """Let a network slide over a whole picture; the map of a mirrored one is mirrored back.

    Parameters
    ----------
    network
        The network.
    resized
        The picture at the size at which it is looked at.
    shot
        A dense view of it.
    """
    scores = network.scores(_input(resized, shot))[0]
    columns = scores.shape[2]
    down, across = network.stride
    left = 0
    if shot.flipped:
        scores = scores.flip(-1)
        # The first column began at the right border, in the mirror.
        left = resized.size[0] - network.side - across * (columns - 1)
    window = resized.on_original((left, 0, left + network.side, network.side))
    step = resized.on_original((0, 0, across, down))
    return ScoreMap(
        logits=frozen(scores.numpy()),
        window=(window[2] - window[0], window[3] - window[1]),
        origin=window[:2],
        stride=step[2:],
    )


def _input(resized: Resized, shot: Shot) -> Tensor:
    tensor = resized.cut(shot.crop)
    return tensor.flip(-1) if shot.flipped else tensor


def _logits(module: nn.Module, batch: Tensor) -> Tensor:
    output = first_tensor(module(batch))
    if output is None:
        raise TypeError("the network returned no tensor")
    return output.float().cpu()


def _outcome(seen: Sequence[_Seen], categories: Sequence[str], protocol: Protocol) -> Outcome:
    votes = np.stack([probabilities(one.logits) for one in seen])
    logits: Doubles = torch.cat([one.logits for one in seen]).numpy().astype(np.float64)
    views = tuple(
        View(
            scale=one.shot.scale,
            flipped=one.shot.flipped,
            box=one.box,
            weight=one.shot.weight,
            predictions=likeliest(torch.tensor(vote), categories),
            dense=one.map,
        )
        for one, vote in zip(seen, votes, strict=True)
    )
    whole = averaged(logits, votes, [view.weight for view in views], protocol.average)
    return Outcome(views, frozen(votes), whole, likeliest(torch.tensor(whole), categories))
