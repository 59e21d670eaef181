"""A porcelain teapot with a blue pattern."""

from __future__ import annotations

import math
from itertools import pairwise

import torch
from torch import Tensor

from ..camera import Camera
from ..lights import AreaLight, Sky
from ..materials import bokeh, wood
from ..noise import fbm, value_noise
from ..scene import Scene, Surface, placed, surface
from ..shapes import capsule, ellipsoid, smooth_cut, smooth_union, torus
from ..vectors import Placement, mix, smoothstep, vec

COBALT = (0.012, 0.030, 0.22)
PETALS = 8
# Middle line of the spout: x, y and radius along the way.
SPOUT = ((0.72, 0.66, 0.34), (1.18, 0.80, 0.215), (1.42, 1.14, 0.15), (1.66, 1.53, 0.115))


def tube(p: Tensor, path: tuple[tuple[float, float, float], ...], width: float) -> Tensor:
    """Return the distance to a pipe in the plane z = 0 along (x, y, radius)."""
    total = None
    for (x0, y0, r0), (x1, y1, r1) in pairwise(path):
        piece = capsule(p, (x0, y0, 0.0), (x1, y1, 0.0), r0, r1)
        total = piece if total is None else smooth_union(total, piece, width)
    return total


def body_distance(p: Tensor) -> Tensor:
    return ellipsoid(p - vec(0.0, 0.92, 0.0), 1.10, 0.86, 1.10)


def pot_distance(p: Tensor) -> Tensor:
    body = body_distance(p)
    foot = torus(p - vec(0.0, 0.10, 0.0), 0.56, 0.085)
    body = smooth_union(body, foot, 0.12)
    spout = tube(p, SPOUT, 0.30)
    mouth = capsule(p, (1.60, 1.50, 0.0), (1.95, 1.80, 0.0), 0.082)
    body = smooth_union(body, smooth_cut(spout, mouth, 0.03), 0.16)
    ear = (p - vec(-1.10, 1.02, 0.0)) * vec(0.98, 1.08, 1.0)
    handle = torch.hypot(torch.hypot(ear[0], ear[1]) - 0.56, ear[2] * 0.85) - 0.085
    return smooth_union(body, handle, 0.10) * 0.9


def lid_distance(p: Tensor) -> Tensor:
    cover = ellipsoid(p - vec(0.0, 1.56, 0.0), 0.60, 0.27, 0.60)
    rim = torus(p - vec(0.0, 1.62, 0.0), 0.575, 0.045)
    neck = capsule(p, (0, 1.80, 0), (0, 1.90, 0), 0.07)
    knob = ellipsoid(p - vec(0.0, 1.99, 0.0), 0.155, 0.13, 0.155)
    return smooth_union(smooth_union(cover, rim, 0.05), smooth_union(neck, knob, 0.06), 0.08) * 0.9


def flower(u: Tensor, v: Tensor, petals: int, size: float) -> Tensor:
    """Return how much (0 to 1) of a painted flower about (0, 0) covers places (u, v)."""
    radius, angle = torch.hypot(u, v) / size, torch.atan2(v, u)
    edge = 0.55 + 0.45 * torch.cos(angle * petals / 2).abs()
    wash = 0.45 + 0.55 * smoothstep(0.35, 1.0, radius / edge)
    inside = 1.0 - smoothstep(0.93, 1.0, radius / edge)
    eye = smoothstep(0.10, 0.16, (radius - 0.24).abs())
    return inside * wash * eye


