"""Answers and rankings for the tests of the lesion bench."""

from __future__ import annotations

import numpy as np

from core.types import ChannelRanking, Classification, Lesion, LesionedClassification, Prediction, frozen
from tests.gui.samples import CATEGORIES, ORANGE, RESNET

UNTOUCHED = np.array([0.70, 0.12, 0.08, 0.05, 0.03, 0.01, 0.004, 0.003, 0.002, 0.001], np.float32)


def predictions(probabilities: np.ndarray) -> tuple[Prediction, ...]:
    order = np.argsort(-probabilities, kind="stable")
    return tuple(
        Prediction(rank, int(index), CATEGORIES[index], float(probabilities[index])) for rank, index in enumerate(order, 1)
    )


def untouched() -> Classification:
    from core.types import Timings

    return Classification(ORANGE, RESNET, predictions(UNTOUCHED), Timings(1, 1, 1))


def answer(probabilities: list[float], lesions: tuple[Lesion, ...]) -> LesionedClassification:
    values = np.array([*probabilities, *UNTOUCHED[len(probabilities) :]], np.float32)
    return LesionedClassification(ORANGE, RESNET, lesions, predictions(values), frozen(values), 3.0)


def ranking(
    layer: str, changes: list[float], channels: list[int] | None = None, total: int = 0, lesions: tuple[Lesion, ...] = ()
) -> ChannelRanking:
    found = np.array(channels if channels is not None else range(len(changes)), np.int32)
    points = np.array(changes, np.float64)
    return ChannelRanking(
        ORANGE, RESNET, layer, 0, lesions, 0.7, 4.0, total or len(changes), frozen(found), frozen(points), frozen(5 * points)
    )
