"""Where each channel of a layer is strongest in one picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.insight.layout import as_maps, axis_order, is_vector
from core.types import Box, LayerInfo, ModelInfo

PLACES = 3
"""How many places of a map are kept."""

Floats = npt.NDArray[np.float32]
Places = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Maxima:
    """The strongest places of all channels for one picture.

    ``values`` is float32 (channels, :data:`PLACES`), falling; ``places`` is int32 of the same shape, row * columns + column in
    a map of ``rows`` by ``columns``. Where a map has fewer places they are NaN and -1. ``size`` is (width, height) of the
    upright original, ``box`` the crop on it.
    """

    values: Floats
    places: Places
    rows: int
    columns: int
    size: tuple[int, int]
    box: Box


def maxima_of(values: Floats, layer: LayerInfo, info: ModelInfo, size: tuple[int, int], box: Box) -> Maxima:
    """Find the strongest places of all channels at once.

    Parameters
    ----------
    values
        What the layer put out, float32, batch first, in the layer's own shape.
    layer, info
        The layer and its model.
    size, box
        Of the picture, as in :class:`Maxima`.
    """
    vector = is_vector(values.shape)
    maps = values[:1].reshape(-1, 1, 1) if vector else as_maps(values, axis_order(info.layers, layer), layer).values
    found, places = strongest_places(maps, apart(layer))
    return Maxima(found, places, maps.shape[1], maps.shape[2], size, box)


def apart(layer: LayerInfo) -> tuple[int, int] | None:
    """Return how many rows and columns two places must be more than apart: half a receptive field, at least 1.

    Without it the second place would nearly always be a neighbour of the first, and show the same. None where every unit sees
    everything, so that one place of a map is enough.
    """
    if layer.receptive_field is None or layer.stride is None:
        return None
    down, across = (
        max(1, round(field / (2 * max(1, stride)))) for field, stride in zip(layer.receptive_field, layer.stride, strict=True)
    )
    return down, across


def strongest_places(maps: Floats, near: tuple[int, int] | None) -> tuple[Floats, Places]:
    """Return the strongest places of each map, none near a stronger one.

    Parameters
    ----------
    maps
        float32 (channels, rows, columns). NaN counts as not there; of equal values the first row by row is taken.
    near
        Rows and columns from a place within which there is no other one; None for one place a map.

    Returns
    -------
    values, places
        As in :class:`Maxima`.
    """
    channels, rows, columns = maps.shape
    left = np.ascontiguousarray(maps, dtype=np.float32).copy()
    np.copyto(left, -np.inf, where=np.isnan(left))
    flat = left.reshape(channels, -1)
    values = np.full((channels, PLACES), np.nan, np.float32)
    places = np.full((channels, PLACES), -1, np.int32)
    for rank in range(PLACES if near is not None else 1):
        place = flat.argmax(axis=1)
        value = flat[np.arange(channels), place]
        there = value > -np.inf
        values[there, rank], places[there, rank] = value[there], place[there]
        if near is not None:
            np.copyto(left, -np.inf, where=_around(place, near, rows, columns))
    return values, places


def _around(place: npt.NDArray[np.intp], near: tuple[int, int], rows: int, columns: int) -> npt.NDArray[np.bool_]:
    """Which pixels of each map lie within ``near`` of its place: bool (channels, rows, columns)."""
    row, column = np.divmod(place, columns)
    down = np.abs(np.arange(rows) - row[:, None]) <= near[0]
    across = np.abs(np.arange(columns) - column[:, None]) <= near[1]
    return down[:, :, None] & across[:, None, :]
