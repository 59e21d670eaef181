"""Signed distances of solids, negative inside. Points (3, N) in, distances (N,) out, in the units of the scene."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn.functional import grid_sample

from .vectors import dot, length, vec


def sphere(p: Tensor, radius: float) -> Tensor:
    return length(p) - radius


def ellipsoid(p: Tensor, x: float, y: float, z: float) -> Tensor:
    """Approximate distance to an ellipsoid with the given half axes; exact on the surface."""
    axes = vec(x, y, z)
    k0, k1 = length(p / axes), length(p / (axes * axes))
    return k0 * (k0 - 1.0) / k1.clamp_min(1e-6)


def capsule(p: Tensor, start: Sequence[float], end: Sequence[float], radius: float, end_radius: float = -1.0) -> Tensor:
    """Round stick between two points; its radius may taper."""
    a, b = vec(*start), vec(*end)
    along = b - a
    share = (dot(p - a, along) / dot(along, along)).clamp(0.0, 1.0)
    taper = radius if end_radius < 0 else radius + (end_radius - radius) * share
    return length(p - a - along * share) - taper


def torus(p: Tensor, major: float, minor: float) -> Tensor:
    """Ring about the y axis."""
    ring = torch.hypot(p[0], p[2]) - major
    return torch.hypot(ring, p[1]) - minor


def box(p: Tensor, x: float, y: float, z: float, rounding: float = 0.0) -> Tensor:
    """Box with half extents x, y, z (rounding included)."""
    q = p.abs() - vec(x, y, z) + rounding
    return length(q.clamp_min(0.0)) + q.amax(0).clamp_max(0.0) - rounding


def cylinder(p: Tensor, radius: float, half_height: float, rounding: float = 0.0) -> Tensor:
    """Upright cylinder about the y axis."""
    side = torch.hypot(p[0], p[2]) - radius + rounding
    cap = p[1].abs() - half_height + rounding
    outside = torch.hypot(side.clamp_min(0.0), cap.clamp_min(0.0))
    return outside + torch.maximum(side, cap).clamp_max(0.0) - rounding


def smooth_union(a: Tensor, b: Tensor, width: float) -> Tensor:
    """Union whose seam is filleted over ``width``."""
    h = (width - (a - b).abs()).clamp_min(0.0) / width
    return torch.minimum(a, b) - h * h * width * 0.25


def smooth_cut(a: Tensor, b: Tensor, width: float) -> Tensor:
    """Take ``b`` away from ``a`` with a softened edge."""
    return -smooth_union(-a, b, width)


class Baked:
    """A costly distance field sampled once on a grid and read back with trilinear interpolation.

    Parameters
    ----------
    field
        Distance function, (3, N) to (N,).
    low, high
        Corners of the box that is sampled. Outside it the distance to the box is added.
    side
        Grid points along each axis.
    """

    def __init__(self, field: Callable[[Tensor], Tensor], low: Sequence[float], high: Sequence[float], side: int = 96):
        self.low, self.high = vec(*low), vec(*high)
        axes = [torch.linspace(low[i], high[i], side) for i in range(3)]
        z, y, x = torch.meshgrid(axes[2], axes[1], axes[0], indexing="ij")
        points = torch.stack((x.flatten(), y.flatten(), z.flatten()))
        values = torch.cat([field(chunk) for chunk in points.split(65536, dim=1)])
        self.grid = values.view(1, 1, side, side, side)

    def __call__(self, p: Tensor) -> Tensor:
        inside = torch.minimum(torch.maximum(p, self.low), self.high)
        unit = (inside - self.low) / (self.high - self.low) * 2.0 - 1.0
        value = grid_sample(self.grid, unit.T.reshape(1, 1, 1, -1, 3), align_corners=True)
        return value.flatten() + length(p - inside)


class HeightMap:
    """Ground whose height is stored on a square grid and read back with bilinear interpolation.

    Parameters
    ----------
    heights
        Heights (S, S); rows follow z, columns follow x.
    low, high
        The corners (x, z) of the area that the grid covers. Beyond it the border goes on.
    """

    def __init__(self, heights: Tensor, low: Sequence[float], high: Sequence[float]):
        self.grid = heights[None, None]
        self.low, self.high = low, high

    def __call__(self, x: Tensor, z: Tensor) -> Tensor:
        u = (x - self.low[0]) / (self.high[0] - self.low[0]) * 2.0 - 1.0
        v = (z - self.low[1]) / (self.high[1] - self.low[1]) * 2.0 - 1.0
        at = torch.stack((u, v), dim=-1).view(1, 1, -1, 2)
        return grid_sample(self.grid, at, align_corners=True, padding_mode="border").flatten()
