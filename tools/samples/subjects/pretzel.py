"""A salted pretzel on a board."""

from __future__ import annotations

import math
from itertools import pairwise

import torch
from torch import Tensor

from ..camera import Camera
from ..lights import AreaLight, Sky
from ..materials import bokeh, wood
from ..noise import bump, fbm, value_noise
from ..scene import Scene, Surface, placed, surface
from ..shapes import Baked, box, smooth_union
from ..vectors import Placement, length, mix, rotation, smoothstep, vec

# The rope of dough as seen from above: x, z, height of its middle above the table, radius.
# Half of it; the other half is mirrored in x, and there the rope passes below where it here passes above.
ROPE = (
    (0.00, 1.06, 0.30, 0.30), (0.42, 1.02, 0.30, 0.295), (0.86, 0.78, 0.28, 0.27), (1.20, 0.36, 0.26, 0.245),
    (1.34, -0.16, 0.25, 0.235), (1.20, -0.62, 0.24, 0.225), (0.84, -0.88, 0.23, 0.215), (0.46, -0.78, 0.24, 0.205),
    (0.20, -0.44, 0.29, 0.20), (0.00, -0.10, 0.34, 0.195), (-0.20, 0.22, 0.30, 0.19), (-0.44, 0.55, 0.36, 0.175),
    (-0.62, 0.86, 0.52, 0.15), (-0.70, 1.06, 0.50, 0.12),
)


def spline(points: tuple[tuple[float, ...], ...], per_span: int = 3) -> Tensor:
    """Return points (M, 4) along a Catmull-Rom curve."""
    knots = torch.tensor((points[0], *points, points[-1]))
    t = torch.linspace(0.0, 1.0, per_span + 1)[:-1, None]
    spans = []
    for a, b, c, d in zip(knots, knots[1:], knots[2:], knots[3:], strict=False):
        spans.append(0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3))
    return torch.cat([*spans, knots[-1:]])


def rope_distance(p: Tensor, mirrored: bool) -> Tensor:
    """Return the distance to one half of the rope."""
    curve = spline(ROPE)
    if mirrored:
        crossing = torch.exp(-((curve[:, 0] ** 2 + (curve[:, 1] + 0.1) ** 2) / 0.08))
        curve = curve * torch.tensor([-1.0, 1.0, 1.0, 1.0])
        curve[:, 2] -= 0.17 * crossing
    else:
        crossing = torch.exp(-((curve[:, 0] ** 2 + (curve[:, 1] + 0.1) ** 2) / 0.08))
        curve[:, 2] += 0.13 * crossing
    nearest = torch.full_like(p[0], 9.0)
    for a, b in pairwise(curve):
        start, along = a[[0, 2, 1], None], (b - a)[[0, 2, 1], None]
        share = (((p - start) * along).sum(0) / (along * along).sum()).clamp(0.0, 1.0)
        radius = a[3] + (b[3] - a[3]) * share
        nearest = torch.minimum(nearest, length(p - start - along * share) - radius)
    return nearest


def dough_field(p: Tensor) -> Tensor:
    both = smooth_union(rope_distance(p, False), rope_distance(p, True), 0.05)
    return both - 0.035 * (fbm(p * 1.6, 2) - 0.5)


def dough_surface(p: Tensor, normal: Tensor) -> Surface:
    tone = fbm(p * 2.0, 3)
    top = smoothstep(-0.5, 0.75, normal[1])
    albedo = mix(vec(0.54, 0.27, 0.08), vec(0.40, 0.125, 0.022), top)
    albedo = mix(albedo, vec(0.22, 0.055, 0.010), 0.8 * smoothstep(0.42, 0.75, tone) * top)
    # The thick part bursts while it bakes and shows its pale crumb.
    line = p[2] - 1.14 - 0.05 * torch.sin(p[0] * 4.0) - 0.05 * (value_noise(p * 8.0) - 0.5)
    split = (1.0 - smoothstep(0.035, 0.085, line.abs() + 0.10 * (p[0] / 0.62) ** 2)) * (normal[1] > 0)
    albedo = mix(albedo, vec(0.80, 0.58, 0.28), split)
    tilted = bump(lambda q: fbm(q * 12.0, 3), p, normal, 0.03)
    return surface(albedo, tilted, coat=0.05 * (1.0 - split), roughness=0.30, softness=0.15)


