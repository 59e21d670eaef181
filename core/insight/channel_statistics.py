"""Figures about the channels of a layer's output. numpy only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]

_AT_ONCE = 1 << 16
"""Values in double precision at a time: they stay in the processor's cache."""


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """One number for each channel, float64 or int64 (channels,).

    ``mean`` and ``std`` (of the population) are those of the finite values, NaN where there are none; ``zeros`` is the share
    of all values that are exactly 0, in [0, 1]; ``finite`` and ``nans`` count values.
    """

    mean: Doubles
    std: Doubles
    zeros: Doubles
    finite: Counts
    nans: Counts


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
    nans: Counts
    infinities: Counts


def channel_statistics(channels: Floats) -> ChannelStatistics:
    """Describe channels, with sums in double precision.

    Parameters
    ----------
    channels
        float32 (channels, values), at least one value each; may be a view, and is not changed.
    """
    found = moments(channels)
    minimum, maximum = channels.min(axis=1).astype(np.float64), channels.max(axis=1).astype(np.float64)
    odd = np.flatnonzero(found.finite < channels.shape[1])
    real = np.isfinite(channels[odd])
    some = found.finite[odd] > 0
    minimum[odd] = np.where(some, np.where(real, channels[odd], np.inf).min(axis=1), np.nan)
    maximum[odd] = np.where(some, np.where(real, channels[odd], -np.inf).max(axis=1), np.nan)
    infinities = channels.shape[1] - found.finite - found.nans
    return ChannelStatistics(found.mean, found.std, minimum, maximum, found.zeros, found.nans, infinities)


def moments(channels: Floats) -> Moments:
    """Measure what takes sums; parameters as for :func:`channel_statistics`."""
    count, size = channels.shape
    mean, std, zeros = (np.zeros(count) for _ in range(3))
    finite, nans = np.full(count, size, np.int64), np.zeros(count, np.int64)
    step = max(1, _AT_ONCE // size)
    for first in range(0, count, step):
        part = slice(first, first + step)
        values = channels[part].astype(np.float64)
        zeros[part] = np.count_nonzero(values == 0.0, axis=1) / size
        with np.errstate(invalid="ignore"):
            total = values.sum(axis=1)
        if np.isfinite(total).all():
            mean[part], std[part] = _plain(values, total, size)
        else:
            nans[part] = np.count_nonzero(np.isnan(values), axis=1)
            mean[part], std[part], finite[part] = _of_finite(values)
    return Moments(mean, std, zeros, finite, nans)


def _plain(values: Doubles, total: Doubles, size: int) -> tuple[Doubles, Doubles]:
    """Return mean and standard deviation of each row; ``values`` is used up."""
    mean = total / size
    values -= mean[:, None]
    return mean, np.sqrt(np.einsum("ij,ij->i", values, values) / size)


def _of_finite(values: Doubles) -> tuple[Doubles, Doubles, Counts]:
    """The same of the finite values alone, and how many they are."""
    real = np.isfinite(values)
    size = real.sum(axis=1)
    # A channel without a finite value divides zero by zero.
    with np.errstate(invalid="ignore"):
        mean = np.where(real, values, 0.0).sum(axis=1) / size
        away = np.where(real, values, mean[:, None]) - mean[:, None]
        std = np.sqrt(np.einsum("ij,ij->i", away, away) / size)
    return mean, std, size
