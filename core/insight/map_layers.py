"""Which layers put out a map of the picture, and the last of them. Nothing of torch is imported here."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from core.errors import LayerError
from core.insight.layout import axis_order, is_vector
from core.types import LayerInfo

SMALLEST = 4
"""Pixels of the side of the smallest map that is taken when nobody has chosen a layer."""

_POOLS = ("MaxPool", "AvgPool", "AdaptiveAvgPool", "AdaptiveMaxPool")
_UNTOUCHED = ("Dropout", "Identity", "Permute", "StochasticDepth", "Flatten")
"""Leaves that give on what came before them, or only the branch that will be added to it."""


@dataclass(frozen=True, slots=True)
class MapShape:
    """Where a layer's output has its channels and its picture.

    ``extra`` tokens (the class token) stand before those of the picture.
    """

    order: Literal["channels first", "channels last", "tokens"]
    channels: int
    height: int
    width: int
    extra: int = 0


def map_shape(layer: LayerInfo, layers: Sequence[LayerInfo]) -> MapShape | None:
    """Say how a layer's output is a map of the picture; None where it is none (a vector, windows of attention ...).

    Parameters
    ----------
    layer, layers
        The layer, and all layers of its model in order of execution.
    """
    shape = layer.output_shape
    if layer.heads is not None or len(shape) not in (3, 4) or shape[0] != 1 or is_vector(shape):
        return None
    if len(shape) == 3:
        return _tokens(shape[1], shape[2])
    if axis_order(layers, layer) == "channels first":
        return MapShape("channels first", shape[1], shape[2], shape[3])
    # Inputs are square: what is not has been cut into windows.
    return MapShape("channels last", shape[3], shape[1], shape[2]) if shape[1] == shape[2] else None


def _tokens(count: int, channels: int) -> MapShape | None:
    for extra in (0, 1):
        side = math.isqrt(count - extra)
        if side > 1 and side * side == count - extra:
            return MapShape("tokens", channels, side, side, extra)
    return None


def need_map(layer: LayerInfo, layers: Sequence[LayerInfo], purpose: str, categories: int = 0) -> MapShape:
    """Return a layer's :func:`map_shape`.

    Raises
    ------
    LayerError
        If it has none, with the one to choose; ``purpose`` ("Grad-CAM") is what needs it.
    """
    found = map_shape(layer, layers)
    if found is not None:
        return found
    shape = "×".join(str(side) for side in layer.output_shape)
    message = f"The layer “{layer.key}” puts out {shape}, which is no map of the picture, and {purpose} needs one."
    last = default_map_layer(layers, categories)
    hint = f" Choose a layer with a map; the last one is “{last}”." if last else " No layer of this model has one."
    raise LayerError(message + hint)


def default_map_layer(layers: Sequence[LayerInfo], categories: int = 0) -> str:
    """Return the key of the last layer whose output is a map of 4×4 or more, before pooling and classifier; "" for none.

    A model whose maps are all smaller gives the last of at least 2×2. Maps of the categories themselves belong to the
    classifier (SqueezeNet). With a class token the last attention is the end: what comes after it at other tokens never
    reaches the score (vision transformers).

    Parameters
    ----------
    layers
        All layers in order of execution.
    categories
        How many the model has.
    """
    ends = _ends(layers)
    # By when they end: a container follows what it holds, and puts out the sum or the joined branches of it.
    finished = sorted(range(len(layers)), key=lambda place: (ends[place], -place))
    attention = max((place for place, layer in enumerate(layers) if "MultiheadAttention" in layer.kind), default=len(layers))
    smallest = ""
    for place in reversed(finished):
        layer, found = layers[place], map_shape(layers[place], layers)
        if found is None or found.channels == categories or _is_passing(layers, place, ends[place]):
            continue
        if found.order == "tokens" and found.extra and ends[place] >= attention:
            continue
        side = min(found.height, found.width)
        if side >= SMALLEST:
            return layer.key
        smallest = smallest or (layer.key if side > 1 else "")
    return smallest


def _is_passing(layers: Sequence[LayerInfo], place: int, end: int) -> bool:
    """Whether a layer pools, ends with pooling, or gives on what came before it."""
    return layers[place].kind.startswith(_UNTOUCHED) or layers[end].kind.startswith(_POOLS)


def _ends(layers: Sequence[LayerInfo]) -> list[int]:
    """For each layer the place of the last one that runs inside it; its own for a leaf."""
    ends = list(range(len(layers)))
    for place, layer in enumerate(layers):
        if not layer.leaf:
            while ends[place] + 1 < len(layers) and layers[ends[place] + 1].name.startswith(f"{layer.name}."):
                ends[place] += 1
    return ends
