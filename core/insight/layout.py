"""Which axes of a layer's output are channels and which are picture.

A tensor does not say. What does: the kinds of the layers and the order in which they ran.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from core.insight.windows import describe, put_together
from core.types import LayerInfo, Windows

Order = Literal["channels first", "channels last"]
Floats = npt.NDArray[np.float32]

_CHANNELS_FIRST = (
    "Conv",
    "BatchNorm",
    "MaxPool",
    "AvgPool",
    "AdaptiveAvgPool",
    "AdaptiveMaxPool",
    "LayerNorm2d",
    "GroupNorm",
    "InstanceNorm",
    "LocalResponseNorm",
    "WindowDepartition",
)
_CHANNELS_LAST = ("Linear", "LayerNorm", "WindowPartition", "RelativePositionalMultiHeadAttention")
_FLIPS = ("Permute",)


@dataclass(frozen=True, slots=True)
class Maps:
    """Feature maps, float32 (count, height, width); ``note`` says how another layout was read."""

    values: Floats
    note: str = ""


def axis_order(layers: Sequence[LayerInfo], wanted: LayerInfo) -> Order:
    """Tell where the channels of a four-dimensional output are.

    Convolutions, pooling and batch norm put them first; Linear and LayerNorm put them last; Permute changes over; other
    leaves (activations, dropout ...) keep what came before them; a container has what its last leaf has. The heads of an
    attention stand where channels do, first.

    Parameters
    ----------
    layers
        All layers in order of execution.
    wanted
        One of them.
    """
    if wanted.heads is not None:
        return "channels first"
    place = layers.index(wanted)
    end = place + 1
    if not wanted.leaf:
        while end < len(layers) and layers[end].name.startswith(f"{wanted.name}."):
            end += 1
    order: Order = "channels first"
    for layer in layers[:end]:
        if layer.leaf and len(layer.output_shape) == 4:
            order = _after(layer, order)
    return order


def _after(layer: LayerInfo, before: Order) -> Order:
    if layer.kind.startswith(_CHANNELS_FIRST):
        return "channels first"
    if layer.kind in _CHANNELS_LAST:
        return "channels last"
    if layer.kind in _FLIPS:
        return "channels first" if before == "channels last" else "channels last"
    return before


def is_vector(shape: Sequence[int]) -> bool:
    """Whether an output has no spatial extent: (1, C), (1, C, 1, 1), (1, 1, C)."""
    return len(shape) <= 2 or max(shape[1:]) == math.prod(shape[1:])


def as_maps(output: Floats, order: Order, layer: LayerInfo | None = None) -> Maps:
    """Read a layer's output as feature maps.

    Parameters
    ----------
    output
        float32, batch first, three or more dimensions; the first of the batch is taken.
    order
        From :func:`axis_order`; counts for four dimensions.
    layer
        Whose output it is. It says what the tensor does not: that it is attention per head, which becomes a map a head, or that
        it was cut into windows, which are put together again.
    """
    windows = layer.windows if layer is not None else None
    if layer is not None and layer.heads is not None:
        return _attention(output, windows)
    batch = f"first of {len(output)} along the batch axis" if len(output) > 1 else ""
    if windows is not None and output.shape[1:3] == (windows.count, windows.rows * windows.columns):
        whole = put_together(output[0], windows).transpose(2, 0, 1)
        maps = Maps(whole, f"channels last; {describe(windows)}")
    else:
        maps = _plain(output, order)
    return Maps(maps.values, "; ".join(part for part in (maps.note, batch) if part))


def _plain(output: Floats, order: Order) -> Maps:
    values = output[0]
    if values.ndim == 2:
        return _tokens(values)
    if values.ndim == 3:
        return Maps(values) if order == "channels first" else Maps(values.transpose(2, 0, 1), "channels last")
    shape = "×".join(str(side) for side in output.shape)
    return Maps(
        values.reshape(values.shape[0], -1, values.shape[-1]),
        f"{shape}, the axes between laid out below each other",
    )


def _attention(output: Floats, windows: Windows | None) -> Maps:
    """Read (N or windows, heads, queries, keys) as a map a head: where the class token looks, or what each position gets."""
    if windows is not None:
        received = output[: windows.count].mean(axis=2).transpose(0, 2, 1)
        whole = np.ascontiguousarray(put_together(received, windows).transpose(2, 0, 1))
        return Maps(whole, f"attention that each position receives, mean over queries; {describe(windows)}")
    heads, _, keys = output.shape[1:]
    side = math.isqrt(keys)
    if side > 1 and side * side == keys:
        received = output[0].mean(axis=1).reshape(heads, side, side)
        return Maps(received, "attention that each position receives, mean over queries")
    side = math.isqrt(keys - 1)
    if side > 1 and side * side == keys - 1:
        looks = output[0, :, 0, 1:].reshape(heads, side, side)
        return Maps(looks, f"attention from the class token to the {side}×{side} patches, a map a head")
    return Maps(output[0], f"attention of {heads} heads, a row a query")


def _tokens(values: Floats) -> Maps:
    """Read (tokens, channels) as maps, if the tokens are a square, with or without a class token before them."""
    count, channels = values.shape
    for extra in (0, 1):
        side = math.isqrt(count - extra)
        if side > 1 and side * side == count - extra:
            maps = values[extra:].T.reshape(channels, side, side)
            return Maps(maps, f"tokens as a {side}×{side} map" + (", class token left out" if extra else ""))
    return Maps(values[np.newaxis], f"{count} rows of {channels} values, as one picture")
