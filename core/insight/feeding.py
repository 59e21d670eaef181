"""Which layer's weights make the channels of a layer that has none of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.types import LayerInfo

_HAVE_KERNELS = ("Conv2d", "Linear", "NonDynamicallyQuantizableLinear")
_KEEP = (
    "BatchNorm", "LayerNorm", "GroupNorm", "InstanceNorm", "LocalResponseNorm", "FrozenBatchNorm",
    "Dropout", "StochasticDepth", "MaxPool", "AvgPool", "AdaptiveAvgPool", "AdaptiveMaxPool", "Identity",
    "ReLU", "LeakyReLU", "PReLU", "ELU", "SELU", "CELU", "GELU", "SiLU", "Mish",
    "Sigmoid", "Hardsigmoid", "Hardswish", "Hardtanh", "Tanh", "Softplus",
)  # fmt: skip
"""Beginnings of the kinds that leave each channel by itself."""


@dataclass(frozen=True, slots=True)
class Feeder:
    """The layer whose weights make the channels; ``certain`` where nothing else can come in between."""

    layer: LayerInfo
    certain: bool


def find_feeder(layers: Sequence[LayerInfo], wanted: LayerInfo, sequences: Mapping[str, bool]) -> Feeder | None:
    """Return the convolution or linear layer that makes the channels of a layer, None where that cannot be known.

    The order of execution is followed backwards over layers that leave each channel by itself. What a network adds or joins
    by a function cannot be seen in that order, so it is certain only inside of modules that call one child after another.

    Parameters
    ----------
    layers
        All layers in order of execution.
    wanted
        One of them; a leaf or a container.
    sequences
        By the name of a module, whether it calls its children one after another and does nothing else.
    """
    place = layers.index(wanted)
    certain = True
    if not wanted.leaf:
        place, certain = _last_inside(layers, place, sequences)
    last = layers[place]
    while layers[place].kind not in _HAVE_KERNELS:
        before = _leaf_before(layers, place)
        if before is None or not layers[place].kind.startswith(_KEEP):
            return None
        here, there = layers[place], layers[before]
        if _channels(here) != _channels(there):
            return None
        direct = here.kind.startswith("BatchNorm") and there.kind == "Conv2d"
        certain = certain and (direct or _in_sequence(here.name, there.name, sequences))
        place = before
    feeder = layers[place]
    return Feeder(feeder, certain) if _channels(feeder) == _channels(last) else None


def _last_inside(layers: Sequence[LayerInfo], place: int, sequences: Mapping[str, bool]) -> tuple[int, bool]:
    """The last leaf of a container, and whether its output is that of the container."""
    outside = layers[place]
    inside = f"{outside.name}." if outside.name else ""
    last = place
    while last + 1 < len(layers) and layers[last + 1].name.startswith(inside):
        last += 1
    return last, all(sequences.get(name, False) for name in _parents(layers[last].name, outside.name))


def _parents(name: str, up_to: str) -> list[str]:
    """The modules around one, from the innermost to ``up_to``."""
    found = []
    while name and name != up_to:
        name = name.rpartition(".")[0]
        found.append(name)
    return found


def _in_sequence(here: str, there: str, sequences: Mapping[str, bool]) -> bool:
    """Whether all modules around two layers, up to the one that holds both, call their children one after another."""
    common = here.rpartition(".")[0]
    while common and not there.startswith(f"{common}."):
        common = common.rpartition(".")[0]
    return all(sequences.get(name, False) for name in {*_parents(here, common), *_parents(there, common), common})


def _leaf_before(layers: Sequence[LayerInfo], place: int) -> int | None:
    return next((index for index in range(place - 1, -1, -1) if layers[index].leaf), None)


def _channels(layer: LayerInfo) -> tuple[int, ...]:
    """What must stay the same along the way: the channels, or for outputs of other layouts all that may be them."""
    shape = layer.output_shape
    return (shape[1],) if len(shape) in (2, 4) else shape[-1:]
