"""Lesions: channels changed on the way through the network, to see what depends on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from core.types.answers import ImageRef, JobProgress, Prediction
from core.types.model import ModelSpec

LesionAction = Literal["mute", "clamp", "scale"]


@dataclass(frozen=True, slots=True)
class Lesion:
    """One channel of one layer (:attr:`LayerInfo.key`), changed at every forward pass; the weights stay as they are.

    ``mute`` sets its values to 0, ``clamp`` to ``value``, ``scale`` multiplies them by ``value``.
    """

    layer: str
    channel: int
    action: LesionAction = "mute"
    value: float = 0.0

    def describe(self) -> str:
        """What is done to the channel: "muted", "clamped to 0.5", "scaled by 2"."""
        if self.action == "mute":
            return "muted"
        value = f"{self.value:.4g}".replace("-", "\u2212")
        return f"clamped to {value}" if self.action == "clamp" else f"scaled by {value}"


@dataclass(frozen=True, slots=True, eq=False)
class LesionedClassification:
    """What a network says of a picture while lesions are on it.

    ``lesions`` are those that were applied, in their order; ``notices`` are sentences about those that were left out.
    ``predictions`` is its own top-k, the likeliest first. ``probabilities`` are those of all categories, float32
    (categories,), read-only, their softmax computed as for the untouched classification.
    """

    image: ImageRef
    model: ModelSpec
    lesions: tuple[Lesion, ...]
    predictions: tuple[Prediction, ...]
    probabilities: npt.NDArray[np.float32]
    forward_ms: float
    notices: tuple[str, ...] = ()

    def rank(self, category: int) -> int:
        """The place of a category in the lesioned order, from 1."""
        return 1 + int((self.probabilities > self.probabilities[category]).sum())


@dataclass(frozen=True, slots=True, eq=False)
class ChannelRanking:
    """How a category fares when channels of a layer are muted, one at a time, on top of ``lesions``.

    ``channels`` int32 (measured,) are those measured so far of ``total``, the largest loss of probability first;
    ``probability_changes`` (points from -1 to 1) and ``logit_changes``, float64 (measured,), stand in the same order and are
    after minus before. ``probability`` and ``logit`` are those before.
    """

    image: ImageRef
    model: ModelSpec
    layer: str
    category: int
    lesions: tuple[Lesion, ...]
    probability: float
    logit: float
    total: int
    channels: npt.NDArray[np.int32]
    probability_changes: npt.NDArray[np.float64]
    logit_changes: npt.NDArray[np.float64]
    notices: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether every channel of the layer has been measured."""
        return len(self.channels) == self.total


@dataclass(frozen=True, slots=True, eq=False)
class RankProgress(JobProgress):
    """How far a ranking is, and what is known by now: the most promising channels come first."""

    ranking: ChannelRanking | None = None
