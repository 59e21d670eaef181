"""Surfaces that more than one picture uses, and out-of-focus backdrops."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from .lights import Backdrop
from .noise import bump, fbm, value_noise
from .scene import Surface, surface
from .vectors import dot, mix, normalize, smoothstep, vec

Color = tuple[float, float, float]


def wood(p: Tensor, normal: Tensor, dark: Color, light: Color, plank: float = 1.6, gloss: float = 0.03) -> Surface:
    """Boards along x with grain, knots and joints; ``plank`` is their width."""
    row = (p[2] / plank).floor()
    grain_at = torch.stack((p[0] * 0.35 + row * 7.7, p[1], p[2] * 1.3 + row * 3.1))
    warp = fbm(grain_at * 1.1, 3) * 7.0
    rings = 0.5 + 0.5 * torch.sin((p[2] * 3.0 + warp) * 3.2)
    fibre = fbm(torch.stack((p[0] * 2.0, p[1], p[2] * 46.0 + row * 5.0)), 3)
    share = (0.45 * rings + 0.55 * fibre + 0.35 * (value_noise(torch.stack((row, row, row)) * 5.3) - 0.5)).clamp(0, 1)
    joint = smoothstep(0.0, 0.02, 0.5 - ((p[2] / plank) % 1.0 - 0.5).abs())
    albedo = mix(vec(*dark), vec(*light), share) * (0.25 + 0.75 * joint)
    tilted = bump(lambda q: fbm(q * vec(2.0, 1.0, 40.0), 2), p, normal, 0.006)
    return surface(albedo, tilted, coat=gloss, roughness=0.5 - 0.15 * share)


def bokeh(
    low: Color, high: Color, lights: Sequence[Color], seed: int, count: int = 60, size: float = 0.045, sharp: float = 0.3
) -> Backdrop:
    """Return a backdrop of blurred lights over a soft gradient (``low`` at the bottom, ``high`` at the top).

    ``size`` is the mean radius of the discs in radians, ``sharp`` (0 to 1) how crisp their rims are.
    """
    generator = torch.Generator().manual_seed(seed)
    spots = torch.rand(count, 5, generator=generator)

    def backdrop(direction: Tensor) -> Tensor:
        cloud = fbm(direction * 4.0 + 11.0, 3)
        height = smoothstep(-0.35, 0.3, direction[1])
        total = mix(vec(*low), vec(*high), height) * (0.35 + 1.3 * cloud)
        for x, y, radius, strength, tint in spots.tolist():
            center = normalize(vec(1.1 * (x - 0.5), 0.75 * (y - 0.42), -1.0))
            angle = (2.0 - 2.0 * dot(direction, center)).clamp_min(0.0).sqrt()
            reach = size * (0.5 + radius)
            disc = 1.0 - smoothstep(reach * (0.2 + 0.7 * sharp), reach, angle)
            color = lights[int(tint * len(lights))]
            total = total + vec(*color) * (disc * strength**2)
        return total

    return backdrop
