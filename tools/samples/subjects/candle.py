"""Burning candles on a dark table."""

from __future__ import annotations

import torch
from torch import Tensor

from ..camera import Camera
from ..lights import AreaLight, BallLight, Sky
from ..materials import bokeh, wood
from ..noise import bump, fbm
from ..scene import Part, Scene, Surface, placed, surface
from ..shapes import capsule, cylinder, ellipsoid, smooth_cut, smooth_union
from ..vectors import Placement, dot, length, mix, smoothstep, vec

# Where each candle stands, its height and its radius.
CANDLES = (((-0.05, 0.0, 0.0), 2.15, 0.82), ((-1.75, 0.0, -1.5), 1.45, 0.66), ((1.65, 0.0, -1.3), 1.0, 0.70))
FLAME = 0.52
"""Height of a flame's brightest place above the rim."""


def wax_distance(p: Tensor, height: float, radius: float) -> Tensor:
    body = cylinder(p - vec(0.0, height / 2, 0.0), radius, height / 2, 0.07)
    pool = ellipsoid(p - vec(0.0, height + 0.06, 0.0), radius * 0.86, 0.24, radius * 0.86)
    solid = smooth_cut(body, pool, 0.09)
    for x, z, depth in ((0.52, 0.85, 0.75), (-0.70, 0.71, 0.42), (0.9, 0.42, 0.5)):
        top = (x * radius, height - 0.07, z * radius)
        drip = capsule(p, top, (top[0], height - depth, top[2]), 0.045, 0.075)
        solid = smooth_union(solid, drip, 0.09)
    return solid * 0.9


def wax_surface(p: Tensor, normal: Tensor, height: float, radius: float) -> Surface:
    flame = vec(0.0, height + FLAME, 0.0)
    albedo = mix(vec(0.78, 0.60, 0.38), vec(0.86, 0.70, 0.48), fbm(p * 3.0, 2))
    # Light of the flame that has travelled through the wax; red light travels furthest.
    depth = length(p - vec(0.0, height, 0.0)) + 0.1 * (fbm(p * 2.0, 2) - 0.5)
    inner = torch.exp(-depth[None] / vec(0.78, 0.46, 0.25)) * vec(5.2, 2.6, 0.95)
    away = flame - p
    facing = (dot(normal, away) / length(away)).clamp_min(0.0)
    pool = smoothstep(0.3, 0.9, normal[1]) * (p[1] > height - 0.35)
    tilted = bump(lambda q: fbm(q * vec(4.0, 1.5, 4.0), 2), p, normal, 0.03)
    return surface(albedo, tilted, coat=0.03 + 0.03 * pool, roughness=0.42 - 0.3 * pool,
                   emission=inner * (0.55 + 0.45 * facing), softness=0.4)


def wick_surface(p: Tensor, normal: Tensor) -> Surface:
    return surface(vec(0.01, 0.008, 0.006), normal, emission=vec(1.6, 0.35, 0.05) * smoothstep(0.16, 0.26, p[1]))


def candle(center: tuple[float, float, float], height: float, radius: float) -> tuple[Part, Part]:
    middle = Placement((center[0], height / 2, center[2]))
    raised = vec(0.0, height / 2, 0.0)
    wick = Placement((center[0], height - 0.18, center[2]))
    return (
        placed(middle, lambda p: wax_distance(p + raised, height, radius),
               lambda p, n: wax_surface(p + raised, n, height, radius), (height**2 / 4 + radius**2) ** 0.5 + 0.1),
        placed(wick, lambda p: capsule(p, (0, 0, 0), (0.03, 0.28, 0), 0.022), wick_surface, 0.35),
    )


def flame_light(p: Tensor) -> Tensor:
    """Return the light (3, N) that a place in the flame gives off; the flame stands on the origin and is 1 high."""
    y = p[1].clamp(0.0, 1.0)
    width = 0.165 * torch.sqrt((y * 4.0).clamp_max(1.0)) * (1.0 - y) ** 0.62 * (1.0 + 0.5 * y * (1 - y)) + 1e-3
    across = torch.hypot(p[0] - 0.02 * torch.sin(y * 5.0), p[2]) / width
    body = (1.0 - smoothstep(0.55, 1.05, across)) * (p[1] > 0.0) * (p[1] < 1.0)
    hot = smoothstep(0.08, 0.42, y)
    blue = (1.0 - smoothstep(0.0, 0.2, y)) * body
    warm = mix(vec(1.0, 0.36, 0.06), vec(1.0, 0.74, 0.36), (1.0 - across).clamp(0.0, 1.0))
    return warm * (body * (0.12 + hot)) * 36.0 + vec(0.12, 0.25, 1.0) * blue * 2.0


def flames(origin: Tensor, direction: Tensor, distance: Tensor) -> Tensor:
    """Return the light of all flames and their halos along camera rays."""
    total = torch.zeros_like(origin)
    for center, height, _ in CANDLES:
        heart = vec(center[0], height + 0.42, center[2])
        along = dot(heart - origin, direction)
        gap = length(heart - origin - along * direction)
        total += vec(1.0, 0.42, 0.10) * (0.20 * torch.exp(-gap * 1.9) + 0.5 * torch.exp(-gap * gap * 14.0))
        rows = ((gap < 0.75) & (along < distance)).nonzero().flatten()
        if len(rows):
            foot = vec(center[0], height - 0.02, center[2])
            for step in range(24):
                t = along[rows] + 0.5 * (step / 23.0 - 0.5)
                p = origin[:, rows] + direction[:, rows] * t - foot
                total[:, rows] += flame_light(p / 0.95) * (0.5 / 24)
    return total


def table(p: Tensor, normal: Tensor) -> Surface:
    return wood(p, normal, (0.020, 0.008, 0.004), (0.09, 0.038, 0.016), plank=1.6, gloss=0.05)


def build() -> Scene:
    lamps = tuple(BallLight((c[0], h + FLAME, c[2]), 0.11, (42.0, 19.0, 5.6)) for c, h, _ in CANDLES)
    return Scene(
        camera=Camera((0.0, 2.75, 7.4), (0.0, 1.62, 0.0), 29.0, aperture=0.03, focus=7.2),
        parts=tuple(part for spec in CANDLES for part in candle(*spec)),
        low=(-2.6, 0.0, -2.4), high=(2.6, 2.6, 1.0),
        lights=(*lamps, AreaLight((-5.0, 4.0, -2.0), (0.0, 1.0, 0.0), 2.5, (0.35, 0.5, 1.0))),
        sky=Sky((0.012, 0.014, 0.024), (0.018, 0.012, 0.010), (0.004, 0.002, 0.001)),
        backdrop=bokeh((0.010, 0.004, 0.002), (0.022, 0.010, 0.007), ((0.85, 0.36, 0.07), (0.5, 0.14, 0.03)), seed=21,
                       count=22, size=0.05, sharp=0.5),
        floor=table, floor_fade=(10.0, 16.0), exposure=1.0, vignette=0.35, glow=flames,
    )
