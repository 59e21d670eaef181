"""How much light comes back along a ray: lamps with soft shadows, one matt bounce, and mirrored surroundings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import torch
from torch import Tensor

from .lights import AreaLight, BallLight
from .march import MISS, ROUGH, SHARP, Care, floor_distance, march, normals
from .noise import without_bumps
from .sampling import Sampler, cosine_direction, glossy_normal
from .scene import Scene, Surface
from .vectors import dot, length, mix, normalize, reflect, smoothstep, vec

LIFT = 4e-3
BOUNCE_EVERY = 2
"""Matt surfaces ask for the light of their surroundings in one of so many samples: it is soft, and dear."""
SAMPLED_LAMPS = 0.25
"""Films at least so rough get the lamps' highlights from points on the lamps, smoother ones from mirrored rays."""


@dataclass(frozen=True)
class Hits:
    """Where rays met something: which rays (indices), the points (3, M) and their surfaces."""

    rays: Tensor
    points: Tensor
    surface: Surface
    distance: Tensor


def find_hits(scene: Scene, origin: Tensor, direction: Tensor, care: Care = SHARP) -> Hits:
    """Trace rays (3, N) and look up the surfaces they meet."""
    limit = torch.full_like(origin[0], MISS)
    floor = limit if scene.floor is None else floor_distance(origin, direction)
    t = march(scene, origin, direction, floor, care=care)
    on_part = t < MISS
    t = torch.minimum(t, floor)
    rays = (t < MISS).nonzero().flatten()
    on_part, t = on_part[rays], t[rays]
    points = origin[:, rays] + direction[:, rays] * t
    return Hits(rays, points, look_up(scene, points, direction[:, rays], on_part), t)


def look_up(scene: Scene, points: Tensor, direction: Tensor, on_part: Tensor) -> Surface:
    """Return the surfaces at points on parts (where ``on_part``) or on the floor."""
    normal = torch.zeros_like(points) + vec(0, 1, 0)
    owner = torch.full_like(points[0], -1, dtype=torch.int64)
    solid = on_part.nonzero().flatten()
    if len(solid):
        normal[:, solid] = normals(scene, points[:, solid])
        owner[solid] = scene.owner(points[:, solid])
    normal = torch.where(dot(normal, direction) > 0, -normal, normal)
    whole = Surface(*(torch.zeros_like(points) if f.name in ("albedo", "normal", "emission") else torch.zeros_like(points[0])
                      for f in fields(Surface)))
    shades = [(-1, scene.floor)] + [(index, part.shade) for index, part in enumerate(scene.parts)]
    for index, shade in shades:
        rows = (owner == index).nonzero().flatten()
        if len(rows) and shade is not None:
            piece = shade(points[:, rows], normal[:, rows])
            for f in fields(Surface):
                getattr(whole, f.name)[..., rows] = getattr(piece, f.name)
    return whole


def highlight(s: Surface, toward: Tensor, view: Tensor) -> Tensor:
    """Return how much a rough film reflects from a lamp to the eye (M,): the GGX lobe with a plain shadowing term."""
    half = normalize(toward - view)
    alpha = s.roughness.clamp_min(0.05) ** 2
    peak = (alpha / ((dot(s.normal, half) ** 2) * (alpha * alpha - 1.0) + 1.0)) ** 2 / torch.pi
    fresnel = s.coat + (1.0 - s.coat) * (1.0 - dot(half, toward).clamp(0.0, 1.0)) ** 5
    return (s.coat > 0) * (s.roughness >= SAMPLED_LAMPS) * fresnel * peak / (4.0 * dot(s.normal, -view).clamp_min(0.25))


def direct_light(
    scene: Scene, hits: Hits, pair: Tensor, lights: Sequence[AreaLight | BallLight], view: Tensor | None = None
) -> Tensor:
    """Return the light of lamps (3, M) that the surfaces send on: the matt part and, towards ``view``, rough highlights."""
    total = torch.zeros_like(hits.points)
    s = hits.surface
    for light in lights:
        away = light.point(pair) - hits.points
        distance = length(away)
        toward = away / distance
        cosine = ((dot(s.normal, toward) + s.softness) / (1.0 + s.softness)).clamp_min(0.0)
        lit = (cosine > 0).nonzero().flatten()
        if len(lit):
            start = hits.points[:, lit] + s.normal[:, lit] * LIFT
            blocked = march(scene, start, toward[:, lit], distance[lit], start=LIFT, care=ROUGH) < MISS
            cosine[lit[blocked]] = 0.0
        answer = s.albedo / torch.pi
        if view is not None:
            answer = answer + highlight(s, toward, view) / (1.0 + s.softness)
        total += light.irradiance(toward, distance) * cosine * answer
    return total


