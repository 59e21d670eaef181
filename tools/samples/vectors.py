"""Arithmetic on bundles of vectors (3, N) and on the numbers that steer them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor


@lru_cache(maxsize=4096)
def vec(x: float, y: float, z: float) -> Tensor:
    """Return one vector or colour as (3, 1), ready to broadcast; it is shared, so do not write to it."""
    return torch.tensor([[x], [y], [z]], dtype=torch.float32)


def dot(a: Tensor, b: Tensor) -> Tensor:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def length(a: Tensor) -> Tensor:
    return dot(a, a).sqrt()


def normalize(a: Tensor) -> Tensor:
    return a / length(a).clamp_min(1e-9)


def reflect(direction: Tensor, normal: Tensor) -> Tensor:
    return direction - 2.0 * dot(direction, normal) * normal


def mix(a: Tensor, b: Tensor, share: Tensor | float) -> Tensor:
    """Go from ``a`` (share 0) to ``b`` (share 1)."""
    return a + (b - a) * share


def smoothstep(low: float, high: float, x: Tensor) -> Tensor:
    t = ((x - low) / (high - low)).clamp(0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)


@lru_cache(maxsize=256)
def rotation(*turns: tuple[str, float]) -> Tensor:
    """Return the matrix (3, 3) of turns about the axes, the first one applied first.

    A turn is an axis and degrees, counter-clockwise when the axis points at the viewer.
    """
    matrix = torch.eye(3)
    for axis, degrees in turns:
        first, second = {"x": (1, 2), "y": (2, 0), "z": (0, 1)}[axis]
        cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
        turn = torch.eye(3)
        turn[first, first] = turn[second, second] = cosine
        turn[first, second], turn[second, first] = -sine, sine
        matrix = turn @ matrix
    return matrix


@dataclass(frozen=True)
class Placement:
    """Where a solid stands: it is scaled, then turned, then moved."""

    center: tuple[float, float, float] = (0.0, 0.0, 0.0)
    turns: tuple[tuple[str, float], ...] = ()
    size: float = 1.0

    def local(self, p: Tensor) -> Tensor:
        """Take points of the scene to the solid's own coordinates."""
        return rotation(*self.turns).T @ (p - vec(*self.center)) / self.size

    def direction(self, d: Tensor) -> Tensor:
        """Take directions of the scene to the solid's own coordinates."""
        return rotation(*self.turns).T @ d

    def back(self, d: Tensor) -> Tensor:
        """Take directions of the solid back to the scene."""
        return rotation(*self.turns) @ d


def tangents(normal: Tensor) -> tuple[Tensor, Tensor]:
    """Return two directions that complete each unit normal to a right-handed frame (Duff et al., 2017)."""
    x, y, z = normal
    sign = torch.where(z >= 0, 1.0, -1.0)
    a = -1.0 / (sign + z)
    b = x * y * a
    return (torch.stack((1.0 + sign * x * x * a, sign * b, -sign * x)), torch.stack((b, sign + y * y * a, -y)))