def grains(field: Baked, count: int = 170) -> list[tuple[Tensor, Tensor]]:
    """Return places (3, 1) and turns (3, 3) of salt grains strewn over the dough."""
    generator = torch.Generator().manual_seed(3)
    found: list[tuple[Tensor, Tensor]] = []
    while len(found) < count:
        x, z, a, b = torch.rand(4, generator=generator).tolist()
        p = torch.tensor([[2.9 * (x - 0.5)], [1.2], [2.5 * (z - 0.42)]])
        for _ in range(40):
            p = p - vec(0.0, 1.0, 0.0) * field(p) * 0.8
        if float(p[1]) > 0.22 and abs(float(field(p))) < 0.01:
            found.append((p, rotation(("x", 360 * a), ("y", 360 * b))))
    return found


def salt_field(spots: list[tuple[Tensor, Tensor]], p: Tensor) -> Tensor:
    nearest = torch.full_like(p[0], 9.0)
    front, back = float(p[2].max()) + 0.22, float(p[2].min()) - 0.22
    for index, (place, turn) in enumerate(spots):
        if not back < float(place[2]) < front:
            continue
        size = 0.023 + 0.010 * math.sin(index * 7.1)
        close = ((p - place).abs().amax(0) < 0.22).nonzero().flatten()
        if len(close):
            grain = box(turn.T @ (p[:, close] - place), size * 1.3, size, size * 0.9, 0.010)
            nearest[close] = torch.minimum(nearest[close], grain)
    return nearest.clamp_max(0.12)


def salt_surface(p: Tensor, normal: Tensor) -> Surface:
    return surface(vec(0.93, 0.92, 0.88), normal, coat=0.04, roughness=0.3, softness=0.5, emission=0.03)


def board(p: Tensor, normal: Tensor) -> Surface:
    return wood(p, normal, (0.14, 0.066, 0.026), (0.46, 0.27, 0.125), plank=1.35, gloss=0.03)


def build() -> Scene:
    dough = Baked(dough_field, (-1.75, -0.15, -1.3), (1.75, 1.0, 1.55), 104)
    spots = grains(dough)
    salt = Baked(lambda p: salt_field(spots, p), (-1.65, 0.1, -1.2), (1.65, 0.9, 1.45), 256)
    still = Placement((0.0, 0.0, 0.0), (("y", -6.0),))
    return Scene(
        camera=Camera((0.0, 4.8, 4.1), (0.0, 0.12, 0.12), 25.0, aperture=0.06, focus=6.0),
        parts=(
            placed(still, lambda p: dough(p) * 0.85, dough_surface, 2.0),
            placed(still, lambda p: salt(p) * 0.8, salt_surface, 2.0),
        ),
        low=(-1.75, 0.0, -1.5), high=(1.75, 1.0, 1.75),
        lights=(
            AreaLight((-4.0, 5.0, -2.6), (0.0, 0.2, 0.0), 2.2, (27.0, 24.0, 19.5)),
            AreaLight((5.0, 4.0, 2.5), (0.0, 0.2, 0.0), 2.6, (3.4, 4.2, 5.6)),
        ),
        sky=Sky((0.34, 0.36, 0.42), (0.25, 0.22, 0.19), (0.06, 0.03, 0.02)),
        backdrop=bokeh((0.05, 0.03, 0.015), (0.08, 0.06, 0.04), ((0.4, 0.3, 0.15),), seed=2),
        floor=board,
    )
