"""Two fly agarics in the moss of a forest."""

from __future__ import annotations

import torch
from torch import Tensor

from ..camera import Camera
from ..lights import AreaLight, Sky
from ..materials import bokeh
from ..noise import bump, cells, fbm, value_noise
from ..scene import Part, Scene, Surface, placed, surface
from ..shapes import Baked, HeightMap, capsule, ellipsoid, smooth_cut, smooth_union, torus
from ..vectors import Placement, length, mix, smoothstep, vec

MOSS = 6.0
"""Half the side of the mossy ground."""


def cap_shape(p: Tensor) -> Tensor:
    """Return the distance to a cap whose rim lies at y = 0."""
    dome = ellipsoid(p, 1.0, 0.62, 1.0)
    hollow = ellipsoid(p - vec(0.0, -0.22, 0.0), 1.02, 0.34, 1.02)
    return smooth_cut(dome, hollow, 0.08)


def warts(p: Tensor) -> Tensor:
    """Return how much (0 to 1) points near the cap belong to the white scales."""
    on_cap = p / length(p / vec(1.0, 0.62, 1.0)).clamp_min(0.3)
    near, _, name = cells(on_cap * 5.2 + 3.7)
    return (1.0 - smoothstep(0.20, 0.46, near + 0.14 * (1.0 - name))) * smoothstep(0.02, 0.10, p[1])


def cap_field(p: Tensor) -> Tensor:
    return cap_shape(p) - 0.055 * warts(p) - 0.012 * fbm(p * 3.0, 2)


def cap_surface(p: Tensor, normal: Tensor) -> Surface:
    white = smoothstep(0.18, 0.5, warts(p))
    red = mix(vec(0.42, 0.008, 0.006), vec(0.64, 0.028, 0.010), fbm(p * 2.3, 3))
    red = mix(red, vec(0.75, 0.12, 0.02), (1.0 - smoothstep(0.0, 0.12, p[1])) * 0.4)
    under = (normal[1] < -0.15).float()
    angle = torch.atan2(p[2], p[0])
    gills = 0.72 + 0.28 * torch.sin(angle * 70.0)
    albedo = mix(red, vec(0.90, 0.84, 0.70) * (0.8 + 0.2 * fbm(p * 14.0, 2)), white)
    albedo = mix(albedo, vec(0.85, 0.74, 0.52) * gills, under)
    tilted = bump(lambda q: fbm(q * 9.0, 2), p, normal, 0.035)
    wet = (1.0 - white) * (1.0 - under)
    return surface(albedo, tilted, coat=0.05 * wet, roughness=0.28, emission=0.05 * white * albedo,
                   softness=0.25 + 0.35 * white)


def stem_shape(p: Tensor) -> Tensor:
    stalk = capsule(p, (0, 0.1, 0), (0, 1.75, 0), 0.29, 0.20)
    bulb = ellipsoid(p - vec(0.0, 0.12, 0.0), 0.40, 0.34, 0.40)
    skirt = torus((p - vec(0.0, 1.22, 0.0)) * vec(1.0, 0.45, 1.0), 0.31, 0.035)
    return smooth_union(smooth_union(stalk, bulb, 0.25), skirt, 0.10) * 0.8


def stem_surface(p: Tensor, normal: Tensor) -> Surface:
    fibre = fbm(p * vec(16.0, 2.2, 16.0), 3)
    albedo = mix(vec(0.62, 0.52, 0.36), vec(0.92, 0.87, 0.74), fibre)
    albedo = mix(albedo, vec(0.30, 0.24, 0.12), 0.7 * (1.0 - smoothstep(0.0, 0.5, p[1] + 0.2 * fibre)))
    tilted = bump(lambda q: fbm(q * vec(18.0, 3.0, 18.0), 2), p, normal, 0.05)
    return surface(albedo, tilted, softness=0.35)


def moss_heights(side: int = 520) -> Tensor:
    axis = torch.linspace(-MOSS, MOSS, side)
    z, x = torch.meshgrid(axis, axis, indexing="ij")
    p = torch.stack((x.flatten(), torch.zeros(side * side), z.flatten()))
    tufts = 1.0 - cells(p * 5.2)[0].clamp_max(1.0)
    fine = 1.0 - cells(p * 17.0)[0].clamp_max(1.0)
    return (0.75 * fbm(p * 0.55, 2) - 0.35 + 0.16 * tufts + 0.07 * fine + 0.05 * value_noise(p * 23.0)).view(side, side)


def moss_surface(p: Tensor, normal: Tensor) -> Surface:
    patch, fine = fbm(p * 1.2, 3), fbm(p * 22.0, 2)
    albedo = mix(vec(0.016, 0.034, 0.006), vec(0.12, 0.165, 0.025), smoothstep(0.2, 0.8, fine))
    albedo = mix(albedo, vec(0.15, 0.085, 0.035), 0.85 * smoothstep(0.42, 0.62, patch))
    return surface(albedo, bump(lambda q: fbm(q * 30.0, 2), p, normal, 0.05), softness=0.3)


def fungus(center: tuple[float, float, float], turn: float, lean: float, size: float, cap: Baked) -> tuple[Part, Part]:
    turns = (("y", turn), ("z", lean))
    up = Placement((0.0, 0.0, 0.0), turns).back(vec(0.0, 1.62 * size, 0.0)).flatten().tolist()
    head = (center[0] + up[0], center[1] + up[1], center[2] + up[2])
    return (
        placed(Placement(head, turns, size), lambda p: cap(p) * 0.8, cap_surface, 1.12),
        placed(Placement(center, turns, size), stem_shape, stem_surface, 2.0),
    )


def build() -> Scene:
    cap = Baked(cap_field, (-1.15, -0.4, -1.15), (1.15, 0.9, 1.15), 112)
    ground = HeightMap(moss_heights(), (-MOSS, -MOSS), (MOSS, MOSS))
    moss = Part(lambda p: (p[1] - ground(p[0], p[2])) * 0.6, moss_surface, (0.0, 0.0, 0.0), 9.0)
    return Scene(
        camera=Camera((0.3, 1.35, 6.6), (0.14, 1.28, 0.0), 25.5, aperture=0.05, focus=6.1),
        parts=(*fungus((-0.18, 0.0, 0.0), 20.0, 5.0, 1.15, cap), *fungus((1.28, -0.02, -0.65), -60.0, -9.0, 0.62, cap), moss),
        low=(-MOSS, -0.6, -MOSS), high=(MOSS, 3.0, 5.9),
        lights=(
            AreaLight((-4.0, 7.0, 3.0), (0.0, 1.0, 0.0), 2.4, (30.0, 27.0, 21.0)),
            AreaLight((4.5, 4.0, -4.5), (0.0, 1.0, 0.0), 2.0, (16.0, 16.0, 10.0)),
        ),
        sky=Sky((0.46, 0.54, 0.48), (0.30, 0.34, 0.24), (0.10, 0.10, 0.06)),
        backdrop=bokeh((0.012, 0.014, 0.006), (0.035, 0.05, 0.022),
                       ((0.14, 0.19, 0.05), (0.30, 0.28, 0.11), (0.07, 0.11, 0.04)), seed=9),
    )
