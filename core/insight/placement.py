"""Where a feature map lies on the picture."""

from __future__ import annotations

from core.types import Box, LayerInfo, NetworkInput


def map_box(layer: LayerInfo, rows: int, columns: int, seen: NetworkInput) -> Box:
    """Return the part of the picture that a layer's map covers.

    The centre of what unit ``i`` sees lies at offset + stride * i, and each unit covers one stride around its centre. A map
    of convolutions with padding may so reach over the border of the crop, one of convolutions without stay inside.

    Parameters
    ----------
    layer
        The layer, with its stride and offset.
    rows, columns
        Size of the map.
    seen
        The network's input and where it lies on the picture.

    Returns
    -------
    Box
        In pixels of the upright original; the whole crop where stride and offset are not known.
    """
    if layer.stride is None or layer.offset is None:
        return seen.box
    height, width = seen.pixels.shape[:2]
    top, bottom = _span(layer.offset[0], layer.stride[0], rows)
    left, right = _span(layer.offset[1], layer.stride[1], columns)
    x, y, end_x, end_y = seen.box
    across, down = (end_x - x) / width, (end_y - y) / height
    return x + left * across, y + top * down, x + right * across, y + bottom * down


def _span(offset: float, stride: int, count: int) -> tuple[float, float]:
    """From where to where the units reach along one axis, in pixels of the input."""
    # The offset counts from the centre of the first pixel, which lies half a pixel inside the border.
    first = offset + 0.5 - stride / 2
    return first, first + stride * count
