"""Evenly spread random numbers, and directions made from them."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from .vectors import normalize, tangents

# The plastic number spreads points over a square as the golden ratio does over a line.
PLASTIC = 1.32471795724474602596
PAIRS = 8


class Sampler:
    """Pairs of numbers in [0, 1) for each pixel of a tile; the pairs of successive samples fill the square evenly."""

    def __init__(self, pixels: int, samples: int, seed: int):
        generator = torch.Generator().manual_seed(seed)
        self.offsets = torch.rand(PAIRS, 2, pixels, generator=generator)
        self.orders = torch.stack([torch.randperm(samples, generator=generator) for _ in range(PAIRS)])

    def pair(self, dimension: int, sample: int) -> Tensor:
        """Return (2, pixels) for one use of random numbers (``dimension`` below 8) in one sample."""
        index = float(self.orders[dimension, sample])
        step = torch.tensor([[index / PLASTIC % 1.0], [index / PLASTIC**2 % 1.0]])
        return (self.offsets[dimension] + step) % 1.0


def cosine_direction(normal: Tensor, pair: Tensor) -> Tensor:
    """Return directions about the normals, as likely as a matt surface reflects into them."""
    first, second = tangents(normal)
    radius, angle = pair[0].sqrt(), 2 * math.pi * pair[1]
    height = (1.0 - pair[0]).clamp_min(0.0).sqrt()
    return normalize(radius * angle.cos() * first + radius * angle.sin() * second + height * normal)


def glossy_normal(normal: Tensor, roughness: Tensor, pair: Tensor) -> Tensor:
    """Return facet normals of a rough surface after the GGX distribution (Walter et al., 2007, equation 35)."""
    first, second = tangents(normal)
    alpha = roughness * roughness
    tangent = alpha * (pair[0] / (1.0 - pair[0]).clamp_min(1e-4)).sqrt()
    angle = 2 * math.pi * pair[1]
    return normalize(normal + tangent * (angle.cos() * first + angle.sin() * second))
