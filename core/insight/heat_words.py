"""Where a heat map is strongest, in words. numpy only."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

_ROWS = ("top", "middle", "bottom")
_COLUMNS = ("left", "middle", "right")
_PLACES = {
    ("top", "left"): "at the top left",
    ("top", "middle"): "at the top",
    ("top", "right"): "at the top right",
    ("middle", "left"): "left of the middle",
    ("middle", "middle"): "in the middle",
    ("middle", "right"): "right of the middle",
    ("bottom", "left"): "at the bottom left",
    ("bottom", "middle"): "at the bottom",
    ("bottom", "right"): "at the bottom right",
}
_BLOCKS = 9
"""Values are averaged into so many rows and columns before the greatest is looked for: no single pixel decides."""


def strongest_place(values: npt.NDArray[np.float32]) -> str:
    """Say where positive values are largest: "left of the middle"; "nowhere" if there are none.

    Parameters
    ----------
    values
        float32 (height, width); what is negative or not finite counts as 0.
    """
    positive = np.nan_to_num(np.clip(values, 0, None), nan=0.0, posinf=0.0).astype(np.float64)
    if not positive.any():
        return "nowhere"
    blocks = positive
    for axis in (0, 1):
        edges = np.linspace(0, blocks.shape[axis], min(_BLOCKS, blocks.shape[axis]) + 1).astype(int)
        sums = np.add.reduceat(blocks, edges[:-1], axis=axis)
        counts = np.diff(edges)
        blocks = sums / (counts[:, None] if axis == 0 else counts[None, :])
    row, column = np.unravel_index(int(blocks.argmax()), blocks.shape)
    return _PLACES[_third(int(row), blocks.shape[0], _ROWS), _third(int(column), blocks.shape[1], _COLUMNS)]


def _third(place: int, count: int, names: tuple[str, ...]) -> str:
    """Name the third in which the middle of a block lies."""
    return names[min(2, int(3 * (place + 0.5) / count))]
