"""Losses, optimizers and schedules of a recipe, from torch's own."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import SGD, Adam, AdamW, Optimizer
from torch.optim.lr_scheduler import (
    ConstantLR,
    CosineAnnealingLR,
    LinearLR,
    LRScheduler,
    ReduceLROnPlateau,
    SequentialLR,
)

from core.types import Recipe

AUXILIARY = 0.3
"""Weight of an auxiliary head's loss (Szegedy et al. 2014, section 5)."""

Loss = Callable[[Tensor, Tensor], Tensor]
"""Logits (N, categories) and targets, int64 (N,) or shares (N, categories), to the mean loss."""


def loss_of(recipe: Recipe) -> Loss:
    """The loss of a recipe."""
    if recipe.loss == "hinge":
        return hinge

    def softmax(logits: Tensor, targets: Tensor) -> Tensor:
        return F.cross_entropy(logits, targets, label_smoothing=recipe.label_smoothing)

    return softmax


def hinge(logits: Tensor, targets: Tensor) -> Tensor:
    """One linear SVM a category, one against the rest: the mean over pictures of the sum of max(0, 1 - y s).

    VGG paper, appendix B; the L2 penalty is the optimizer's weight decay. ``targets`` may be shares, as mixing makes them.
    """
    if targets.dtype == torch.int64:
        targets = F.one_hot(targets, logits.shape[1]).to(logits.dtype)
    return (targets * F.relu(1 - logits) + (1 - targets) * F.relu(1 + logits)).sum(1).mean()


def mixed(batch: Tensor, targets: Tensor, categories: int, share: float, order: Tensor) -> tuple[Tensor, Tensor]:
    """Mix each picture with another one of the batch (Zhang et al. 2017, https://arxiv.org/abs/1710.09412).

    ``share`` is what a picture keeps, ``order`` the rows of the others. The targets become shares (N, categories).
    """
    named = F.one_hot(targets, categories).to(batch.dtype)
    return batch.lerp(batch[order], 1 - share), named.lerp(named[order], 1 - share)


def optimizer_of(recipe: Recipe, module: nn.Module, head: Iterable[str]) -> Optimizer:
    """The optimizer: biases and norms without weight decay; in the mode "full" the body at its own rate."""
    starts = tuple(f"{path}." for path in head)
    groups: dict[tuple[bool, bool], list[Tensor]] = {}
    for name, parameter in module.named_parameters():
        if parameter.requires_grad:
            groups.setdefault((name.startswith(starts), parameter.ndim > 1), []).append(parameter)
    body_rate = recipe.rate * (recipe.body_rate if recipe.mode == "full" else 1.0)
    settings = [
        {
            "params": parameters,
            "lr": recipe.rate if of_head else body_rate,
            "weight_decay": recipe.weight_decay if decays else 0.0,
        }
        for (of_head, decays), parameters in groups.items()
    ]
    if recipe.optimizer == "sgd":
        return SGD(settings, lr=recipe.rate, momentum=recipe.momentum, nesterov=recipe.momentum > 0 and recipe.nesterov)
    return (Adam if recipe.optimizer == "adam" else AdamW)(settings, lr=recipe.rate)


class Schedule:
    """The rate over a run: told of every step and of every validation, saved and restored like an optimizer.

    Parameters
    ----------
    recipe
        Its schedule, warm-up, factor and patience count.
    optimizer
        Whose rates are set.
    steps
        Of the whole run.
    """

    def __init__(self, recipe: Recipe, optimizer: Optimizer, steps: int) -> None:
        self._optimizer = optimizer
        climb = round(recipe.warm_up * steps)
        self._plateau = (
            ReduceLROnPlateau(optimizer, mode="max", factor=recipe.factor, patience=recipe.patience, threshold=1e-4, eps=0.0)
            if recipe.schedule == "plateau"
            else None
        )
        self._stepwise: LRScheduler | None = None
        if recipe.schedule == "cosine":
            self._stepwise = CosineAnnealingLR(optimizer, max(1, steps - climb))
        elif climb:
            self._stepwise = ConstantLR(optimizer, 1.0, 1)
        if climb and self._stepwise is not None:
            rising = LinearLR(optimizer, 1 / climb, 1.0, climb)
            self._stepwise = SequentialLR(optimizer, [rising, self._stepwise], [climb])

    @property
    def rate(self) -> float:
        """The rate of the head, or of the whole."""
        return max(float(group["lr"]) for group in self._optimizer.param_groups)

    def step(self) -> None:
        """A batch was learned from."""
        if self._stepwise is not None:
            self._stepwise.step()

    def validated(self, top1: float) -> None:
        """An epoch was validated."""
        if self._plateau is not None:
            self._plateau.step(top1)

    def state_dict(self) -> dict[str, object]:
        """What :meth:`load_state_dict` takes."""
        parts = {"stepwise": self._stepwise, "plateau": self._plateau}
        return {name: part.state_dict() for name, part in parts.items() if part is not None}

    def load_state_dict(self, state: dict[str, dict[str, object]]) -> None:
        """Go on from where another one was."""
        if self._stepwise is not None:
            self._stepwise.load_state_dict(state["stepwise"])
        if self._plateau is not None:
            self._plateau.load_state_dict(state["plateau"])
