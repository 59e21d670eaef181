"""Integrated gradients, a few points of the path at a time."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from core.inference.measure import first_tensor
from core.inference.session import Session
from core.insight.attribution.captum_door import captum_attr, quiet
from core.insight.attribution.found import Found, Search
from core.insight.attribution.pace import Pace
from core.insight.budget import check_gradient
from core.types import JobProgress, Preprocessing

STEPS = 50
"""Points of the path, those of Gauss-Legendre quadrature."""


def black(batch: Tensor, how: Preprocessing) -> Tensor:
    """Return the input tensor (1, channels, H, W) of a black picture."""
    mean, std = (torch.tensor(numbers, dtype=batch.dtype).view(1, -1, 1, 1) for numbers in (how.mean, how.std))
    return (-mean / std).expand_as(batch).contiguous()


def integrated_gradients(session: Session, batch: Tensor, category: int, steps: int = STEPS) -> Search:
    """Add up the gradients of the category's logit on the straight way from a black picture to this one.

    Sundararajan, Taly and Yan 2017, equation 1, by captum's ``IntegratedGradients``, which is given a slice of its points and
    weights at a time, as it does itself where memory is short.

    Parameters
    ----------
    session, batch
        The loaded model, and float32 (1, channels, H, W).
    category
        Index of the category.
    steps
        How many points of the path.

    Returns
    -------
    Values of the input's height and width, in logits, summed over its channels; their sum is the logit of the picture less
    that of the black one (completeness, their section 3). How near it comes is in the note.
    """
    yield JobProgress(0, steps, "Preparing")
    attr = captum_attr()
    from captum.attr._utils.approximation_methods import approximation_parameters

    weights, places = (parameters(steps) for parameters in approximation_parameters("gausslegendre"))
    start = black(batch, session.info.preprocessing)
    logits = session.forward(torch.cat([batch, start]))
    fitting = check_gradient(session.info.layers, session.device, "Integrated gradients", "Grad-CAM or occlusion")
    total, pace, done = torch.zeros(batch.shape[1:], dtype=torch.float64), Pace(fitting), 0
    while done < steps:
        yield JobProgress(done, steps, f"Point {done} of {steps}")
        part = slice(done, done + pace.count)
        pace.start()
        total += _part(session, attr, batch, start, category, (weights[part], places[part]))
        pace.stop()
        done += len(weights[part])
    gain = float(logits[0, category] - logits[1, category])
    found = float(total.sum())
    return Found(total.sum(0).float().numpy(), logits[:1], f"values add up to {found:.3g}, the score gains {gain:.3g}")


def _part(
    session: Session, attr: object, batch: Tensor, start: Tensor, category: int, points: tuple[list[float], list[float]]
) -> Tensor:
    """Return the share of some points of the path, float64 (channels, H, W) on the CPU."""

    def work(module: nn.Module, inputs: Tensor) -> Tensor:
        # A copy: a network that begins with an in-place operation must not write into a leaf.
        method = attr.IntegratedGradients(lambda pictures: first_tensor(module(pictures.clone())))  # type: ignore[attr-defined]
        with quiet():
            (share,) = method._attribute(
                (inputs,), (start.to(inputs.device),), target=category, n_steps=len(points[0]), step_sizes_and_alphas=points
            )
        return share[0].detach().cpu().double()  # type: ignore[no-any-return]

    return session.run(work, batch, gradients=True)[0]
