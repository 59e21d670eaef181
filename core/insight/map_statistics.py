"""What the values of each feature map are like. numpy only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.insight.channel_statistics import moments

Floats = npt.NDArray[np.float32]
Counts = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class MapStatistics:
    """One entry a map, read-only: see :class:`core.types.ActivationGrid`."""

    mean: Floats
    std: Floats
    zeros: Floats
    nans: Counts


def measure(maps: Floats) -> MapStatistics:
    """Measure each feature map in double precision.

    Parameters
    ----------
    maps
        float32 (count, height, width), count at least 1.

    Returns
    -------
    Mean and standard deviation (of the population) of each map's finite values, 0 where it has none; the share of values that
    are exactly zero, 0 to 1; and how many are NaN.
    """
    found = moments(maps.reshape(len(maps), -1))
    none = found.finite == 0
    mean, std = (np.where(none, 0.0, numbers).astype(np.float32) for numbers in (found.mean, found.std))
    zeros, nans = found.zeros.astype(np.float32), found.nans.astype(np.int32)
    for array in (mean, std, zeros, nans):
        array.setflags(write=False)
    return MapStatistics(mean, std, zeros, nans)
