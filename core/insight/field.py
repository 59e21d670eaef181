"""Which part of the picture a unit of a layer can see, and which units see a point of it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from core.types import Box, LayerInfo, NetworkInput

Doubles = npt.NDArray[np.float64]


def field_box(layer: LayerInfo, row: int, column: int, seen: NetworkInput) -> Box | None:
    """Return the theoretical receptive field of the unit at (row, column), clipped at the border of the network's input.

    Parameters
    ----------
    layer
        A layer with maps.
    row, column
        Place of the unit in a map of that layer.
    seen
        The network's input and where it lies on the picture.

    Returns
    -------
    Box
        In pixels of the upright original; the whole crop for a layer of which every unit sees everything. None where the
        field lies wholly in the padding.
    """
    height, width = seen.pixels.shape[:2]
    top, bottom = _span(layer, 0, row, height)
    left, right = _span(layer, 1, column, width)
    if top >= bottom or left >= right:
        return None
    x, y, end_x, end_y = seen.box
    across, down = (end_x - x) / width, (end_y - y) / height
    return x + left * across, y + top * down, x + right * across, y + bottom * down


def units_seeing(
    layer: LayerInfo, rows: int, columns: int, point: tuple[float, float], seen: NetworkInput
) -> tuple[int, int, int, int] | None:
    """Return which units of a layer's maps have a point of the picture in their receptive field: inverse of :func:`field_box`.

    Parameters
    ----------
    layer
        A layer with maps of ``rows`` by ``columns`` units.
    rows, columns
        The size of its maps.
    point
        (x, y) in pixels of the upright original. A field has its left and upper edge, but not its right and lower one.
    seen
        The network's input and where it lies on the picture.

    Returns
    -------
    Top, left, bottom and right of the block of units, the last two exclusive; all of them for a layer of which every unit
    sees everything. None where no unit sees the point, for instance outside the crop.
    """
    height, width = seen.pixels.shape[:2]
    x, y, end_x, end_y = seen.box
    down = _places(layer, 0, rows, height, (y, end_y), point[1])
    across = _places(layer, 1, columns, width, (x, end_x), point[0])
    if down is None or across is None:
        return None
    return down[0], across[0], down[1], across[1]


def _places(
    layer: LayerInfo, axis: int, count: int, side: int, edges: tuple[float, float], at: float
) -> tuple[int, int] | None:
    """From which place to before which a map has units that see a coordinate of the picture."""
    start, end = edges
    scale = (end - start) / side
    first, last = _spans(layer, axis, np.arange(count), side)
    # The same sums as in field_box, so that both agree to the last bit; the fields lie in order, so it is one stretch.
    sees = np.flatnonzero((first < last) & (start + first * scale <= at) & (at < start + last * scale))
    return (int(sees[0]), int(sees[-1]) + 1) if len(sees) else None


def _span(layer: LayerInfo, axis: int, place: int, side: int) -> tuple[float, float]:
    first, last = _spans(layer, axis, np.array([place]), side)
    return float(first[0]), float(last[0])


def _spans(layer: LayerInfo, axis: int, places: npt.NDArray[np.int_], side: int) -> tuple[Doubles, Doubles]:
    """From where to where units see along one axis, in pixels of the input, clipped at its border."""
    if layer.receptive_field is None or layer.stride is None or layer.offset is None:
        return np.zeros(len(places)), np.full(len(places), float(side))
    # The offset counts from the centre of the first pixel, which lies half a pixel inside the border.
    centres = layer.offset[axis] + layer.stride[axis] * places + 0.5
    half = layer.receptive_field[axis] / 2
    return np.maximum(0.0, centres - half), np.minimum(float(side), centres + half)
