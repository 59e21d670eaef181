"""Which part of the picture a unit of a layer can see."""

from __future__ import annotations

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
