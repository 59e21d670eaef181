"""A ladybird on a leaf."""

from __future__ import annotations

import torch
from torch import Tensor

from ..camera import Camera
from ..lights import AreaLight, Sky
from ..materials import bokeh
from ..noise import bump, cells, fbm, value_noise
from ..scene import Part, Scene, Surface, placed, surface
from ..shapes import HeightMap, capsule, ellipsoid, smooth_union
from ..vectors import Placement, mix, normalize, smoothstep, vec

# Spots on one wing case as places on the unit ball: (forward, side, radius). The other wing case mirrors them.
SPOTS = ((0.78, 0.0, 0.17), (0.30, 0.52, 0.23), (-0.28, 0.34, 0.20), (-0.42, 0.80, 0.20), (-0.74, 0.30, 0.15))
BLACK = (0.012, 0.010, 0.010)
LEAF = 7.0
# Each leg: where it leaves the body, its knee and its foot; legs of the other side are mirrored in z.
LEGS = (
    ((0.55, 0.20, 0.55), (0.85, 0.34, 0.98), (1.05, 0.0, 1.22)),
    ((0.05, 0.18, 0.72), (0.08, 0.34, 1.12), (0.00, 0.0, 1.42)),
    ((-0.45, 0.18, 0.62), (-0.70, 0.32, 1.00), (-1.00, 0.0, 1.25)),
)


def wings_distance(p: Tensor) -> Tensor:
    dome = ellipsoid(p - vec(0.0, 0.16, 0.0), 1.08, 0.86, 0.93)
    seam = 0.016 * torch.exp(-(p[2] / 0.018) ** 2)
    return torch.maximum(dome + seam, 0.17 - p[1]) * 0.9


def wings_surface(p: Tensor, normal: Tensor) -> Surface:
    ball = normalize((p - vec(0.0, 0.10, 0.0)) / vec(1.08, 0.86, 0.93))
    tone = fbm(p * 2.0, 3)
    albedo = mix(vec(0.62, 0.022, 0.006), vec(0.85, 0.075, 0.010), tone)
    for forward, side, radius in SPOTS:
        away = torch.hypot(ball[0] - forward, (ball[2].abs() - side) * 1.05) + 0.02 * (value_noise(p * 9.0) - 0.5)
        albedo = mix(vec(*BLACK), albedo, smoothstep(radius * 0.90, radius, away))
    seam = smoothstep(0.010, 0.022, p[2].abs())
    albedo = mix(vec(*BLACK), albedo, seam)
    tilted = bump(lambda q: cells(q * 17.0)[0], p, normal, 0.0015)
    return surface(albedo, tilted, coat=0.06, roughness=0.18, softness=0.1)


def body_distance(p: Tensor) -> Tensor:
    shield = ellipsoid(p - vec(0.90, 0.36, 0.0), 0.36, 0.36, 0.60)
    head = ellipsoid(p - vec(1.20, 0.28, 0.0), 0.25, 0.24, 0.34)
    belly = ellipsoid(p - vec(0.0, 0.20, 0.0), 0.98, 0.16, 0.84)
    return torch.minimum(smooth_union(shield, head, 0.04), belly) * 0.9


def body_surface(p: Tensor, normal: Tensor) -> Surface:
    side = p[2].abs()
    cheek = 1.0 - smoothstep(0.13, 0.17, torch.hypot((p[0] - 1.02) * 0.8, side - 0.46))
    brow = (1.0 - smoothstep(0.045, 0.065, torch.hypot(p[0] - 1.35, side - 0.13))) * (p[1] > 0.25)
    white = (cheek + brow).clamp(0, 1) * (p[1] > 0.22)
    albedo = mix(vec(*BLACK), vec(0.85, 0.80, 0.66), white)
    tilted = bump(lambda q: cells(q * 22.0)[0], p, normal, 0.003)
    return surface(albedo, tilted, coat=0.05, roughness=0.25)


def limbs_distance(p: Tensor) -> Tensor:
    q = torch.stack((p[0], p[1], p[2].abs()))
    nearest = capsule(q, (1.36, 0.32, 0.16), (1.62, 0.46, 0.34), 0.020, 0.028)
    for hip, knee, foot in LEGS:
        nearest = torch.minimum(nearest, capsule(q, hip, knee, 0.065, 0.050))
        nearest = torch.minimum(nearest, capsule(q, knee, foot, 0.048, 0.026))
    return nearest


