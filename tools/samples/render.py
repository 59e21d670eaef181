"""Render a scene tile by tile."""

from __future__ import annotations

from dataclasses import dataclass, fields

import torch
from PIL import Image
from torch import Tensor

from .denoise import denoise
from .film import develop
from .sampling import Sampler
from .scene import Scene
from .shading import radiance

TILE_PIXELS = 98304
# A pixel that one lucky path makes brilliant would stand out as a speck.
CEILING = 12.0
RAGGED = 0.10
EXTRA = 4


@dataclass(frozen=True)
class Exposure:
    """What a set of pixels gathered, (C, N): means over the samples, and how much the samples differ.

    ``light`` is radiance, ``albedo`` the colour of surfaces, ``guide`` steers the noise filter. ``noise`` is the variance of
    the mean brightness after division by the colour; ``edge`` tells how much surfaces differ within the pixel.
    """

    light: Tensor
    albedo: Tensor
    guide: Tensor
    noise: Tensor
    edge: Tensor


def expose(scene: Scene, pixels: Tensor, width: int, height: int, samples: int, seed: int) -> Exposure:
    """Render the pixels with the given running numbers (N,)."""
    sampler = Sampler(len(pixels), samples, seed)
    column, row = (pixels % width).float(), (pixels // width).float()
    rows: dict[str, list[Tensor]] = {"light": [], "albedo": [], "guide": [], "brightness": []}
    for sample in range(samples):
        inside, lens = sampler.pair(0, sample), sampler.pair(1, sample)
        x = (2.0 * (column + inside[0]) - width) / height
        y = (height - 2.0 * (row + inside[1])) / height
        seen = radiance(scene, *scene.camera.rays(x, y, lens), sampler, sample)
        light = seen.light.clamp(0.0, CEILING)
        rows["light"].append(light)
        rows["albedo"].append(seen.albedo)
        rows["guide"].append(torch.cat((2.0 * seen.normal, 3.0 * seen.albedo, seen.depth[None].log1p() * 4.0)))
        rows["brightness"].append((light / (seen.albedo + 0.04)).mean(0, keepdim=True))
    stacks = {name: torch.stack(values) for name, values in rows.items()}
    means = {name: values.mean(0) for name, values in stacks.items()}
    noise = stacks["brightness"].var(0, correction=0) / max(samples - 1, 1)
    contrast = stacks["light"].mean(1).var(0, correction=0) / (means["light"].mean(0) + 0.05) ** 2
    edge = stacks["guide"].var(0, correction=0).sum(0).clamp_max(1.0) * contrast
    return Exposure(means["light"], means["albedo"], means["guide"], noise, edge[None])


def refine(first: Exposure, second: Exposure, at: Tensor, share: float) -> None:
    """Mix a second exposure of the pixels ``at`` into the first; ``share`` is its part of all samples."""
    for name in ("light", "albedo", "guide"):
        layer = getattr(first, name)
        layer[:, at] = torch.lerp(layer[:, at], getattr(second, name), share)
    first.noise[:, at] = first.noise[:, at] * (1 - share) ** 2 + second.noise * share**2


@torch.inference_mode()
def render(scene: Scene, width: int, height: int, samples: int) -> Image.Image:
    """Render ``scene``; the same arguments give the same picture.

    Every pixel gets ``samples`` paths; the ragged ones (edges, mostly) get ``EXTRA`` times as many on top.
    """
    tiles = torch.arange(width * height).split(TILE_PIXELS)
    parts = [expose(scene, tile, width, height, samples, seed) for seed, tile in enumerate(tiles)]
    whole = Exposure(*(torch.cat([getattr(part, field.name) for part in parts], dim=1) for field in fields(Exposure)))
    ragged = whole.edge[0].topk(round(RAGGED * width * height)).indices.sort().values
    for seed, some in enumerate(ragged.split(TILE_PIXELS), start=len(tiles)):
        again = expose(scene, some, width, height, EXTRA * samples, seed)
        refine(whole, again, some, EXTRA / (EXTRA + 1))
    layers = (layer.view(-1, height, width) for layer in (whole.light, whole.noise, whole.albedo, whole.guide))
    return develop(denoise(*layers), scene.exposure, scene.vignette)
