"""The order in which the maps of a layer are shown."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from core.insight.similarity import cosine_similarities
from core.types import ActivationGrid
from gui.facts.map_look import CONTRIBUTION, INDEX, MAXIMUM, MEAN, ORDERS, SIMILARITY, ZEROS
from gui.widgets.map_words import format_number

__all__ = ["ORDERS", "MapOrder"]

Numbers = npt.NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class MapOrder:
    """``channels[i]`` is shown at index ``i``, and ``indices[c]`` is where channel ``c`` is shown.

    ``name`` is one of :data:`ORDERS`. ``anchor`` is the channel that the others are compared with, -1 where they are not.
    ``measured`` is what is not in the statistics: the similarity or the contribution of each channel.
    """

    channels: tuple[int, ...] = ()
    indices: tuple[int, ...] = ()
    name: str = INDEX
    anchor: int = -1
    measured: Numbers | None = None

    @classmethod
    def of(cls, grid: ActivationGrid, name: str, anchor: int = 0, contributions: Numbers | None = None) -> MapOrder:
        """Sort by one of :data:`ORDERS`; equals stay in the order of the channels. ``contributions`` are for their order."""
        measured = None
        if name == SIMILARITY:
            measured = cosine_similarities(grid.values, anchor, grid.mean, grid.std)
        elif name == CONTRIBUTION:
            measured = contributions
        keys = {MEAN: grid.mean, MAXIMUM: grid.maximum, ZEROS: -grid.zeros}
        key = keys.get(name, measured)
        if key is None:
            order = np.arange(grid.count)
        else:
            first = np.arange(grid.count) != anchor if name == SIMILARITY else np.zeros(grid.count, bool)
            # The last key counts first; NaN comes last.
            order = np.lexsort((-key, first))
        places = np.empty(grid.count, np.intp)
        places[order] = np.arange(grid.count)
        compared = anchor if name == SIMILARITY else -1
        return cls(tuple(order.tolist()), tuple(places.tolist()), name, compared, measured)

    def waiting(self) -> MapOrder:
        """The same order, while what the maps are to be sorted by is on its way."""
        return replace(self, measured=None)

    def words(self, channel: int) -> str:
        """Say what a channel was sorted by, where the statistics do not: "contribution 0.42"; else ""."""
        if self.measured is None:
            return ""
        value = format_number(float(self.measured[channel]))
        return f"contribution {value}" if self.name == CONTRIBUTION else f"similarity to {self.anchor}: {value}"

    def explanation(self) -> str:
        """Say what the maps are sorted by: "sorted by similarity to channel 3"; "" for the index."""
        if self.name == INDEX:
            return ""
        return f"sorted by {self.name.lower()}" + (f" to channel {self.anchor}" if self.anchor >= 0 else "")
