"""Which colour stands for which value of which map. Nothing is drawn here."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from core.types import ActivationGrid
from gui import colourmaps

EACH, ALIKE = SCALINGS = ("Each map", "All alike")
"""Whether the colours run over a map's own values or over those of the whole layer; the first is the default."""

_STEPS = np.arange(256.0)

Ends = tuple[float, float]


@dataclass(frozen=True, slots=True)
class MapColours:
    """The maps are already scaled to 0 ... 255, each by its own range; a table per map gives these steps their colours."""

    grid: ActivationGrid
    shared: Ends
    palette: npt.NDArray[np.uint32]
    diverging: bool
    alike: bool

    @classmethod
    def of(cls, grid: ActivationGrid, name: str, scaling: str, *, dark: bool) -> MapColours:
        """Take a colour map of :data:`gui.colourmaps.NAMES` and one of :data:`SCALINGS`."""
        palette = np.array(colourmaps.table(name, dark=dark), np.uint32)
        return cls(grid, layer_range(grid), palette, name == colourmaps.AROUND_ZERO, scaling == ALIKE)

    def beside(self, peer: ActivationGrid) -> MapColours:
        """Return the same colours over the values of both layers' maps together, where all are alike."""
        low, high = layer_range(peer)
        return replace(self, shared=(min(self.shared[0], low), max(self.shared[1], high)))

    def ends(self, channel: int) -> Ends:
        """Return the values that the first and the last colour stand for; around zero they are equally far from it."""
        low, high = self.shared if self.alike else self._own(channel)
        if self.diverging:
            reach = max(abs(low), abs(high))
            return -reach, reach
        return low, high

    def table(self, channel: int) -> npt.NDArray[np.uint32]:
        """Return the 256 ``QRgb`` of a map's steps."""
        return self.palette[self._places(channel)] if self.diverging or self.alike else self.palette

    def _places(self, channel: int) -> npt.NDArray[np.intp]:
        low, high = self._own(channel)
        start, end = self.ends(channel)
        last = len(self.palette) - 1
        if start >= end:
            return np.full(256, last // 2 if self.diverging else 0, np.intp)
        first, step = (low - start) * last / (end - start), (high - low) * last / (end - start) / 255
        # Half is added and the fraction cut off, which rounds.
        places = (_STEPS * step + (first + 0.5)).astype(np.intp)
        if self.diverging and low < 0.0 < high:
            # The step that holds the exact zeros may stand for a value a little beside it.
            places[int(-low / (high - low) * 255 + 0.5)] = last // 2
        return places

    def _own(self, channel: int) -> Ends:
        return float(self.grid.minimum[channel]), float(self.grid.maximum[channel])


def layer_range(grid: ActivationGrid) -> Ends:
    """Return the least and the greatest finite value of all maps; maps that are NaN all over do not count."""
    real = grid.nans < grid.tile_height * grid.tile_width
    if not real.any():
        return 0.0, 0.0
    return float(grid.minimum[real].min()), float(grid.maximum[real].max())
