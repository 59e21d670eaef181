"""Many feature maps as one picture. numpy only."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.types import Pixels

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Mosaic:
    """The picture and what it was scaled by; see :class:`core.types.ActivationGrid` for the geometry.

    ``not_finite`` counts the maps that hold NaN or infinite values.
    """

    pixels: Pixels
    columns: int
    gap: int
    minimum: Floats
    maximum: Floats
    not_finite: int


def build_mosaic(maps: Floats, gap: int | None = None) -> Mosaic:
    """Lay feature maps out row by row, each scaled by its own range.

    Parameters
    ----------
    maps
        float32 (count, height, width), count at least 1. NaN and negative infinity become black, positive infinity
        white; a map of one value becomes black.
    gap
        Black pixels after each tile, to its right and below; by default 1, and 2 for tiles of 32 pixels or more.

    Returns
    -------
    A mosaic of ``ceil(count / columns)`` rows whose proportions are close to 4:3, uint8; minimum and maximum of each
    map's finite values, float32 (count,), 0 where it has none.
    """
    count, height, width = maps.shape
    if gap is None:
        gap = 2 if min(height, width) >= 32 else 1
    columns = choose_columns(count, height + gap, width + gap)
    rows = math.ceil(count / columns)
    minimum, maximum, bad = ranges(maps)
    tiles = np.zeros((rows * columns, height + gap, width + gap), np.uint8)
    tiles[:count, :height, :width] = _scaled(maps, minimum, maximum, bad)
    pixels = tiles.reshape(rows, columns, height + gap, width + gap).transpose(0, 2, 1, 3)
    pixels = np.ascontiguousarray(pixels.reshape(rows * (height + gap), columns * (width + gap)))
    for array in (pixels, minimum, maximum):
        array.setflags(write=False)
    return Mosaic(pixels, columns, gap, minimum, maximum, int(bad.sum()))


def choose_columns(count: int, tile_height: int, tile_width: int) -> int:
    """Return how many tiles stand in a row of a mosaic of about 4:3."""
    ideal = math.sqrt(count * tile_height / tile_width * 4 / 3)
    return max(1, min(count, round(ideal)))


def ranges(maps: Floats) -> tuple[Floats, Floats, npt.NDArray[np.bool_]]:
    """Return the least and the greatest finite value of each map, and which maps hold others.

    Parameters
    ----------
    maps
        float32 (count, height, width).

    Returns
    -------
    Two times float32 (count,), 0 where a map has no finite value, and bool (count,).
    """
    flat = maps.reshape(len(maps), -1)
    minimum, maximum = flat.min(axis=1), flat.max(axis=1)
    bad = ~(np.isfinite(minimum) & np.isfinite(maximum))
    for index in np.flatnonzero(bad):
        finite = flat[index][np.isfinite(flat[index])]
        minimum[index], maximum[index] = (finite.min(), finite.max()) if finite.size else (0.0, 0.0)
    return minimum, maximum, bad


def _scaled(maps: Floats, minimum: Floats, maximum: Floats, bad: npt.NDArray[np.bool_]) -> Pixels:
    """Scale each map to 0 ... 255, rounded."""
    span = maximum.astype(np.float64) - minimum
    # Below this a scale would not fit into float32; such a map is as good as constant.
    with np.errstate(divide="ignore"):
        scale = np.where(span > 1e-30, 255.0 / span, 0.0)
    shift = (0.5 - minimum * scale).astype(np.float32)
    if bad.any():
        maps = maps.copy()
        low, high = minimum[bad, None, None], maximum[bad, None, None]
        maps[bad] = np.clip(np.where(np.isnan(maps[bad]), low, maps[bad]), low, high)
    values = maps * scale.astype(np.float32)[:, None, None]
    values += shift[:, None, None]
    np.clip(values, 0.0, 255.0, out=values)
    return values.astype(np.uint8)
