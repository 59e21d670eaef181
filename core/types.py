"""The words of the program: small, finished, immutable values that pass between its rooms.

Arrays inside them are read-only numpy arrays in CPU memory; nothing here knows torch or Qt.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from core.errors import ErrorKind, LayerscopeError

Pixels = npt.NDArray[np.uint8]
"""uint8, (height, width, 3) RGB or (height, width) grey, C-contiguous, read-only."""

Box = tuple[float, float, float, float]
"""left, top, right, bottom in pixels of a picture; right and bottom are exclusive."""

MAX_TOP_K = 10


def frozen(array: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
    """Make an array C-contiguous and read-only, so that a value that holds it cannot change."""
    array = np.ascontiguousarray(array)
    array.setflags(write=False)
    return array


@dataclass(frozen=True, slots=True)
class ImageRef:
    """A picture on disk, told apart by its absolute path."""

    path: Path

    @property
    def name(self) -> str:
        """The file's name, as shown in the strip."""
        return self.path.name


@dataclass(frozen=True, slots=True)
class WeightsSpec:
    """Which weights to put into an architecture.

    ``kind`` says which of the other fields counts: ``random`` -> ``seed``, ``named`` -> ``name`` (an entry of torchvision's
    weights enum such as ``IMAGENET1K_V1``), ``file`` -> ``path``; ``builtin`` needs none.
    """

    kind: Literal["builtin", "random", "named", "file"]
    seed: int = 0
    name: str = ""
    path: Path | None = None

    @classmethod
    def parse(cls, text: str) -> WeightsSpec:
        """Read ``builtin``, ``random``, ``random:SEED``, a weights name, or a file.

        A text with a path separator or a dot, or that names an existing file, is a file; anything else is a weights name.
        """
        if text == "builtin":
            return cls("builtin")
        if text == "random":
            return cls("random")
        if text.startswith("random:") and text[7:].isdecimal():
            return cls("random", seed=int(text[7:]))
        path = Path(text).expanduser()
        if path.is_file() or "." in text or "/" in text or "\\" in text:
            return cls("file", path=path.absolute())
        return cls("named", name=text)

    def __str__(self) -> str:
        if self.kind == "random":
            return f"random:{self.seed}"
        if self.kind == "file":
            return str(self.path)
        return self.name if self.kind == "named" else self.kind


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """An architecture of the catalogue and its weights; an empty architecture stands for the one that the file fits."""

    architecture: str
    weights: WeightsSpec


USUAL_WEIGHTS = WeightsSpec("named")
"""The published weights that are on this computer, or else random ones; ``core.weights.choose.settle`` finds out."""

BUILTIN_MODEL = "compact_vgg"
BUILTIN_SPEC = ModelSpec(BUILTIN_MODEL, WeightsSpec("builtin"))


@dataclass(frozen=True, slots=True)
class DeviceInfo:
    """A device that torch can use here. ``id`` is torch's own name for it (``cpu``, ``cuda:0``, ``mps``); bytes may be None."""

    id: str
    name: str
    free_bytes: int | None
    total_bytes: int | None


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """How a picture becomes an input tensor: resize the short side, crop the centre, scale to [0, 1], normalise.

    ``resize`` is the short side in pixels, or (height, width) where the weights squeeze the picture; ``crop`` is the side
    in pixels of the square centre crop; ``mean`` and ``std`` are per channel, on the scale [0, 1].
    """

    resize: int | tuple[int, int]
    crop: int
    interpolation: str
    mean: tuple[float, ...]
    std: tuple[float, ...]
    source: str
    """Where it comes from, in words: "weights SqueezeNet1_1_Weights.IMAGENET1K_V1", "built-in model" ..."""

    def describe(self) -> str:
        """One line for the window."""
        resize = f"{self.resize[0]}×{self.resize[1]}" if isinstance(self.resize, tuple) else f"short side {self.resize}"
        mean = ", ".join(f"{value:.3f}" for value in self.mean)
        std = ", ".join(f"{value:.3f}" for value in self.std)
        return f"resize {resize} ({self.interpolation}), centre crop {self.crop}, mean {mean}, std {std} — {self.source}"


