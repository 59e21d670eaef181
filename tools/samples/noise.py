"""Seeded procedural noise over space: smooth, layered, ridged and cellular."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import torch
from torch import Tensor

from .vectors import dot, normalize

SIDE = 64
_generator = torch.Generator().manual_seed(20261122)
_TABLE = torch.rand(SIDE**3, generator=_generator)
_JITTER = torch.rand(3, SIDE**3, generator=_generator)
_plain: ContextVar[bool] = ContextVar("plain", default=False)


def _cell(x: Tensor, y: Tensor, z: Tensor) -> Tensor:
    """Return the place in the tables of lattice points with integer coordinates."""
    return ((x & (SIDE - 1)) * SIDE + (y & (SIDE - 1))) * SIDE + (z & (SIDE - 1))


def value_noise(p: Tensor) -> Tensor:
    """Return smooth noise in [0, 1] with features about 1 unit wide; it repeats every 64 units."""
    floor = p.floor()
    f = p - floor
    x, y, z = floor.to(torch.int64)
    u, v, w = f * f * f * (f * (f * 6.0 - 15.0) + 10.0)
    x0, x1 = (x & (SIDE - 1)) * SIDE, ((x + 1) & (SIDE - 1)) * SIDE
    y0, y1 = y & (SIDE - 1), (y + 1) & (SIDE - 1)
    z0, z1 = z & (SIDE - 1), (z + 1) & (SIDE - 1)

    def along_z(row: Tensor) -> Tensor:
        row = row * SIDE
        return torch.lerp(_TABLE[row + z0], _TABLE[row + z1], w)

    near = torch.lerp(along_z(x0 + y0), along_z(x0 + y1), v)
    far = torch.lerp(along_z(x1 + y0), along_z(x1 + y1), v)
    return torch.lerp(near, far, u)


def fbm(p: Tensor, octaves: int = 4, gain: float = 0.5) -> Tensor:
    """Return layered noise in [0, 1]; every octave is twice as fine and ``gain`` times as strong."""
    total, amplitude, norm = torch.zeros_like(p[0]), 1.0, 0.0
    for octave in range(octaves):
        total = total + amplitude * value_noise(p + 17.3 * octave)
        norm += amplitude
        amplitude *= gain
        p = p * 2.03
    return total / norm


def cells(p: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return Worley noise: distances to the nearest and second nearest seed, and a number in [0, 1) of the nearest cell."""
    floor = p.floor().to(torch.int64)
    first = torch.full_like(p[0], 9.0)
    second = first.clone()
    name = torch.zeros_like(floor[0])
    for index in range(27):
        step = torch.tensor([[index // 9 - 1], [index // 3 % 3 - 1], [index % 3 - 1]])
        corner = floor + step
        cell = _cell(*corner)
        away = corner + _JITTER[:, cell] - p
        distance = dot(away, away)
        closer = distance < first
        second = torch.where(closer, first, torch.minimum(second, distance))
        name = torch.where(closer, cell, name)
        first = torch.minimum(first, distance)
    return first.sqrt(), second.sqrt(), _TABLE[name]


@contextmanager
def without_bumps() -> Iterator[None]:
    """Leave normals as they are inside: what is seen second-hand needs no pores, and they are dear."""
    token = _plain.set(True)
    try:
        yield
    finally:
        _plain.reset(token)


def bump(height: Callable[[Tensor], Tensor], p: Tensor, normal: Tensor, strength: float, step: float = 2e-3) -> Tensor:
    """Tilt normals as if the surface were raised by ``strength * height(p)``."""
    if _plain.get():
        return normal
    here = height(p)
    slopes = []
    for axis in range(3):
        q = p.clone()
        q[axis] += step
        slopes.append((height(q) - here) / step)
    slope = torch.stack(slopes)
    return normalize(normal - strength * (slope - dot(slope, normal) * normal))
