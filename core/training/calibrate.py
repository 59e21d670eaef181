"""Making probabilities mean what they say: one temperature, found on pictures that were not trained on."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

_LOW, _HIGH = 0.05, 20.0
_STEPS = 60
_EVEN = 0.5


def temperature_of(logits: Tensor, targets: Tensor) -> float:
    """Find what to divide logits by so that the cross-entropy is least (Guo et al. 2017, section 4.2).

    Parameters
    ----------
    logits
        float (N, categories).
    targets
        int64 (N,).

    Returns
    -------
    Between 0.05 and 20. The cross-entropy has one minimum in 1/T, so that a ternary search finds it.
    """
    low, high = torch.tensor(1 / _HIGH).log().item(), torch.tensor(1 / _LOW).log().item()
    scores = logits.double()

    def loss(inverse: float) -> float:
        return float(F.cross_entropy(scores * torch.tensor(inverse).exp(), targets))

    for _ in range(_STEPS):
        third = (high - low) / 3
        if loss(low + third) < loss(high - third):
            high -= third
        else:
            low += third
    return float(1 / torch.tensor((low + high) / 2).exp())


def fold(module: nn.Module, head: str, temperature: float) -> bool:
    """Divide the logits of a network by a temperature for good, by dividing the weights of its classifier.

    Whoever loads the weights, by whatever program, has calibrated probabilities then.

    Parameters
    ----------
    module
        The network; its classifier is changed.
    head
        Path of the classifier, a layer with ``weight`` and perhaps ``bias`` that only pooling or ReLU follows.
    temperature
        More than 0.

    Returns
    -------
    Whether it could be done; if not, nothing was changed.
    """
    layer = module.get_submodule(head)
    if not isinstance(layer, nn.Linear | nn.Conv2d):
        return False
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.div_(temperature)
    return True


def half_right_below(probabilities: Tensor, targets: Tensor) -> float:
    """Find the top-1 probability below which an answer is more often wrong than right.

    The one that judges the most answers rightly where those below it are taken for wrong and the others for right, the
    smallest where several do: just below it fewer than half of the answers are right, from it on at least half.

    Parameters
    ----------
    probabilities
        float (N, categories), at least one picture; calibrated ones give a threshold near one half.
    targets
        int64 (N,).

    Returns
    -------
    Between 0, where no answer is to be taken for wrong, and 0.5: a calibrated answer of one half is right half of the time, and
    a few pictures more or less do not make it worse than that.
    """
    sure, said = probabilities.max(1)
    order = sure.argsort(stable=True)
    sure, right = sure[order].double(), (said == targets)[order].double()
    gain = torch.cat((torch.zeros(1, dtype=torch.float64), (0.5 - right).cumsum(0)))
    # Equally sure answers lie on the same side.
    gain[1:-1][sure[1:] == sure[:-1]] = -torch.inf
    place = int(gain[: int(torch.searchsorted(sure, _EVEN)) + 1].argmax())
    if place == 0:
        return 0.0
    return min(_EVEN, 1.0 if place == len(sure) else float(sure[place]))


def expected_calibration_error(probabilities: Tensor, targets: Tensor, bins: int = 15) -> float:
    """Mean distance between how sure the top-1 is and how often it is right, over bins of sureness (Guo et al., eq. 3)."""
    sure, said = probabilities.max(1)
    right = (said == targets).double()
    place = (sure * bins).long().clamp(max=bins - 1)
    error = 0.0
    for one in range(bins):
        inside = place == one
        if bool(inside.any()):
            error += float(inside.double().mean() * (right[inside].mean() - sure[inside].double().mean()).abs())
    return error
