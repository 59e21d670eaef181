"""What there is to say about a picture: decoded, classified, looked at layer by layer; or why there is nothing to say."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.errors import ErrorKind, LayerscopeError
from core.plain import plain
from core.types.base import Box, Pixels
from core.types.model import LayerInfo, ModelSpec, Preprocessing


@dataclass(frozen=True, slots=True)
class ImageRef:
    """A picture on disk, told apart by its absolute path."""

    path: Path

    @property
    def name(self) -> str:
        """The file's name as it is shown, see :func:`core.plain.plain`."""
        return plain(self.path.name)


@dataclass(frozen=True, slots=True)
class Prediction:
    """One row of the top-k: ``rank`` from 1, ``index`` of the category, ``probability`` in [0, 1] (softmax)."""

    rank: int
    index: int
    category: str
    probability: float


@dataclass(frozen=True, slots=True)
class Timings:
    """Milliseconds of the steps of one answer."""

    decode_ms: float
    preprocess_ms: float
    forward_ms: float


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded picture for the screen: upright, sRGB, at most ``decode.DISPLAY_SIDE`` pixels on the long side.

    ``size`` is (width, height) of the upright original in pixels; ``note`` says what decoding did that a person should know
    ("16-bit, scaled by its range", "first of 12 frames"), or is empty.
    """

    image: ImageRef
    pixels: Pixels
    size: tuple[int, int]
    format: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class NetworkInput:
    """The real input tensor turned back into a picture, and where it lies on the original.

    ``pixels`` (height, width, 3) is the tensor de-normalised and rounded; ``box`` is the crop in pixels of the upright
    original (``Picture.size``).
    """

    pixels: Pixels
    box: Box
    preprocessing: Preprocessing


@dataclass(frozen=True, slots=True)
class Classification:
    """The top-k of one picture; ``predictions`` is ordered by rank and holds min(MAX_TOP_K, number of categories) rows."""

    image: ImageRef
    model: ModelSpec
    predictions: tuple[Prediction, ...]
    timings: Timings


@dataclass(frozen=True, slots=True)
class ActivationGrid:
    """The feature maps of a layer and what there is to say about each.

    ``minimum``, ``maximum``, ``mean`` and ``std`` (float32, (count,)) are those of a map's finite values, 0 where it has none;
    ``zeros`` (float32, (count,)) is the share of exact zeros, 0 to 1, and ``nans`` (int32, (count,)) how many values are NaN.
    ``note`` says how a layout other than N, C, H, W was read ("tokens as a 14×14 map").
    """

    layer: LayerInfo
    count: int
    tile_height: int
    tile_width: int
    minimum: npt.NDArray[np.float32]
    maximum: npt.NDArray[np.float32]
    mean: npt.NDArray[np.float32]
    std: npt.NDArray[np.float32]
    zeros: npt.NDArray[np.float32]
    nans: npt.NDArray[np.int32]
    values: npt.NDArray[np.float32]
    """The maps themselves, float32 (count, tile_height, tile_width), read-only."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class ActivationVector:
    """The output of a layer without a spatial extent: all values (float32, (units,)) and the strongest units by value."""

    layer: LayerInfo
    values: npt.NDArray[np.float32]
    strongest: tuple[int, ...]
    labels: tuple[str, ...] = ()
    """Categories of the ``strongest`` units, where the layer is the network's last one; else empty."""

Activations = ActivationGrid | ActivationVector


@dataclass(frozen=True, slots=True)
class Failure:
    """What a person is told when something did not work."""

    kind: ErrorKind
    message: str
    path: Path | None = None

    @classmethod
    def of(cls, error: LayerscopeError) -> Failure:
        """Take over the words of an error."""
        return cls(error.kind, error.message, error.path)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the strip shows under a thumbnail: the top-1, or why there is none."""

    image: ImageRef
    prediction: Prediction | None
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class JobProgress:
    """How far long work is; ``total`` 0 means unknown."""

    done: int
    total: int
    text: str = field(default="")
