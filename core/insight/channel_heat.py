"""A feature map as something that can be laid over the picture. numpy only."""

from __future__ import annotations

from core.insight.placement import map_box
from core.types import ActivationGrid, Heat, NetworkInput


def channel_heat(grid: ActivationGrid, channel: int, seen: NetworkInput | None) -> Heat:
    """Return a channel's map where it lies on the picture; without a picture the box is that of the map itself.

    It is coloured around zero where it has both signs, and its units are drawn as rectangles.
    """
    values = grid.values[channel]
    rows, columns = values.shape
    box = map_box(grid.layer, rows, columns, seen) if seen is not None else (0.0, 0.0, float(columns), float(rows))
    both = float(grid.minimum[channel]) < 0 < float(grid.maximum[channel])
    return Heat(f"channel {channel} of {grid.layer.key}", values, box, diverging=both, smooth=False)
