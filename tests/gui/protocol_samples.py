"""Answers of test protocols, made by hand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.types import FusionMember, ModelSpec, Prediction, Protocol, ProtocolAnswer, ScoreMap, View, WeightsSpec, frozen
from gui.state import AppState
from tests.gui import samples
from tests.gui.pictures import picture, plain

USUAL = {
    "scale": (256,), "multi-scale": (256, 384, 512), "ten-crop": (256,), "multi-crop": (256, 384, 512), "dense": (256,),
    "dense+multi-crop": (256, 384, 512),
}  # fmt: skip
SIDE = 224
SIZE = (500, 375)
COUNT = len(samples.CATEGORIES)


def votes(*tops: int) -> np.ndarray:
    """A row of probabilities for each top-1: 0.6 for it, the rest shared out."""
    rows = np.full((len(tops), COUNT), 0.4 / (COUNT - 1), np.float32)
    rows[range(len(tops)), tops] = 0.6
    return rows


def top(probabilities: Sequence[float]) -> tuple[Prediction, ...]:
    order = np.argsort(-np.asarray(probabilities), kind="stable")[:5]
    return tuple(
        Prediction(rank, int(index), samples.CATEGORIES[index], float(probabilities[index]))
        for rank, index in enumerate(order, 1)
    )


def answer(views: Sequence[View], rows: np.ndarray, protocol: Protocol, **named: object) -> ProtocolAnswer:
    whole = rows.mean(axis=0)
    known = {"image": samples.ORANGE, "model": samples.RESNET, "members": (), "milliseconds": 812.4, "words": "done"}
    return ProtocolAnswer(
        protocol=protocol,
        predictions=top(whole),
        probabilities=frozen(whole),
        votes=frozen(rows),
        views=tuple(views),
        **(known | named),
    )


def crops(scales: Sequence[int], tops: Sequence[int], grid: int = 5) -> ProtocolAnswer:
    """A grid of crops and their mirror images at each scale, in the order of the paper; ``tops`` are repeated."""
    views, places = [], []
    for scale in scales:
        factor = min(SIZE) / scale
        free = [side / factor - SIDE for side in SIZE]
        for flipped in (False, True):
            for row in range(grid):
                for column in range(grid):
                    left, above = (room * step / (grid - 1) for room, step in zip(free, (column, row), strict=True))
                    places.append((scale, flipped, tuple(factor * v for v in (left, above, left + SIDE, above + SIDE))))
    rows = votes(*(tops[at % len(tops)] for at in range(len(places))))
    views = [View(*place, 1 / len(places), top(row)) for place, row in zip(places, rows, strict=True)]
    name = "multi-crop" if grid == 5 else "ten-crop"
    return answer(views, rows, Protocol(name, tuple(scales)))


def dense(rows: int, columns: int, scale: int = 384, seed: int = 0) -> ProtocolAnswer:
    """A map of random scores."""
    logits = np.random.default_rng(seed).normal(0, 2, (COUNT, rows, columns)).astype(np.float32)
    factor = min(SIZE) / scale
    found = ScoreMap(frozen(logits), (SIDE * factor, SIDE * factor), (0.0, 0.0), (32 * factor, 32 * factor))
    mean = logits.mean(axis=(1, 2))
    share = np.exp(mean) / np.exp(mean).sum()
    view = View(scale, False, (0, 0, *SIZE), 1.0, top(share), found)
    return answer([view], share[None].astype(np.float32), Protocol("dense", (scale,)))


def fused() -> ProtocolAnswer:
    rows = votes(0)
    own = FusionMember(samples.RESNET, 0.75)
    other = FusionMember(ModelSpec("vgg16", WeightsSpec("random", seed=3)), 0.25)
    view = View(256, False, (0, 0, 224, 224), 1.0, top(rows[0]))
    return answer([view], rows, Protocol("single"), members=((own, top(rows[0])), (other, top(votes(1)[0]))))


def prepare(state: AppState) -> None:
    """A state with a picture that is answered, and the panel on the screen."""
    state.set_model(samples.model())
    state.protocols.set_ground(SIDE, USUAL)
    state.append_images([samples.ORANGE])
    state.set_image(samples.ORANGE)
    state.set_picture(picture(samples.ORANGE, plain(*SIZE, (128, 128, 128))))
    state.set_classification(samples.classification())
    state.selection.set_category(0)
    state.protocols.set_watched(True)
