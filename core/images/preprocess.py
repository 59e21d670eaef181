"""From an upright picture to the network's input tensor, as the weights' own transforms do it, and back for the eye."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image

from core.images.decode import Decoded
from core.types import Box, Pixels, Preprocessing

INTERPOLATIONS = {
    "nearest": Image.Resampling.NEAREST,
    "nearest-exact": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "box": Image.Resampling.BOX,
    "hamming": Image.Resampling.HAMMING,
    "lanczos": Image.Resampling.LANCZOS,
}
"""torchvision's words for ``Preprocessing.interpolation``, and Pillow's filters for them."""

_WHOLE_LIMIT = 64_000_000
"""Pixels of the resized picture above which only the part under the crop is computed (a 1×500 strip becomes
256×128,000)."""


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """What goes into the network.

    ``tensor`` is float32, (1, channels, crop, crop), contiguous, on the CPU, normalised. ``box`` is the crop in
    pixels of the upright original; it reaches beyond the picture where the crop is larger than the resized picture
    (zeros there).
    """

    tensor: torch.Tensor
    box: Box


def target_side(how: Preprocessing) -> int:
    """The side in pixels that pictures are resized to, for ``decode(..., short_side=...)``."""
    return max(how.resize) if isinstance(how.resize, tuple) else how.resize


def preprocess(decoded: Decoded, how: Preprocessing) -> Prepared:
    """Resize, crop the centre, scale to [0, 1] and normalise.

    Bit-identical to torchvision's ``ImageClassification`` preset (``weights.transforms()``) on the same picture: the
    long side becomes ``int(size * long / short)``, the filter is Pillow's, the crop's corner is rounded half to even,
    and what lies outside the picture is black before normalising. Exceptions, both invisible: pictures that were
    decoded at reduced scale, and those that would become larger than 64 million pixels, of which only the crop is
    computed (at most 1/255 off). A network of one channel (``how.mean`` of length 1) gets luma (ITU-R 601-2, Pillow's
    mode L), taken before the resize.

    Parameters
    ----------
    decoded
        The picture.
    how
        What the weights ask for.

    Raises
    ------
    ValueError
        If ``how`` names an unknown interpolation, or not 1 or 3 channels.
    """
    channels = len(how.mean)
    if how.interpolation not in INTERPOLATIONS or channels not in {1, 3} or len(how.std) != channels:
        raise ValueError(f"cannot preprocess with {how}")
    picture = decoded.rgb if channels == 3 else decoded.rgb.convert("L")
    size = _resized(decoded.size, how.resize)
    left, top = _corner(size[0], how.crop), _corner(size[1], how.crop)
    crop = (left, top, left + how.crop, top + how.crop)
    cropped = _crop(picture, decoded, size, crop, INTERPOLATIONS[how.interpolation])
    across, down = decoded.size[0] / size[0], decoded.size[1] / size[1]
    box = (left * across, top * down, (left + how.crop) * across, (top + how.crop) * down)
    return Prepared(_normalised(cropped, how), box)


def network_pixels(tensor: torch.Tensor, how: Preprocessing) -> Pixels:
    """Turn an input tensor back into the picture that the network saw.

    Parameters
    ----------
    tensor
        float, (1, channels, height, width) or (channels, height, width), normalised, on any device.
    how
        How it was made.

    Returns
    -------
    Pixels
        uint8, (height, width, 3), read-only: ``tensor * std + mean``, times 255, rounded and clamped; one channel is
        repeated three times, NaN is black. Exactly the cropped pixels, for a tensor made by :func:`preprocess`.
    """
    values = tensor.detach().to("cpu", torch.float32)
    values = values[0] if values.ndim == 4 else values
    mean, std = (torch.tensor(numbers).view(-1, 1, 1) for numbers in (how.mean, how.std))
    levels = (values * std + mean).mul(255).round().nan_to_num(0.0).clamp(0, 255).to(torch.uint8)
    if how.order == "BGR":
        levels = levels.flip(0)
    pixels: Pixels = np.ascontiguousarray(levels.expand(3, -1, -1).permute(1, 2, 0).numpy())
    pixels.setflags(write=False)
    return pixels


def _resized(size: tuple[int, int], resize: int | tuple[int, int]) -> tuple[int, int]:
    """(width, height) after the resize."""
    if isinstance(resize, tuple):
        return resize[1], resize[0]
    width, height = size
    long_side = int(resize * max(size) / min(size))
    return (resize, long_side) if width <= height else (long_side, resize)


def _corner(side: int, crop: int) -> int:
    """Where the crop begins; negative where zeros are put around a smaller picture."""
    return -((crop - side) // 2) if crop > side else round((side - crop) / 2.0)


def _crop(
    picture: Image.Image,
    decoded: Decoded,
    size: tuple[int, int],
    crop: tuple[int, int, int, int],
    how: Image.Resampling,
) -> Image.Image:
    """Resize to ``size`` and cut out ``crop``; Pillow fills what lies outside with zeros, as torchvision does."""
    # The original's own edge: a JPEG decoded at reduced scale has a part of a pixel more.
    edge = (decoded.size[0] * decoded.scale, decoded.size[1] * decoded.scale)
    if size[0] * size[1] <= _WHOLE_LIMIT:
        whole = picture.resize(size, how, box=None if decoded.scale == 1 else (0, 0, *edge))
        return whole.crop(crop)
    left, top, right, bottom = max(0, crop[0]), max(0, crop[1]), min(size[0], crop[2]), min(size[1], crop[3])
    across, down = edge[0] / size[0], edge[1] / size[1]
    box = (left * across, top * down, right * across, bottom * down)
    part = picture.resize((right - left, bottom - top), how, box=box)
    return part.crop((crop[0] - left, crop[1] - top, crop[2] - left, crop[3] - top))


def _normalised(picture: Image.Image, how: Preprocessing) -> torch.Tensor:
    pixels = torch.from_numpy(np.array(picture, copy=True)).view(picture.height, picture.width, len(how.mean))
    values = pixels.permute(2, 0, 1).contiguous().to(torch.float32) / 255.0
    if how.order == "BGR":
        values = values.flip(0)
    mean, std = (torch.tensor(numbers, dtype=torch.float32).view(-1, 1, 1) for numbers in (how.mean, how.std))
    return values.sub_(mean).div_(std).unsqueeze(0)
