"""Putting maps together that a transformer has cut into windows. numpy only."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from core.types import Windows

Floats = npt.NDArray[np.float32]


def put_together(pieces: Floats, windows: Windows) -> Floats:
    """Put what stands at each position of each window back to its place in the map.

    Parameters
    ----------
    pieces
        (windows, positions, ...), both as :class:`Windows` numbers them.
    windows
        How they were cut.

    Returns
    -------
    (height, width, ...): the shift undone, what the map was filled up with left out.
    """
    down, across = windows.grid
    rest = pieces.shape[2:]
    tiles = pieces.reshape(down, across, windows.rows, windows.columns, *rest)
    # A window of neighbours lies at (down, across); one of a grid has its positions a whole grid apart.
    order = (2, 0, 3, 1) if windows.strided else (0, 2, 1, 3)
    tiles = tiles.transpose(*order, *range(4, 4 + len(rest)))
    whole = tiles.reshape(down * windows.rows, across * windows.columns, *rest)
    if windows.down or windows.across:
        whole = np.roll(whole, (windows.down, windows.across), (0, 1))
    return whole[: windows.height, : windows.width]


def describe(windows: Windows) -> str:
    """Say in a few words how they were cut."""
    size = f"{windows.rows}×{windows.columns}"
    if windows.strided:
        down, across = windows.grid
        return f"grids of {size} positions, {down}×{across} apart, put together"
    shift = f", shifted by {windows.down}×{windows.across}" if windows.down or windows.across else ""
    return f"windows of {size} positions{shift}, put together"
