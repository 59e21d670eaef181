"""Which colour stands for which value of which map. Nothing is drawn here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from core.types import ActivationGrid
from gui import colourmaps
from gui.facts.map_look import ALIKE, EACH, SCALINGS

__all__ = ["ALIKE", "EACH", "SCALINGS", "Ends", "MapColours", "layer_range"]

Ends = tuple[float, float]
Floats = npt.NDArray[np.floating]

_LEAST_SPAN = 1e-30
"""Below this a scale would not fit into float32; such a map is as good as constant."""
_MOST_SPAN = 1e38
"""Above this a difference would not."""


@dataclass(frozen=True, slots=True)
class MapColours:
    """Colours run evenly from the first to the second of :meth:`ends`, bent by ``gamma``.

    Values beyond an end, the infinite ones too, have its colour; NaN has :data:`gui.colourmaps.NAN`.
    """

    grid: ActivationGrid
    shared: Ends
    palette: npt.NDArray[np.uint32]
    diverging: bool
    alike: bool
    gamma: float = 1.0

    @classmethod
    def of(cls, grid: ActivationGrid, name: str, scaling: str, gamma: float = 1.0, *, dark: bool) -> MapColours:
        """Take a colour map of :data:`gui.colourmaps.NAMES` and one of :data:`SCALINGS`."""
        palette = np.array(colourmaps.table(name, dark=dark), np.uint32)
        return cls(grid, layer_range(grid), palette, name == colourmaps.AROUND_ZERO, scaling == ALIKE, gamma)

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

    def coloured(self, channels: Sequence[int], values: npt.NDArray[np.float32]) -> npt.NDArray[np.uint32]:
        """Return the maps of some channels as ``QRgb``, in the shape of ``values``: (channels, height, width)."""
        ends = np.array([self.ends(channel) for channel in channels])
        last = len(self.palette) - 1
        with np.errstate(invalid="ignore", over="ignore"):
            shares = self._shares(values, ends[:, 0], ends[:, 1])
        np.clip(shares, 0.0, 1.0, out=shares)
        unreal = np.isnan(shares)
        shares[unreal] = 0.0
        shares = colourmaps.bend(shares, self.gamma, around_zero=self.diverging)
        # Half is added and the fraction cut off, which rounds.
        found = self.palette[(shares * last + 0.5).astype(np.int32)]
        found[unreal] = colourmaps.NAN
        return found

    def _shares(self, values: Floats, low: Floats, high: Floats) -> Floats:
        """How far each value lies on the way from ``low`` to ``high``; in the middle is exact zero where that is the middle."""
        span = high - low
        if span.max() > _MOST_SPAN:
            values = values.astype(np.float64)
        flat = span < _LEAST_SPAN
        scale = np.where(flat, 0.0, 1.0 / np.where(flat, 1.0, span)).astype(values.dtype)[:, None, None]
        if self.diverging:
            shares = values * scale + values.dtype.type(0.5)
        else:
            shares = (values - low.astype(values.dtype)[:, None, None]) * scale
        if flat.any():
            # Nothing to scale: only infinite values lie beyond.
            middle = 0.5 if self.diverging else 0.0
            kinds = [np.isposinf(values[flat]), np.isneginf(values[flat]), np.isnan(values[flat])]
            shares[flat] = np.select(kinds, [1.0, 0.0, np.nan], middle)
        return shares

    def _own(self, channel: int) -> Ends:
        return float(self.grid.minimum[channel]), float(self.grid.maximum[channel])


def layer_range(grid: ActivationGrid) -> Ends:
    """Return the least and the greatest finite value of all maps; maps that are NaN all over do not count."""
    real = grid.nans < grid.tile_height * grid.tile_width
    if not real.any():
        return 0.0, 0.0
    return float(grid.minimum[real].min()), float(grid.maximum[real].max())