def second_hand(
    scene: Scene, origin: Tensor, direction: Tensor, pair: Tensor, sample: int, polish: Tensor | None = None
) -> Tensor:
    """Return what comes from a direction (3, N): the sky, or a surface lit by one of the lamps and by the open sky.

    The samples take turns with the lamps, and each stands for all of them. ``polish`` (N,) says for mirrored rays how much
    of the lamps themselves they may show.
    """
    total = scene.sky(direction)
    if polish is not None:
        for light in scene.lights:
            total = total + light.seen(origin, direction) * polish
    with without_bumps():
        hits = find_hits(scene, origin, direction, ROUGH if polish is None else SHARP)
    if len(hits.rays):
        ambient = hits.surface.albedo * scene.sky(hits.surface.normal) * 0.5
        lamp = scene.lights[sample % len(scene.lights)]
        direct = direct_light(scene, hits, pair[:, hits.rays], (lamp,)) * len(scene.lights)
        total[:, hits.rays] = hits.surface.emission + direct + ambient
    return total


@dataclass(frozen=True)
class Seen:
    """What camera rays see: radiance (3, N), and colour (3, N), normal (3, N) and depth (N,) of the surface."""

    light: Tensor
    albedo: Tensor
    normal: Tensor
    depth: Tensor


def radiance(scene: Scene, origin: Tensor, direction: Tensor, sampler: Sampler, sample: int) -> Seen:
    """Follow camera rays (3, N) and their light."""
    total = scene.backdrop(direction)
    hits = find_hits(scene, origin, direction)
    depth, normal, albedo = torch.full_like(origin[0], MISS), torch.zeros_like(total), torch.ones_like(total)
    if len(hits.rays):
        depth[hits.rays], normal[:, hits.rays] = hits.distance, hits.surface.normal
        light, color = hit_radiance(scene, hits, direction[:, hits.rays], sampler, sample), hits.surface.albedo
        if scene.floor is not None:
            fade = smoothstep(*scene.floor_fade, hits.distance) * (hits.points[1] < 1e-3)
            light = mix(light, total[:, hits.rays], fade)
            color = mix(color, torch.ones_like(color), fade)
        total[:, hits.rays], albedo[:, hits.rays] = light, color
    if scene.glow is not None:
        total = total + scene.glow(origin, direction, depth)
    return Seen(total, albedo, normal, depth.clamp_max(30.0))


def hit_radiance(scene: Scene, hits: Hits, direction: Tensor, sampler: Sampler, sample: int) -> Tensor:
    """Return the colours (3, M) of the surfaces that camera rays met."""
    s = hits.surface
    pairs = [sampler.pair(dimension, sample)[:, hits.rays] for dimension in range(2, 7)]
    start = hits.points + s.normal * LIFT
    matt = direct_light(scene, hits, pairs[0], scene.lights, direction)
    if sample % BOUNCE_EVERY == 0:
        around = cosine_direction(s.normal, pairs[1])
        matt += BOUNCE_EVERY * s.albedo * second_hand(scene, start, around, pairs[2], sample // BOUNCE_EVERY)
    polished = (s.coat > 0).nonzero().flatten()
    if len(polished):
        facet = glossy_normal(s.normal[:, polished], s.roughness[polished], pairs[3][:, polished])
        view = direction[:, polished]
        ray = normalize(reflect(view, facet))
        cosine = dot(-view, facet).clamp(0.0, 1.0)
        # Rough films lose the bright rim that Schlick's formula gives them.
        rim = (1.0 - s.roughness[polished]) - s.coat[polished]
        fresnel = s.coat[polished] + rim.clamp_min(0.0) * (1.0 - cosine) ** 5
        smooth = (s.roughness[polished] < SAMPLED_LAMPS).float()
        mirrored = second_hand(scene, start[:, polished], ray, pairs[4][:, polished], sample, smooth)
        matt[:, polished] = mix(matt[:, polished], mirrored.clamp_max(30.0), fresnel)
    return matt + s.emission