def painting(p: Tensor) -> Tensor:
    """Return the strength of the blue paint (0 to 1): flowers, leaves, dots and rings about the belly."""
    turn = (torch.atan2(p[2], p[0]) / (2 * math.pi) * PETALS + 0.5) % 1.0 - 0.5
    u = turn * 2 * math.pi / PETALS * 1.08
    v = p[1] - 0.92
    paint = flower(u, v, 6, 0.27)
    half = ((turn % 1.0) - 0.5) * 2 * math.pi / PETALS * 1.08
    for lift in (0.17, -0.17):
        paint = torch.maximum(paint, 0.9 * flower(half, v - lift, 5, 0.115))
    stem = (v - 0.10 * torch.sin(u * PETALS / 1.08 * 2.0)).abs()
    paint = torch.maximum(paint, 0.75 * (1.0 - smoothstep(0.008, 0.016, stem)) * (u.abs() > 0.26))
    rings = torch.minimum((v.abs() - 0.36).abs(), (v.abs() - 0.415).abs() + 0.012)
    paint = torch.maximum(paint, 0.95 * (1.0 - smoothstep(0.013, 0.019, rings)))
    scallop = (v.abs() - 0.47 - 0.03 * torch.cos(u * 8 * PETALS / 1.08)).abs()
    paint = torch.maximum(paint, 0.7 * (1.0 - smoothstep(0.012, 0.022, scallop)))
    return paint * (0.75 + 0.4 * value_noise(p * 7.0))


def porcelain(p: Tensor, normal: Tensor, paint: Tensor, gold: Tensor) -> Surface:
    base = vec(0.86, 0.85, 0.80) * (0.97 + 0.03 * fbm(p * 4.0, 2))
    albedo = mix(base, vec(*COBALT), paint.clamp(0, 1))
    albedo = mix(albedo, vec(0.62, 0.36, 0.07), gold)
    return surface(albedo, normal, coat=0.05 + 0.35 * gold, roughness=0.08 + 0.2 * gold, softness=0.1)


def pot_surface(p: Tensor, normal: Tensor) -> Surface:
    belly = (body_distance(p) < 0.012).float()
    handle = (p[0] < -1.16).float()
    spout_tip = smoothstep(1.66, 1.69, p[0] + 0.6 * (p[1] - 1.5))
    stripe = 0.85 * (1.0 - smoothstep(0.02, 0.035, (p[2].abs() - 0.045).abs())) * handle
    paint = painting(p) * belly + stripe
    gold = torch.maximum(spout_tip, 1.0 - smoothstep(0.03, 0.05, p[1]))
    return porcelain(p, normal, paint, gold)


def lid_surface(p: Tensor, normal: Tensor) -> Surface:
    radius = torch.hypot(p[0], p[2])
    turn = (torch.atan2(p[2], p[0]) / (2 * math.pi) * 6) % 1.0 - 0.5
    paint = 0.9 * flower(turn * 2 * math.pi / 6 * 0.36, radius - 0.36, 5, 0.12) * (p[1] > 1.6)
    paint = torch.maximum(paint, 0.9 * (1.0 - smoothstep(0.012, 0.018, (radius - 0.515).abs())))
    gold = torch.maximum(smoothstep(1.90, 1.92, p[1]), smoothstep(0.590, 0.60, radius))
    return porcelain(p, normal, paint, gold)


def table(p: Tensor, normal: Tensor) -> Surface:
    return wood(p, normal, (0.10, 0.045, 0.018), (0.36, 0.19, 0.085), plank=1.7, gloss=0.05)


def build() -> Scene:
    stand = Placement((0.0, 0.0, 0.0), (("y", 16.0),))
    return Scene(
        camera=Camera((0.1, 2.35, 6.4), (0.02, 0.98, 0.0), 24.5, aperture=0.03, focus=5.7),
        parts=(placed(stand, pot_distance, pot_surface, 2.2), placed(stand, lid_distance, lid_surface, 2.2)),
        low=(-1.9, 0.0, -1.4), high=(1.95, 2.25, 1.4),
        lights=(
            AreaLight((-4.5, 4.8, 2.6), (0.0, 0.9, 0.0), 2.6, (20.0, 18.0, 15.0)),
            AreaLight((5.0, 3.0, -2.5), (0.0, 0.9, 0.0), 2.4, (6.0, 7.6, 10.0)),
        ),
        sky=Sky((0.34, 0.38, 0.46), (0.26, 0.25, 0.24), (0.10, 0.06, 0.03)),
        backdrop=bokeh((0.06, 0.035, 0.02), (0.09, 0.10, 0.085), ((0.5, 0.36, 0.16), (0.25, 0.27, 0.22)), seed=12, size=0.08),
        floor=table, floor_fade=(9.5, 15.0),
    )
