"""How alike feature maps are. numpy only."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]


def cosine_similarities(maps: Floats, channel: int, mean: Floats, std: Floats) -> Doubles:
    """Compare every map with one of them by the cosine of the angle between their values.

    Parameters
    ----------
    maps
        float32 (count, height, width).
    channel
        The one to compare with.
    mean, std
        Of each map's finite values, float32 (count,): the lengths follow from them, so that the maps are gone through once.

    Returns
    -------
    float64 (count,), -1 to 1; 0 where either map is zero all over. Values that are not finite count as 0.
    """
    flat = maps.reshape(len(maps), -1)
    size = flat.shape[1]
    lengths = np.sqrt(size * (mean.astype(np.float64) ** 2 + std.astype(np.float64) ** 2))
    with np.errstate(over="ignore", invalid="ignore"):
        one = _real(flat[channel])
        unit = one / (np.linalg.norm(one) or 1.0)
        dots = (flat @ unit.astype(np.float32)).astype(np.float64)
        for odd in np.flatnonzero(~np.isfinite(dots)):
            values = _real(flat[odd])
            dots[odd], lengths[odd] = values @ unit, np.linalg.norm(values)
        found = np.divide(dots, lengths, out=np.zeros_like(dots), where=lengths > 0)
    return np.clip(found, -1.0, 1.0)


def _real(values: Floats) -> Doubles:
    return np.nan_to_num(values.astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)
