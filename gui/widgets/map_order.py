"""The order in which the maps of a layer are shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.types import ActivationGrid

_KEYS: dict[str, Callable[[ActivationGrid], npt.NDArray[np.floating] | None]] = {
    "Index": lambda grid: None,
    "Mean": lambda grid: -grid.mean,
    "Maximum": lambda grid: -grid.maximum,
    "Share of zeros": lambda grid: grid.zeros,
}
ORDERS = tuple(_KEYS)
"""By index; by mean and by maximum, the largest first; by the share of zeros, the smallest first. The first is the default."""


@dataclass(frozen=True, slots=True)
class MapOrder:
    """``channels[i]`` is shown at index ``i``, and ``indices[c]`` is where channel ``c`` is shown."""

    channels: tuple[int, ...] = ()
    indices: tuple[int, ...] = ()

    @classmethod
    def of(cls, grid: ActivationGrid, name: str) -> MapOrder:
        """Sort by one of :data:`ORDERS`; equals stay in the order of the channels."""
        key = _KEYS[name](grid)
        order = np.arange(grid.count) if key is None else np.argsort(key, kind="stable")
        return cls(tuple(order.tolist()), tuple(np.argsort(order).tolist()))
