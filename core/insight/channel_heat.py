"""Feature maps, and gradients of units, as something that can be laid over the picture. numpy only."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.insight.placement import map_box
from core.types import ActivationGrid, Heat, NetworkInput, frozen

_SATURATED = 0.99


def channel_heat(grid: ActivationGrid, channel: int, seen: NetworkInput | None) -> Heat:
    """Return a channel's map where it lies on the picture; without a picture the box is that of the map itself.

    It is coloured around zero where it has both signs, and its units are drawn as rectangles.
    """
    values = grid.values[channel]
    rows, columns = values.shape
    box = map_box(grid.layer, rows, columns, seen) if seen is not None else (0.0, 0.0, float(columns), float(rows))
    both = float(grid.minimum[channel]) < 0 < float(grid.maximum[channel])
    return Heat(f"channel {channel} of {grid.layer.key}", values, box, diverging=both, smooth=False)


def saturated(heat: Heat) -> Heat:
    """Return values that are 0 or more for the eye: the strongest hundredth of those above 0 is cut to where it begins.

    The gradient of a unit has a few pixels far above all others, beside which nothing else would be seen.
    """
    above = heat.values[heat.values > 0]
    if not above.size:
        return heat
    limit = np.float32(np.quantile(above, _SATURATED))
    return replace(heat, words=f"{heat.words}, the strongest 1 % alike", values=frozen(np.minimum(heat.values, limit)))
