"""Rows of the head that must not change: what a network knows of categories that it is shown no pictures of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor, nn


class HeldRows:
    """Some rows of the weights and biases of heads, put back after each step, whatever the optimizer did to them.

    Learning from pictures of a few categories would push the logits of all others down, and decay would wear them off.

    Parameters
    ----------
    module
        What learns.
    heads
        Paths of its modules with one row per category; "" is the module itself.
    rows
        Indices of the categories to hold as they are now.
    """

    def __init__(self, module: nn.Module, heads: Iterable[str], rows: Sequence[int]) -> None:
        self._held: list[tuple[Tensor, Tensor, Tensor]] = []
        for path in heads if rows else ():
            for parameter in module.get_submodule(path).parameters(recurse=False):
                index = torch.tensor(rows, device=parameter.device)
                self._held.append((parameter, index, parameter.detach()[index].clone()))

    @torch.no_grad()
    def put_back(self) -> None:
        """A step was taken."""
        for parameter, index, values in self._held:
            parameter[index] = values
