"""Remove the grain that few light paths leave, without softening edges and textures.

The edge-avoiding wavelet filter of Dammertz et al. (2010), steered by the noise measured in each pixel as in
Schied et al. (2017). Light is divided by the colour of the surface first, so that painted detail is not touched.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, pad

PASSES = 4
KERNEL = (0.375, 0.25, 0.0625)
"""Weights of the filter by distance from its middle."""


def shifted(image: Tensor, down: int, right: int, margin: int) -> Tensor:
    """Return ``image`` (C, H, W), padded by ``margin`` beforehand, moved by some pixels."""
    _, height, width = image.shape
    top, left = margin + down, margin + right
    return image[:, top : height - 2 * margin + top, left : width - 2 * margin + left]


def padded(image: Tensor, margin: int) -> Tensor:
    return pad(image[None], (margin,) * 4, mode="replicate")[0]


def denoise(light: Tensor, noise: Tensor, albedo: Tensor, guide: Tensor, strength: float = 3.0) -> Tensor:
    """Return the cleaned radiance (3, H, W).

    Parameters
    ----------
    light, albedo
        Radiance and mean surface colour, (3, H, W).
    noise
        Variance of the mean brightness of each pixel after division by the colour, (1, H, W).
    guide
        What differs across edges (normals, colours, depth), scaled so that 1 is a clear edge, (C, H, W).
    strength
        Differences of this many standard deviations still count as grain.
    """
    tint = albedo + 0.04
    clean, variance = light / tint, noise
    for level in range(PASSES):
        clean, variance = wavelet_pass(clean, variance, guide, 2**level, strength)
    return clean * tint


def wavelet_pass(light: Tensor, variance: Tensor, guide: Tensor, step: int, strength: float) -> tuple[Tensor, Tensor]:
    """Blur with holes ``step`` pixels wide where neither the guide nor the brightness changes."""
    margin = 2 * step
    smooth = avg_pool2d(padded(variance, 1)[None], 3, stride=1)[0]
    tolerance = strength * smooth.sqrt() + 1e-4
    wide_light, wide_variance, wide_guide = (padded(image, margin) for image in (light, variance, guide))
    total, total_variance, norm = torch.zeros_like(light), torch.zeros_like(variance), torch.zeros_like(variance)
    brightness = light.mean(0, keepdim=True)
    for down in range(-2, 3):
        for right in range(-2, 3):
            other = shifted(wide_light, down * step, right * step, margin)
            edge = (shifted(wide_guide, down * step, right * step, margin) - guide).square().sum(0, keepdim=True)
            contrast = (other.mean(0, keepdim=True) - brightness).abs() / tolerance
            weight = KERNEL[abs(down)] * KERNEL[abs(right)] * torch.exp(-6.0 * edge - contrast)
            total += weight * other
            total_variance += weight * weight * shifted(wide_variance, down * step, right * step, margin)
            norm += weight
    return total / norm, total_variance / (norm * norm)
