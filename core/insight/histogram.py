"""How the values of a channel are spread. numpy only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

BINS = 40


@dataclass(frozen=True, slots=True, eq=False)
class Histogram:
    """``counts`` int64 (bins,) of the values between neighbouring ``edges``, float64 (bins + 1,); no bins without values."""

    counts: npt.NDArray[np.int64]
    edges: npt.NDArray[np.float64]


def histogram(values: npt.NDArray[np.float32], bins: int = BINS) -> Histogram:
    """Count the finite values of an array of any shape in bins of equal width, from the least to the greatest.

    Values that are all one, or too close to be told apart in so many steps, make a single bin.
    """
    finite = values[np.isfinite(values)].astype(np.float64)
    if not finite.size:
        return Histogram(np.zeros(0, np.int64), np.zeros(1))
    low, high = float(finite.min()), float(finite.max())
    edges = np.linspace(low, high, bins + 1)
    if not (np.diff(edges) > 0).all():
        return Histogram(np.array([finite.size], np.int64), np.array([low, high]))
    # Not with the edges: numpy would sort all values to count them.
    counts, edges = np.histogram(finite, bins, (low, high))
    return Histogram(counts.astype(np.int64), edges)
