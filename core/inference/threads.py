"""How many threads of the CPU a network is worth."""

from __future__ import annotations

import math
from collections.abc import Iterable

import torch

from core.types import LayerInfo

_ALL = torch.get_num_threads()
"""What torch, or OMP_NUM_THREADS, chose at the start."""

SMALL = 1_000_000_000
"""Multiply-adds of one forward pass below which sharing out the work costs more than it saves."""


def set_threads(layers: Iterable[LayerInfo]) -> int:
    """Let torch use one thread for a small network and all of them for a large one; return how many.

    The number counts for the whole process. It follows from the network alone, not from a clock, so that the same
    picture gives the same bits in every run.
    """
    count = 1 if rough_macs(layers) < SMALL else _ALL
    if torch.get_num_threads() != count:
        torch.set_num_threads(count)
    return count


def rough_macs(layers: Iterable[LayerInfo]) -> int:
    """Estimate the multiply-adds of one forward pass: every parameter is used once at each position of the output."""
    return sum(layer.parameters * _positions(layer.output_shape) for layer in layers if layer.leaf)


def _positions(shape: tuple[int, ...]) -> int:
    """Positions of an output, taking the widest of its axes but the batch for its channels."""
    inner = shape[1:]
    return math.prod(inner) // max(inner, default=1) if inner and 0 not in inner else 0
