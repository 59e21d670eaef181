"""From logits to the top-k."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from core.errors import ModelError
from core.types import MAX_TOP_K, Prediction, frozen


def probabilities(logits: Tensor) -> npt.NDArray[np.float32]:
    """Turn the logits (1, categories) of one picture into probabilities: the softmax in float32, (categories,), read-only."""
    found: npt.NDArray[np.float32] = _softmax(logits).numpy()
    return frozen(found)


def _softmax(logits: Tensor) -> Tensor:
    return torch.softmax(logits[0].detach().to("cpu", torch.float32), dim=0)


def top_predictions(logits: Tensor, categories: Sequence[str], count: int = MAX_TOP_K) -> tuple[Prediction, ...]:
    """Turn logits into the likeliest categories.

    Parameters
    ----------
    logits
        (1, categories), any floating-point type and device.
    categories
        One name for each output.
    count
        How many at most.

    Returns
    -------
    min(count, categories) rows, the likeliest first; probabilities are the softmax in float32, unrounded.

    Raises
    ------
    ModelError
        If the probabilities are not numbers.
    """
    return likeliest(_softmax(logits), categories, count)


def likeliest(shares: Tensor, categories: Sequence[str], count: int = MAX_TOP_K) -> tuple[Prediction, ...]:
    """Turn probabilities, float32 (categories,) on the CPU, into the likeliest categories; else as :func:`top_predictions`."""
    if not bool(shares.isfinite().all()):
        raise ModelError("The network's output for this picture is not a number (NaN); its weights may be damaged.")
    # Stable, so that equals come in the order of the categories: topk() orders them otherwise from one call to the next.
    values, indices = (part[: min(count, len(categories))] for part in shares.sort(descending=True, stable=True))
    pairs = zip(indices.tolist(), values.tolist(), strict=True)
    return tuple(
        Prediction(rank, index, categories[index], value) for rank, (index, value) in enumerate(pairs, start=1)
    )