@dataclass(frozen=True, slots=True)
class LayerInfo:
    """A module of the network as it was met in one measured forward pass.

    ``name`` is its path in ``named_modules`` ("" is the network itself); ``call`` counts from 1 where a module runs more than
    once; ``output_shape`` has the batch first, of the first tensor it returns; ``parameters`` counts what the module and all
    below it hold; ``leaf`` says that no other called module lies inside.

    ``macs`` counts the multiply-adds of convolutions, linear layers and attention of this call and all inside it, for one
    picture; None where they could not be counted. ``receptive_field`` (height, width), ``stride`` and ``offset`` (row and
    column of the centre of what unit (0, 0) sees, 0 being the centre of the first pixel) are in pixels of the input, not
    clipped at its border; None where every unit sees everything, or where it is not known. ``activation_bytes`` is the
    size of the output in float32.
    """

    name: str
    kind: str
    output_shape: tuple[int, ...]
    parameters: int
    call: int = 1
    calls: int = 1
    leaf: bool = True
    macs: int | None = None
    receptive_field: tuple[int, int] | None = None
    stride: tuple[int, int] | None = None
    offset: tuple[float, float] | None = None
    activation_bytes: int = 0

    @property
    def key(self) -> str:
        """What a person types after ``--layer``: the name, and ``@call`` where there are several."""
        return f"{self.name}@{self.call}" if self.calls > 1 else self.name


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """All that the window says about a loaded model."""

    spec: ModelSpec
    title: str
    device: str
    categories: tuple[str, ...]
    categories_source: str
    preprocessing: Preprocessing
    parameters: int
    layers: tuple[LayerInfo, ...]
    """In order of execution; a module that holds others stands before them."""
    default_layer: str = ""
    """Key of the layer to show when nobody has chosen one."""
    notices: tuple[str, ...] = ()
    """What was done otherwise than asked, each a sentence (fallback to the CPU, random weights ...)."""


@dataclass(frozen=True, slots=True)
class WeightsOption:
    """Weights that a person can pick for an architecture; ``note`` says what to know ("69.8 % top-1", "not downloaded")."""

    spec: WeightsSpec
    label: str
    note: str
    available: bool


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
    """The feature maps of a layer as one finished mosaic.

    Map ``c`` lies at row ``c // columns``, column ``c % columns``, each tile ``tile_height + gap`` by ``tile_width + gap``
    mosaic pixels; every map is scaled by its own minimum (0) and maximum (255). ``minimum``, ``maximum``, ``mean`` and ``std``
    (float32, (count,)) are those of a map's finite values, 0 where it has none; ``zeros`` (float32, (count,)) is the share of
    exact zeros, 0 to 1, and ``nans`` (int32, (count,)) how many values are NaN. ``note`` says how a layout other than
    N, C, H, W was read ("tokens as a 14×14 map").
    """

    layer: LayerInfo
    mosaic: Pixels
    count: int
    columns: int
    tile_height: int
    tile_width: int
    gap: int
    minimum: npt.NDArray[np.float32]
    maximum: npt.NDArray[np.float32]
    mean: npt.NDArray[np.float32]
    std: npt.NDArray[np.float32]
    zeros: npt.NDArray[np.float32]
    nans: npt.NDArray[np.int32]
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
class LoadRequest:
    """Load a model onto a device ("auto" or a :class:`DeviceInfo` id)."""

    id: int
    spec: ModelSpec
    device: str


@dataclass(frozen=True, slots=True)
class ClassifyRequest:
    """Classify a picture and capture ``layer`` (a :attr:`LayerInfo.key`, or "" for none) in the same forward pass."""

    id: int
    image: ImageRef
    layer: str


@dataclass(frozen=True, slots=True)
class ActivationRequest:
    """Show another layer of the picture classified last."""

    id: int
    image: ImageRef
    layer: str


@dataclass(frozen=True, slots=True)
class StripRequest:
    """Find the top-1 of many pictures, one after another, whenever nothing else is to be done."""

    id: int
    images: tuple[ImageRef, ...]


@dataclass(frozen=True, slots=True)
class WeightsRequest:
    """List the weights that an architecture can take."""

    id: int
    architecture: str


@dataclass(frozen=True, slots=True)
class DiscoverRequest:
    """Find the pictures among files and folders; ``show`` makes the first of them the current picture."""

    id: int
    paths: tuple[Path, ...]
    show: bool = True


@dataclass(frozen=True, slots=True)
class ThumbnailRequest:
    """Make thumbnails of at most ``side`` pixels, the first picture first; a newer request replaces what is left."""

    id: int
    images: tuple[ImageRef, ...]
    side: int


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
