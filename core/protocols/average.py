"""From the scores of views to one answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt

from core.types import frozen

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]


def averaged(logits: Doubles, votes: Floats, weights: Sequence[float], what: Literal["softmax", "logits"]) -> Floats:
    """Average views.

    Parameters
    ----------
    logits, votes
        (views, categories): the scores of each view, and their softmax.
    weights
        Of each view, the sum being 1.
    what
        "softmax" averages ``votes``, as section 3.2 of the VGG paper does; "logits" the scores, with one softmax at the end.

    Returns
    -------
    float32 (categories,), read-only, reckoned in float64. A single view's is its vote, bit for bit.
    """
    if len(votes) == 1:
        return frozen(votes[0])
    if what == "softmax":
        return mixed(list(votes), weights)
    return frozen(softmax(np.asarray(weights) @ logits).astype(np.float32))


def mixed(probabilities: Sequence[Floats], weights: Sequence[float]) -> Floats:
    """Return the weighted sum of probabilities, each float32 (categories,), reckoned in float64; read-only."""
    if len(probabilities) == 1:
        return frozen(probabilities[0])
    whole: Doubles = np.asarray(weights) @ np.stack(probabilities).astype(np.float64)
    return frozen(whole.astype(np.float32))


def softmax(logits: Doubles) -> Doubles:
    """Return the softmax of scores (categories,)."""
    raised: Doubles = np.exp(logits - logits.max())
    share: Doubles = raised / raised.sum()
    return share
