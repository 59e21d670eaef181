"""Sphere tracing: where rays meet the scene."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from .scene import Scene
from .vectors import normalize, vec

MISS = 1e6


def box_span(scene: Scene, origin: Tensor, direction: Tensor) -> tuple[Tensor, Tensor]:
    """Return where rays enter and leave the box around all parts; they miss it where the entry lies behind the exit."""
    inverse = 1.0 / torch.where(direction.abs() < 1e-8, torch.full_like(direction, 1e-8), direction)
    first, second = (vec(*scene.low) - origin) * inverse, (vec(*scene.high) - origin) * inverse
    return torch.minimum(first, second).amax(0).clamp_min(0.0), torch.maximum(first, second).amin(0)


def floor_distance(origin: Tensor, direction: Tensor) -> Tensor:
    """Return how far rays run to the plane y = 0 from above, or MISS."""
    t = -origin[1] / torch.where(direction[1] < -1e-6, direction[1], torch.full_like(direction[1], -1e-6))
    return torch.where((direction[1] < -1e-6) & (t > 0), t, torch.full_like(t, MISS))


@dataclass(frozen=True)
class Care:
    """How carefully rays are traced: the gap at which they count as arrived (grows with distance), and when they give up."""

    gap: float
    growth: float
    steps: int


SHARP = Care(2e-4, 4e-4, 140)
ROUGH = Care(1e-3, 2e-3, 36)
"""For light that comes round a corner, where a small error does not show."""


def march(
    scene: Scene, origin: Tensor, direction: Tensor, limit: Tensor, start: float = 0.0, care: Care = SHARP
) -> Tensor:
    """Return how far rays run to the first part, (N,), or MISS.

    Parameters
    ----------
    limit
        Rays give up after this distance, (N,).
    start
        Distance skipped at the beginning.
    """
    enter, leave = box_span(scene, origin, direction)
    enter, leave = enter.clamp_min(start), torch.minimum(leave, limit)
    result = torch.full_like(enter, MISS)
    active = (enter < leave).nonzero().flatten()
    t, leave = enter[active], leave[active]
    o, d = origin[:, active], direction[:, active]
    for step in range(care.steps):
        if not len(active):
            break
        gap = scene.distance(o + d * t) * scene.march_scale
        hit = gap < care.gap + care.growth * t
        t = torch.where(hit, t, t + gap)
        done = hit | (t > leave)
        if step % 2 == 0 or step == care.steps - 1:
            result[active[hit]] = t[hit]
            keep = (~done).nonzero().flatten()
            active, t, leave, o, d = active[keep], t[keep], leave[keep], o[:, keep], d[:, keep]
    # A grazing ray that ran out of steps is as good as there.
    result[active] = t
    return result


def normals(scene: Scene, p: Tensor, step: float = 6e-4) -> Tensor:
    """Return unit normals (3, N) from four distances around each point."""
    total = torch.zeros_like(p)
    for corner in ((1, -1, -1), (-1, -1, 1), (-1, 1, -1), (1, 1, 1)):
        k = vec(*corner)
        total += k * scene.distance(p + k * step)
    return normalize(total)
