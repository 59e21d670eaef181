"""Feature maps made smaller for the screen. numpy only."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


def shrink(maps: Floats, height: int, width: int) -> Floats:
    """Average feature maps down, block by block; blocks are as even as whole pixels allow.

    Parameters
    ----------
    maps
        float32 (count, rows, columns).
    height, width
        The new size, each from 1 to the old one.

    Returns
    -------
    float32 (count, height, width). A block that holds a NaN, or infinite values of both signs, is NaN, so that none is
    averaged away; one that holds infinite values of one sign is infinite.
    """
    rows, columns = _starts(maps.shape[1], height), _starts(maps.shape[2], width)
    with np.errstate(invalid="ignore", over="ignore"):
        found = _fold(_fold(maps, rows, 1), columns, 2)
    found /= np.diff(rows, append=maps.shape[1])[:, None] * np.diff(columns, append=maps.shape[2]).astype(np.float32)
    return found


def _starts(old: int, new: int) -> npt.NDArray[np.intp]:
    """Where each block begins."""
    return (np.arange(new) * old // new).astype(np.intp)


def _fold(maps: Floats, starts: npt.NDArray[np.intp], axis: int) -> Floats:
    """Add up the blocks along an axis, member by member: ``np.add.reduceat`` takes two to four times as long."""
    sizes = np.diff(starts, append=maps.shape[axis])
    found: Floats = np.take(maps, starts, axis=axis)
    for member in range(1, int(sizes.max())):
        here = sizes > member
        place = (slice(None),) * axis + (slice(None) if here.all() else here,)
        found[place] += np.take(maps, starts[here] + member, axis=axis)
    return found
