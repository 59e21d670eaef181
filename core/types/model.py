"""Models: which one, where it runs, what it is made of."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from core.home import expanded
from core.types.windows import Windows

if TYPE_CHECKING:
    from core.types.download import PublishedWeights


@dataclass(frozen=True, slots=True)
class WeightsSpec:
    """Which weights to put into an architecture.

    ``kind`` says which of the other fields counts: ``random`` -> ``seed``, ``named`` -> ``name`` (an entry of torchvision's
    weights enum such as ``IMAGENET1K_V1``), ``file`` -> ``path``; ``builtin`` needs none.

    Of a file, ``repairs`` are the kinds of the checkpoint doctor's repairs (:attr:`Diagnosis.repairs`) that a person agreed
    to, and ``classes`` is the number of classes of a head that one of them starts anew (None: as the doctor says). A text
    stands for a plain file only: :meth:`parse` makes no repairs, and ``str`` does not tell of them.
    """

    kind: Literal["builtin", "random", "named", "file"]
    seed: int = 0
    name: str = ""
    path: Path | None = None
    repairs: tuple[str, ...] = ()
    classes: int | None = None

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
        path = expanded(text)
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
class CodeFile:
    """A Python file with ``build_model()`` that a person agreed to have run; made nowhere else than where they are asked.

    ``sha256`` is the hash in hexadecimal digits of what they agreed to, "" where they only named the file; no text, setting
    or checkpoint stands for one.
    """

    path: Path
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """An architecture of the catalogue and its weights; an empty architecture stands for the one that the file fits.

    An architecture that is the name of its weights file is the graph in that file, a program of ``torch.export``.

    With ``code`` the network is what that file builds: ``architecture`` is then the name of the file, and weights of the kind
    ``builtin`` are those that the network is built with.

    ``classes`` and ``channels`` are the numbers of outputs and of input channels of a network with random weights, None for the
    architecture's own; weights of every other kind say themselves.
    """

    architecture: str
    weights: WeightsSpec
    code: CodeFile | None = None
    classes: int | None = None
    channels: int | None = None

    @property
    def own_graph(self) -> bool:
        """Whether the network is the graph that its weights file holds, not one of the catalogue."""
        path = self.weights.path
        return self.code is None and self.weights.kind == "file" and path is not None and self.architecture == path.name

    @classmethod
    def of_code(cls, path: Path, weights: WeightsSpec | None = None, sha256: str = "") -> ModelSpec:
        """The network that a file builds, which a person agreed to have run, with its own weights or those of a file."""
        return cls(path.name, weights or WeightsSpec("builtin"), CodeFile(path, sha256))


MAX_CLASSES = 1_000_000
"""The most outputs that a network can be asked for with."""

CODE_SUFFIX = ".py"
"""Ends the name of a file with ``build_model()``."""



def code_refusal(model: str | None, run_code: bool) -> str:
    """Say why what was typed after ``--model`` is not run with, or without, ``--run-code``; "" where it may be."""
    if model is None or not model.endswith(CODE_SUFFIX):
        return f"--run-code goes with --model FILE{CODE_SUFFIX}, the file whose build_model() is to be run."
    if run_code:
        return ""
    return (
        f"“{model}” is a program, and was not run: it can do anything that you can. If you trust it, add --run-code to "
        "have its build_model() run."
    )


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
    order: Literal["RGB", "BGR"] = "RGB"
    """Order of the channels in the input tensor, and so of ``mean`` and ``std``; Caffe's models take BGR."""

    def describe(self) -> str:
        """One line for the window."""
        resize = f"{self.resize[0]}×{self.resize[1]}" if isinstance(self.resize, tuple) else f"short side {self.resize}"
        mean = ", ".join(f"{value:.3f}" for value in self.mean)
        std = ", ".join(f"{value:.3f}" for value in self.std)
        order = f", {self.order}" if self.order != "RGB" else ""
        how = f"resize {resize} ({self.interpolation}), centre crop {self.crop}, mean {mean}, std {std}{order}"
        return f"{how} — {self.source}"


ATTENTION = "#attention"
"""Ends the name of the layer that holds a module's attention per head."""


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

    A module that attends has a second layer for the attention itself, softmax included: ``name`` is the module's path with
    :data:`ATTENTION` behind it, ``output_shape`` (1, heads, queries, keys), or (windows, heads, queries, keys), ``heads`` says
    how many heads there are (None for all other layers), and ``macs`` is 0, for they are counted at the module. ``windows``
    says how the positions of an output that was cut into windows lie in the map; None where it was not.
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
    heads: int | None = None
    windows: Windows | None = None

    @property
    def module(self) -> str:
        """Path of the module in ``named_modules``: the name, without :data:`ATTENTION`."""
        return self.name.removesuffix(ATTENTION)

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
    weights_sha256: str = ""
    """Hash in hexadecimal digits of the very file that the weights came from, as it was read; "" for random weights.
    Of a network that a person's code builds: of code and weights together."""
    own_preprocessing: Preprocessing | None = None
    """What the weights ask for themselves, where a person had ``preprocessing`` changed; else None."""
    tensors: tuple[tuple[str, tuple[int, ...]], ...] = ()
    """Name and shape of each tensor of a network that a person's code builds; () for one of the catalogue."""
    not_sure_below: float = 0.0
    """A top-1 probability below this one was more often wrong than right on pictures kept aside when the network was trained;
    0 where that is not known."""


def is_sure(info: ModelInfo, probability: float) -> bool:
    """Whether a top-1 of this probability is not below the model's threshold."""
    return probability >= info.not_sure_below


@dataclass(frozen=True, slots=True)
class WeightsOption:
    """Weights that a person can pick for an architecture; ``note`` says what to know ("69.8 % top-1", "not downloaded")."""

    spec: WeightsSpec
    label: str
    note: str
    available: bool
    published: PublishedWeights | None = None
    """Where the weights can be downloaded from; None for those that cannot be."""
