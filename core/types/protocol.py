"""Test protocols: which views of a picture a network is shown, and how its answers become one.

The protocols and their names are those of Simonyan and Zisserman, 2014, sections 3.2 and 4, https://arxiv.org/abs/1409.1556.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from core.types.answers import ImageRef, Prediction
from core.types.base import Box
from core.types.model import ModelSpec

ProtocolName = Literal["single", "scale", "multi-scale", "ten-crop", "multi-crop", "dense", "dense+multi-crop"]


@dataclass(frozen=True, slots=True)
class ProtocolKind:
    """What there is to say about a protocol of a name.

    ``takes_scales`` says whether a person chooses Q, and ``many`` whether there may be several; ``takes_flip`` whether mirrored
    views are a choice (else they belong to it, or are never used); ``dense`` whether it has score maps.
    """

    key: ProtocolName
    title: str
    words: str
    reference: str
    takes_scales: bool
    many: bool
    takes_flip: bool
    dense: bool = False


PROTOCOLS: dict[str, ProtocolKind] = {
    kind.key: kind
    for kind in (
        ProtocolKind(
            "single", "Single", "One view, as the weights ask for it", "the weights' own preprocessing",
            takes_scales=False, many=False, takes_flip=True,
        ),
        ProtocolKind(
            "scale", "Single scale", "Short side Q, the centre of it", "section 4.1",
            takes_scales=True, many=False, takes_flip=True,
        ),
        ProtocolKind(
            "multi-scale", "Multi-scale", "The centre at several Q, averaged", "section 4.2",
            takes_scales=True, many=True, takes_flip=True,
        ),
        ProtocolKind(
            "ten-crop", "Ten crops", "Four corners and the centre, and their mirror images",
            "Krizhevsky et al. 2012, section 4.1", takes_scales=True, many=True, takes_flip=False,
        ),
        ProtocolKind(
            "multi-crop", "Multi-crop", "A grid of 5×5 crops at each Q, and their mirror images: 50 views a scale",
            "section 3.2, table 5", takes_scales=True, many=True, takes_flip=False,
        ),
        ProtocolKind(
            "dense", "Dense", "The network slides over the whole picture; its map of scores is averaged", "section 3.2",
            takes_scales=True, many=True, takes_flip=True, dense=True,
        ),
        ProtocolKind(
            "dense+multi-crop", "Dense and multi-crop", "Both, averaged", "section 4.3, table 5",
            takes_scales=True, many=True, takes_flip=True, dense=True,
        ),
    )
}  # fmt: skip
"""The protocols by their names on the command line, the simplest first."""


@dataclass(frozen=True, slots=True)
class Protocol:
    """A protocol as a person set it up.

    ``scales`` are the short sides Q in pixels that the picture is resized to, each at least the side of the network's input;
    none means the usual ones of the model (:func:`core.protocols.plan.usual_scales`). ``flip`` adds mirrored views where they
    are a choice. ``average`` says what is averaged over the views: "softmax" their probabilities, as the paper does, "logits"
    their scores, with one softmax at the end. Within a dense map it is always the scores that are averaged, as section 3.2
    has it.
    """

    name: ProtocolName = "single"
    scales: tuple[int, ...] = ()
    flip: bool = False
    average: Literal["softmax", "logits"] = "softmax"


@dataclass(frozen=True, slots=True)
class FusionMember:
    """Another model whose answer is averaged in; ``weight`` counts relative to the others, above 0."""

    spec: ModelSpec
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class View:
    """What the network was shown once, and what it made of it.

    ``scale`` is Q in pixels, ``box`` the part of the upright original in its pixels (what lies outside was filled with zeros),
    ``weight`` its share of the whole, the sum over all views of a model being 1. ``predictions`` are its own top-k.
    A dense view covers the whole picture; ``dense`` is then its map.
    """

    scale: int
    flipped: bool
    box: Box
    weight: float
    predictions: tuple[Prediction, ...]
    dense: ScoreMap | None = None


@dataclass(frozen=True, slots=True, eq=False)
class ScoreMap:
    """The scores of a network that slid over a picture: cell (row, column) is what it says of one window.

    Attributes
    ----------
    logits
        float32 (categories, rows, columns), read-only. The map of a mirrored view is mirrored back.
    window
        (width, height) of the window behind each cell, in pixels of the upright original: the side of the network's input.
    origin, stride
        Left and top of the window of cell (0, 0), and its steps to the right and down, in pixels of the upright original.
    """

    logits: npt.NDArray[np.float32]
    window: tuple[float, float]
    origin: tuple[float, float]
    stride: tuple[float, float]

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.logits.shape[1], self.logits.shape[2]

    def box(self, row: int, column: int) -> Box:
        """The window behind a cell, in pixels of the upright original."""
        left, top = self.origin[0] + column * self.stride[0], self.origin[1] + row * self.stride[1]
        return left, top, left + self.window[0], top + self.window[1]

    def probabilities(self, category: int) -> npt.NDArray[np.float32]:
        """The probability of a category in each cell, the softmax taken cell by cell: float32 (rows, columns)."""
        raised = np.exp(self.logits - self.logits.max(axis=0, keepdims=True))
        share: npt.NDArray[np.float32] = (raised[category] / raised.sum(axis=0)).astype(np.float32)
        return share

    def cell(self, row: int, column: int) -> npt.NDArray[np.float32]:
        """The probabilities of all categories in one cell: float32 (categories,)."""
        logits = self.logits[:, row, column]
        raised = np.exp(logits - logits.max())
        share: npt.NDArray[np.float32] = (raised / raised.sum()).astype(np.float32)
        return share


@dataclass(frozen=True, slots=True, eq=False)
class ProtocolAnswer:
    """What a protocol says of a picture.

    Attributes
    ----------
    image, model, protocol
        What was asked; ``protocol`` with the scales that were used.
    predictions
        The top-k of the whole.
    probabilities
        float32 (categories,), of the whole, read-only.
    votes
        float32 (views, categories), the probabilities of each view, read-only; a dense view's are those of its averaged map.
    views
        What was looked at; of the first model only, where several were fused.
    members
        Of a fusion: each model, its weight as a share of 1, and its own top-k, the first model first; else empty.
    milliseconds
        How long it took, decoding included.
    words
        One sentence: what was done ("50 views at 256, 384 and 512: softmax, then average").
    notices
        Sentences to know: what was said when the other models of a fusion were loaded (random weights ...), and what dense
        scores are near borders.
    """

    image: ImageRef
    model: ModelSpec
    protocol: Protocol
    predictions: tuple[Prediction, ...]
    probabilities: npt.NDArray[np.float32]
    votes: npt.NDArray[np.float32]
    views: tuple[View, ...]
    members: tuple[tuple[FusionMember, tuple[Prediction, ...]], ...]
    milliseconds: float
    words: str
    notices: tuple[str, ...] = ()
