"""Lamps with a size, and the light that comes from everywhere else."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from .vectors import dot, length, mix, normalize, smoothstep, vec


@dataclass(frozen=True)
class AreaLight:
    """A square soft box that looks at a point.

    ``color`` is its radiance (linear RGB), ``side`` its edge. Seen in a polished surface it shows as a square.
    """

    position: tuple[float, float, float]
    target: tuple[float, float, float]
    side: float
    color: tuple[float, float, float]

    def axes(self) -> tuple[Tensor, Tensor, Tensor]:
        """Return its facing direction and the two directions of its edges, each (3, 1)."""
        facing = normalize(vec(*self.target) - vec(*self.position))
        right = normalize(torch.linalg.cross(facing, vec(0.0, 1.0, 0.01), dim=0))
        return facing, right, torch.linalg.cross(right, facing, dim=0)

    def point(self, pair: Tensor) -> Tensor:
        """Return points on the lamp (3, N) for numbers in [0, 1), (2, N)."""
        _, right, up = self.axes()
        return vec(*self.position) + self.side * ((pair[0] - 0.5) * right + (pair[1] - 0.5) * up)

    def irradiance(self, toward: Tensor, distance: Tensor) -> Tensor:
        """Return what the lamp sends (3, N) to points seen in the unit direction ``-toward`` at ``distance``."""
        facing, _, _ = self.axes()
        cosine = dot(-toward, facing).clamp_min(0.0)
        return vec(*self.color) * (cosine * self.side**2 / (distance * distance))

    def seen(self, origin: Tensor, direction: Tensor) -> Tensor:
        """Return the radiance (3, N) that rays find if they run into the lamp, 0 elsewhere; its rim is soft."""
        facing, right, up = self.axes()
        cosine = dot(direction, -facing)
        t = dot(vec(*self.position) - origin, -facing) / torch.where(cosine > 1e-4, cosine, torch.full_like(cosine, 1e-4))
        away = origin + direction * t - vec(*self.position)
        edge = torch.maximum(dot(away, right).abs(), dot(away, up).abs()) / (self.side / 2)
        share = (1.0 - smoothstep(0.85, 1.0, edge)) * (cosine > 1e-3) * (t > 0)
        return vec(*self.color) * share


@dataclass(frozen=True)
class BallLight:
    """A small glowing ball, such as a flame. ``color`` is its radiance (linear RGB)."""

    position: tuple[float, float, float]
    radius: float
    color: tuple[float, float, float]

    def point(self, pair: Tensor) -> Tensor:
        """Return points on the ball (3, N) for numbers in [0, 1), (2, N)."""
        height, angle = 2.0 * pair[0] - 1.0, 2 * math.pi * pair[1]
        ring = (1.0 - height * height).clamp_min(0.0).sqrt()
        return vec(*self.position) + self.radius * torch.stack((ring * angle.cos(), height, ring * angle.sin()))

    def irradiance(self, toward: Tensor, distance: Tensor) -> Tensor:
        """Return what the ball sends (3, N) to points at ``distance``."""
        return vec(*self.color) * (math.pi * self.radius**2 / distance.clamp_min(self.radius) ** 2)

    def seen(self, origin: Tensor, direction: Tensor) -> Tensor:
        """Return the radiance (3, N) that rays find if they run into the ball, 0 elsewhere."""
        away = vec(*self.position) - origin
        along = dot(away, direction)
        gap = length(away - along * direction) / self.radius
        return vec(*self.color) * ((1.0 - smoothstep(0.7, 1.0, gap)) * (along > 0))


@dataclass(frozen=True)
class Sky:
    """Light from all around: a colour above, one at eye level, one below."""

    zenith: tuple[float, float, float]
    horizon: tuple[float, float, float]
    ground: tuple[float, float, float]

    def __call__(self, direction: Tensor) -> Tensor:
        height = direction[1]
        above = mix(vec(*self.horizon), vec(*self.zenith), smoothstep(0.0, 0.9, height))
        return mix(above, vec(*self.ground), 1.0 - smoothstep(-0.25, 0.05, height))


Backdrop = Callable[[Tensor], Tensor]
"""What the camera sees where it meets nothing: unit directions (3, N) to colours (3, N)."""
