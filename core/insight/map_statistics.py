"""What the values of each feature map are like. numpy only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int32]

_AT_ONCE = 1 << 16
"""Values in double precision at a time: they stay in the processor's cache."""


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
    flat = maps.reshape(len(maps), -1)
    count, size = flat.shape
    mean, std, zeros = (np.zeros(count, np.float32) for _ in range(3))
    nans = np.zeros(count, np.int32)
    step = max(1, _AT_ONCE // size)
    for first in range(0, count, step):
        part = slice(first, first + step)
        values = flat[part].astype(np.float64)
        zeros[part] = np.count_nonzero(values == 0.0, axis=1) / size
        with np.errstate(invalid="ignore"):
            total = values.sum(axis=1)
        if np.isfinite(total).all():
            mean[part], std[part] = _moments(values, total, size)
        else:
            nans[part] = np.count_nonzero(np.isnan(values), axis=1)
            mean[part], std[part] = _finite_moments(values)
    for array in (mean, std, zeros, nans):
        array.setflags(write=False)
    return MapStatistics(mean, std, zeros, nans)


def _moments(values: Doubles, total: Doubles, size: int) -> tuple[Doubles, Doubles]:
    """Return mean and standard deviation of each row; ``values`` is used up."""
    mean = total / size
    values -= mean[:, None]
    return mean, np.sqrt(np.einsum("ij,ij->i", values, values) / size)


def _finite_moments(values: Doubles) -> tuple[Doubles, Doubles]:
    """The same of the finite values alone."""
    finite = np.isfinite(values)
    size = np.maximum(1, finite.sum(axis=1))
    mean = np.where(finite, values, 0.0).sum(axis=1) / size
    away = np.where(finite, values, mean[:, None]) - mean[:, None]
    return mean, np.sqrt(np.einsum("ij,ij->i", away, away) / size)
