"""The channel that the lesion panel and the key M are about."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.insight.channel_axis import channel_axis
from core.types import ActivationGrid, Activations, ActivationVector
from gui.state import AppState


@dataclass(frozen=True, slots=True)
class ChosenChannel:
    """A channel of the chosen layer, of ``count``; ``low``, ``mean`` and ``high`` are those of its values for this picture.

    Of a vector, whose unit has one value, ``low`` and ``high`` are those of all units. ``measured`` says whether the
    values are known.
    """

    layer: str
    channel: int
    count: int
    low: float = 0.0
    mean: float = 0.0
    high: float = 1.0
    measured: bool = False

    @classmethod
    def of(cls, state: AppState) -> ChosenChannel | None:
        """What is chosen now; None without a model or a layer, and for attention, which is only read.

        A channel beyond the layer's last stands for the last.
        """
        if state.model is None:
            return None
        layer = next((layer for layer in state.model.layers if layer.key == state.layer), None)
        if layer is None:
            layer = next((layer for layer in reversed(state.model.layers) if layer.name == state.layer), None)
        if layer is None or layer.heads is not None:
            return None
        count = channel_axis(state.model.layers, layer).count
        channel = max(0, min(state.selection.channel, count - 1))
        shown = state.activations
        if shown is None or shown.layer.key != layer.key:
            return cls(layer.key, channel, count)
        return cls(layer.key, channel, count, *_values(shown, channel), measured=True)


def _values(shown: Activations, channel: int) -> tuple[float, float, float]:
    """Least, mean and greatest value; a range without extent is widened to zero or by one."""
    low, mean, high = 0.0, 0.0, 0.0
    if isinstance(shown, ActivationGrid) and channel < shown.count:
        low, mean, high = (float(values[channel]) for values in (shown.minimum, shown.mean, shown.maximum))
    elif isinstance(shown, ActivationVector) and channel < len(shown.values):
        real = shown.values[np.isfinite(shown.values)]
        low, high = (float(real.min()), float(real.max())) if real.size else (0.0, 0.0)
        mean = float(np.nan_to_num(shown.values[channel]))
    if low == high:
        low, high = min(0.0, low), max(0.0, high)
    if low == high:
        high = low + 1
    return low, min(max(mean, low), high), high
