"""Oranges on a wooden table, one of them halved."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from ..camera import Camera
from ..lights import AreaLight, Sky
from ..materials import bokeh, wood
from ..noise import bump, cells, fbm, value_noise
from ..scene import Part, Scene, Surface, placed, surface
from ..shapes import sphere
from ..vectors import Placement, length, mix, smoothstep, vec

RIND = (0.90, 0.205, 0.006)
SEGMENTS = 10


def peel_height(p: Tensor) -> Tensor:
    """Return the relief of the peel: pores and a gentle waviness."""
    pores = 1.0 - smoothstep(0.1, 0.6, cells(p * 22.0)[0])
    return 0.12 * fbm(p * 2.5, 2) - 0.008 * pores


def peel(p: Tensor, normal: Tensor) -> Surface:
    tone = fbm(p * 2.1 + 5.0, 3)
    albedo = mix(vec(*RIND), vec(1.0, 0.31, 0.010), tone)
    crown = torch.hypot(p[0], p[2]) + 0.02 * value_noise(p * 30.0)
    stem = (1.0 - smoothstep(0.05, 0.085, crown)) * (p[1] > 0)
    halo = (1.0 - smoothstep(0.05, 0.35, crown)) * (p[1] > 0)
    albedo = mix(albedo, vec(0.75, 0.34, 0.02), 0.5 * halo)
    albedo = mix(albedo, vec(0.16, 0.17, 0.04), stem)
    return surface(albedo, bump(peel_height, p, normal, 0.9), coat=0.045, roughness=0.38, softness=0.12)


def pulp(p: Tensor, normal: Tensor) -> Surface:
    """Return the surface of a cut through the middle (the plane y = 0 of the fruit)."""
    radius, angle = torch.hypot(p[0], p[2]), torch.atan2(p[2], p[0])
    wobble = 0.10 * (value_noise(p * 2.0) - 0.5)
    turn = (angle / (2 * math.pi) * SEGMENTS + wobble) % 1.0
    wall = (turn - 0.5).abs() * 2.0
    gap = (1.0 - wall) * radius * math.pi / SEGMENTS
    rounded = 1.0 - smoothstep(0.815, 0.845, radius + 0.05 * wall**6)
    flesh = smoothstep(0.012, 0.04, gap) * rounded * smoothstep(0.1, 0.16, radius)
    sector = (angle / (2 * math.pi) * SEGMENTS + wobble).floor()
    sacs_at = torch.stack((radius * 5.0, angle * 9.0, sector * 3.7))
    near, second, name = cells(sacs_at)
    rim = smoothstep(0.0, 0.25, second - near)
    juice = mix(vec(0.80, 0.20, 0.010), vec(1.0, 0.40, 0.04), 0.25 + 0.75 * name * rim)
    pith = mix(vec(0.95, 0.78, 0.45), vec(0.98, 0.66, 0.22), value_noise(p * 9.0))
    albedo = mix(pith, juice * (0.6 + 0.4 * rim), flesh)
    albedo = mix(albedo, vec(*RIND), smoothstep(0.93, 0.95, radius))
    tilted = bump(lambda q: cells(torch.stack((torch.hypot(q[0], q[2]) * 5.0, torch.atan2(q[2], q[0]) * 9.0, sector * 3.7)))[0],
                  p, normal, 0.035)
    return surface(albedo, tilted, coat=0.05 * flesh + 0.005, roughness=0.3, emission=albedo * 0.05, softness=0.3)


def whole_distance(p: Tensor) -> Tensor:
    dimple = 0.05 * torch.exp(-(p[0] ** 2 + p[2] ** 2) * 40.0) * (p[1] > 0)
    return (length(p * vec(1.0, 1.04, 1.0)) - 1.0 + dimple) * 0.95


def half_distance(p: Tensor) -> Tensor:
    return torch.maximum(sphere(p, 1.0), p[1])


def half_surface(p: Tensor, normal: Tensor) -> Surface:
    answer, cut = peel(p, normal), (p[1] > -0.004).nonzero().flatten()
    if len(cut):
        inner = pulp(p[:, cut], normal[:, cut])
        for name, values in vars(inner).items():
            getattr(answer, name)[..., cut] = values
    return answer


def whole(center: tuple[float, float, float], about_x: float, about_z: float, size: float = 1.0) -> Part:
    return placed(Placement(center, (("z", about_z), ("x", about_x)), size), whole_distance, peel, 1.05)


def half(center: tuple[float, float, float], turn: float, lean: float, size: float = 1.0) -> Part:
    """Return half an orange that shows its cut, leaning back and turned about y (degrees)."""
    return placed(Placement(center, (("x", lean), ("y", turn)), size), half_distance, half_surface, 1.05)


def table(p: Tensor, normal: Tensor) -> Surface:
    return wood(p, normal, (0.055, 0.022, 0.009), (0.22, 0.10, 0.04), plank=1.9, gloss=0.04)


def build() -> Scene:
    return Scene(
        camera=Camera((0.25, 2.75, 8.0), (0.05, 1.40, 0.1), 28.0, aperture=0.06, focus=7.2),
        parts=(
            whole((-1.22, 0.96, -0.35), 35.0, 20.0),
            whole((1.0, 0.96, -0.8), -20.0, -25.0),
            whole((-0.15, 0.96, -2.0), 10.0, 0.0),
            whole((-0.12, 2.28, -0.95), 40.0, -14.0, 0.97),
            half((0.62, 0.92, 0.95), 12.0, 68.0, 0.97),
        ),
        low=(-2.4, 0.0, -3.2), high=(2.2, 3.4, 2.1),
        lights=(
            AreaLight((-5.0, 6.5, 3.5), (0.0, 1.0, 0.0), 2.6, (30.0, 26.0, 20.0)),
            AreaLight((6.0, 3.5, -3.5), (0.0, 1.0, 0.0), 2.5, (7.0, 8.5, 11.0)),
        ),
        sky=Sky((0.30, 0.36, 0.46), (0.20, 0.19, 0.18), (0.05, 0.03, 0.02)),
        backdrop=bokeh((0.035, 0.02, 0.012), (0.05, 0.07, 0.035), ((0.30, 0.22, 0.08), (0.10, 0.16, 0.05)), seed=4),
        floor=table, floor_fade=(11.0, 19.0),
    )
