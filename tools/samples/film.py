"""From linear light to a picture file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor


def tone_curve(light: Tensor) -> Tensor:
    """Map radiance to [0, 1] with a soft shoulder (Narkowicz' fit of the ACES curve)."""
    return ((light * (2.51 * light + 0.03)) / (light * (2.43 * light + 0.59) + 0.14)).clamp(0.0, 1.0)


def encode_srgb(light: Tensor) -> Tensor:
    """Apply the transfer function of sRGB to values in [0, 1]."""
    return torch.where(light <= 0.0031308, light * 12.92, 1.055 * light.clamp_min(1e-6) ** (1 / 2.4) - 0.055)


def develop(light: Tensor, exposure: float, vignette: float) -> Image.Image:
    """Turn radiance (3, H, W) into an 8-bit picture."""
    _, height, width = light.shape
    y = torch.linspace(-1, 1, height)[:, None]
    x = torch.linspace(-1, 1, width)[None, :] * width / height
    dim = 1.0 - vignette * ((x * x + y * y) / 2.8).clamp_max(1.0)
    pixels = encode_srgb(tone_curve(light * exposure * dim))
    array = (pixels.permute(1, 2, 0).numpy() * 255.0 + 0.5).astype(np.uint8)
    return Image.fromarray(array, "RGB")


def save(picture: Image.Image, path: Path) -> None:
    """Write a JPEG without sub-sampled colour, so that small bright details keep theirs."""
    picture.save(path, quality=92, subsampling=0, optimize=True)
