"""How much memory a dense pass takes, found out before it is made, and how much it may."""

from __future__ import annotations

import math
import os

import torch

from core.errors import DeviceError
from core.inference.devices import free_bytes
from core.insight.budget import VARIABLE, budget
from core.protocols.dense_plan import Plan

_FLOAT32_BYTES = 4
_MIB = 1 << 20

_MAPS = 5
"""So many of the largest map there are at once: what a layer takes and gives, the convolution's own layout of both, and what
was kept for later. Measured on five families, passes took 0.5 to 1.0 times what is then predicted."""

_VECTORS = 3
_SHARE = 2
"""A pass may take one part in so many of the free memory; nothing of it stays."""


def predict(plan: Plan, side: int, size: tuple[int, int]) -> int:
    """Predict the bytes that a pass takes at its height.

    Parameters
    ----------
    plan
        How the network slides.
    side
        Of the picture that the plan was made for, in pixels.
    size
        (height, width) of the picture, in pixels.
    """
    larger = size[0] * size[1] / side**2
    windows = math.prod(max(1, (long - side) // step + 1) for long, step in zip(size, plan.stride, strict=True))
    cut = sum(math.prod(boundary.shape) for boundary in plan.boundaries.values())
    numbers = _MAPS * plan.largest_map * larger + windows * (cut + _VECTORS * plan.largest_vector)
    return math.ceil(_FLOAT32_BYTES * numbers)


def check(plan: Plan, side: int, size: tuple[int, int], device: torch.device) -> None:
    """Refuse a pass that would take too much memory.

    Raises
    ------
    DeviceError
        With what it needs, what it may, and what to do.
    """
    free = free_bytes(device)
    said = bool(os.environ.get(VARIABLE, "").strip())
    if free is None and not said:
        return
    allowed = budget(free) if said else (free or 0) // _SHARE
    needed = predict(plan, side, size)
    if needed > allowed:
        where = "" if device.type == "cpu" else f" on {device}"
        raise DeviceError(
            f"A dense pass over {size[1]}×{size[0]} pixels needs {math.ceil(needed / _MIB):,} MiB of memory{where}, and the "
            f"budget is {allowed // _MIB:,} MiB. Choose a smaller Q, close other programs, or set {VARIABLE} to more MiB."
        )
