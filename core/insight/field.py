"""Which part of the picture a unit of a layer can see."""

from __future__ import annotations

import math

from core.types import Box, LayerInfo, NetworkInput


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


def _span(layer: LayerInfo, axis: int, place: int, side: int) -> tuple[float, float]:
    """From where to where a unit sees along one axis, in pixels of the input."""
    if layer.receptive_field is None or layer.stride is None or layer.offset is None:
        return 0.0, float(side)
    # The offset counts from the centre of the first pixel, which lies half a pixel inside the border.
    centre = layer.offset[axis] + layer.stride[axis] * place + 0.5
    half = layer.receptive_field[axis] / 2
    return max(0.0, centre - half), min(float(side), centre + half)


def units_seeing(layer: LayerInfo, point: tuple[float, float], seen: NetworkInput) -> tuple[int, int, int, int] | None:
    """Return which units of a layer's maps see a point of the picture.

    Parameters
    ----------
    layer
        A layer with maps.
    point
        x and y in pixels of the upright original.
    seen
        The network's input and where it lies on the picture.

    Returns
    -------
    First row, first column, last row, last column, all included; None when no unit sees the point.
    """
    height, width = seen.pixels.shape[:2]
    left, top, right, bottom = seen.box
    place = ((point[1] - top) * height / (bottom - top), (point[0] - left) * width / (right - left))
    if not (0 <= place[0] < height and 0 <= place[1] < width):
        return None
    sides = _map_sides(layer, (height, width))
    rows, columns = (_units_along(layer, axis, int(place[axis]), sides[axis]) for axis in (0, 1))
    if rows is None or columns is None:
        return None
    return rows[0], columns[0], rows[1], columns[1]


def _units_along(layer: LayerInfo, axis: int, pixel: int, count: int) -> tuple[int, int] | None:
    """First and last unit along one axis whose field holds a pixel of the input."""
    if layer.receptive_field is None or layer.stride is None or layer.offset is None:
        return 0, count - 1
    size, step = layer.receptive_field[axis], layer.stride[axis]
    low = round(layer.offset[axis] - (size - 1) / 2)
    first, last = -((low + size - 1 - pixel) // step), (pixel - low) // step
    first, last = max(0, first), min(count - 1, last)
    return (first, last) if first <= last else None


def _map_sides(layer: LayerInfo, sides: tuple[int, int]) -> tuple[int, int]:
    """Rows and columns of a layer's maps. Of four axes the last two are taken, or those before where they fit the input."""
    shape = layer.output_shape[1:]
    if len(shape) == 2:
        side = math.isqrt(shape[0])
        return side, side
    if len(shape) != 3:
        return 1, 1
    first, last = (shape[1], shape[2]), (shape[0], shape[1])
    if layer.stride is None:
        return last if shape[0] == shape[1] else first
    steps = layer.stride

    def misfit(found: tuple[int, int]) -> int:
        return sum(abs(count * step - side) for count, step, side in zip(found, steps, sides, strict=True))

    return min(first, last, key=misfit)
