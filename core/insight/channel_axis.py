"""Where the channels of a layer's output lie. No torch: the window asks too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.insight.layout import axis_order, is_vector
from core.types import LayerInfo


@dataclass(frozen=True, slots=True)
class ChannelAxis:
    """``axis`` of the output (batch first) that counts channels, and how many there are."""

    axis: int
    count: int


def channel_axis(layers: Sequence[LayerInfo], layer: LayerInfo) -> ChannelAxis:
    """Find the axis along which a layer's channels lie.

    Of a vector it is the axis of its units; tokens (N, tokens, channels) have their channels last, so that a channel runs
    over all tokens, a class token included; of four dimensions the order of the layers decides; of more it is the first
    after the batch.

    Parameters
    ----------
    layers
        All layers of the model in order of execution.
    layer
        One of them.
    """
    shape = layer.output_shape
    if len(shape) < 2:
        axis = len(shape) - 1
    elif is_vector(shape):
        axis = max(range(1, len(shape)), key=lambda place: shape[place])
    elif len(shape) == 3 or (len(shape) == 4 and axis_order(layers, layer) == "channels last"):
        axis = len(shape) - 1
    else:
        axis = 1
    return ChannelAxis(axis, shape[axis] if shape else 1)
