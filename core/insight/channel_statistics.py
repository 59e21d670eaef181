"""Figures about the channels of a layer's output. numpy only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class ChannelStatistics:
    """One number for each channel, float64 (channels,), but ``nans`` and ``infinities`` int64.

    ``mean``, ``std`` (of the population), ``minimum`` and ``maximum`` are those of the finite values, NaN where there are
    none; ``zeros`` is the share of all values that are exactly 0, in [0, 1].
    """

    mean: Doubles
    std: Doubles
    minimum: Doubles
    maximum: Doubles
    zeros: Doubles
    nans: npt.NDArray[np.int64]
    infinities: npt.NDArray[np.int64]


def channel_statistics(channels: npt.NDArray[np.float32]) -> ChannelStatistics:
    """Describe channels, with sums in double precision.

    Parameters
    ----------
    channels
        float32 (channels, values), at least one value each.
    """
    values = channels.astype(np.float64)
    real = np.isfinite(values)
    count = real.sum(axis=1)
    # A channel without a finite value divides zero by zero.
    with np.errstate(invalid="ignore"):
        mean = np.where(real, values, 0.0).sum(axis=1) / count
        away = np.where(real, values, mean[:, None]) - mean[:, None]
        std = np.where(count, np.sqrt((away**2).sum(axis=1) / count), np.nan)
    return ChannelStatistics(
        mean=mean,
        std=std,
        minimum=np.where(count, np.where(real, values, np.inf).min(axis=1), np.nan),
        maximum=np.where(count, np.where(real, values, -np.inf).max(axis=1), np.nan),
        zeros=(values == 0).mean(axis=1),
        nans=np.isnan(values).sum(axis=1),
        infinities=np.isinf(values).sum(axis=1),
    )