def limbs_surface(p: Tensor, normal: Tensor) -> Surface:
    return surface(vec(0.02, 0.014, 0.010), normal, coat=0.04, roughness=0.35)


def vein_distance(x: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
    """Return how far places on the leaf are from its midrib and from the nearest side vein."""
    rib = (z + 0.9 + 0.05 * x).abs()
    along = (x - 0.75 * rib + 0.06 * rib * rib) / 1.55
    return rib, ((along + 0.5) % 1.0 - 0.5).abs() * 1.3


def leaf_heights(side: int = 900) -> Tensor:
    axis = torch.linspace(-LEAF, LEAF, side)
    z, x = torch.meshgrid(axis, axis, indexing="ij")
    rib, vein = vein_distance(x, z)
    p = torch.stack((x.flatten(), torch.zeros(side * side), z.flatten()))
    quilt = fbm(p * 1.2, 2).view(side, side)
    groove = 0.09 * torch.exp(-(rib / 0.10) ** 2) + 0.05 * torch.exp(-(vein / 0.09) ** 2)
    return 0.10 * (quilt - 0.5) - groove - 0.012 * (x * x) - 0.02 * (z + 0.9).abs() ** 1.5 + 0.03


def blisters(p: Tensor) -> Tensor:
    """Return the relief of the leaf's skin between its finest veins."""
    near, second, _ = cells(p * vec(6.0, 0.0, 6.0))
    return smoothstep(0.0, 0.25, second - near)


def leaf_surface(p: Tensor, normal: Tensor) -> Surface:
    rib, vein = vein_distance(p[0], p[2])
    flat = p * vec(1.0, 0.0, 1.0)
    near, second, name = cells(flat * 6.0)
    mesh = 1.0 - smoothstep(0.0, 0.12, second - near)
    tone = fbm(flat * 1.4, 3)
    albedo = mix(vec(0.060, 0.165, 0.012), vec(0.15, 0.32, 0.030), tone) * (0.85 + 0.3 * name)
    pale = torch.maximum(torch.exp(-(rib / 0.055) ** 2), 0.6 * torch.exp(-(vein / 0.035) ** 2))
    albedo = mix(albedo, vec(0.34, 0.48, 0.12), (0.85 * pale + 0.22 * mesh).clamp_max(1.0))
    tilted = bump(blisters, p, normal, 0.012)
    return surface(albedo, tilted, coat=0.035, roughness=0.40, softness=0.3, emission=albedo * 0.06)


def build() -> Scene:
    ground = HeightMap(leaf_heights(), (-LEAF, -LEAF), (LEAF, LEAF))
    leaf = Part(lambda p: (p[1] - ground(p[0], p[2])) * 0.8, leaf_surface, (0.0, 0.0, 0.0), 10.5)
    stand = Placement((0.0, 0.0, 0.0), (("y", -38.0),))
    return Scene(
        camera=Camera((0.9, 2.55, 4.9), (0.10, 0.38, 0.0), 28.0, aperture=0.06, focus=4.85),
        parts=(
            placed(stand, wings_distance, wings_surface, 1.15),
            placed(stand, body_distance, body_surface, 1.5),
            placed(stand, limbs_distance, limbs_surface, 1.85),
            leaf,
        ),
        low=(-LEAF, -1.6, -LEAF), high=(LEAF, 1.2, 4.2),
        lights=(
            AreaLight((-0.6, 6.6, -0.6), (0.0, 0.3, 0.0), 2.2, (25.0, 23.5, 20.0)),
            AreaLight((4.5, 3.0, -4.0), (0.0, 0.3, 0.0), 1.8, (12.0, 13.0, 8.0)),
        ),
        sky=Sky((0.55, 0.66, 0.70), (0.24, 0.32, 0.18), (0.03, 0.06, 0.01)),
        backdrop=bokeh((0.03, 0.07, 0.012), (0.09, 0.17, 0.04), ((0.35, 0.45, 0.10), (0.15, 0.3, 0.06)), seed=5, size=0.08),
    )
