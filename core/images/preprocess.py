"""From an upright picture to the network's input tensor, as the weights' own transforms do it, and back for the eye."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image

from core.images.decode import Decoded
from core.images.geometry import centre_corner, resized_size
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
    resized = Resized(decoded, how)
    left, top = (centre_corner(side, how.crop) for side in resized.size)
    crop = (left, top, left + how.crop, top + how.crop)
    return Prepared(resized.cut(crop), resized.on_original(crop))


class Resized:
    """A picture at the size at which a network looks at it, to cut one or more inputs from.

    Made by Pillow as :func:`preprocess` says; the resize is done once, except for a picture that would become larger than
    64 million pixels, of which each cut is resized by itself.

    Parameters
    ----------
    decoded, how
        As for :func:`preprocess`; ``how.crop`` is not looked at.

    Attributes
    ----------
    size
        (width, height) in pixels.
    """

    def __init__(self, decoded: Decoded, how: Preprocessing) -> None:
        channels = len(how.mean)
        if how.interpolation not in INTERPOLATIONS or channels not in {1, 3} or len(how.std) != channels:
            raise ValueError(f"cannot preprocess with {how}")
        self.size = resized_size(decoded.size, how.resize)
        self._how = how
        self._original = decoded.size
        # The original's own edge: a JPEG decoded at reduced scale has a part of a pixel more.
        self._edge = (decoded.size[0] * decoded.scale, decoded.size[1] * decoded.scale)
        self._is_whole = self.size[0] * self.size[1] <= _WHOLE_LIMIT
        picture = decoded.rgb if channels == 3 else decoded.rgb.convert("L")
        box = None if decoded.scale == 1 else (0, 0, *self._edge)
        self._picture = picture.resize(self.size, INTERPOLATIONS[how.interpolation], box=box) if self._is_whole else picture

    def cut(self, crop: tuple[int, int, int, int]) -> torch.Tensor:
        """Return a part as an input tensor.

        Parameters
        ----------
        crop
            left, top, right, bottom in pixels of the resized picture; what lies outside of it is black before normalising,
            as in torchvision.

        Returns
        -------
        float32 (1, channels, bottom - top, right - left), contiguous, on the CPU, normalised.
        """
        return _normalised(self._picture.crop(crop) if self._is_whole else self._resized_part(crop), self._how)

    def on_original(self, crop: tuple[int, int, int, int]) -> Box:
        """Return the box of a part in pixels of the upright original."""
        across, down = self._original[0] / self.size[0], self._original[1] / self.size[1]
        return crop[0] * across, crop[1] * down, crop[2] * across, crop[3] * down

    def _resized_part(self, crop: tuple[int, int, int, int]) -> Image.Image:
        left, top = max(0, crop[0]), max(0, crop[1])
        right, bottom = min(self.size[0], crop[2]), min(self.size[1], crop[3])
        across, down = self._edge[0] / self.size[0], self._edge[1] / self.size[1]
        box = (left * across, top * down, right * across, bottom * down)
        part = self._picture.resize((right - left, bottom - top), INTERPOLATIONS[self._how.interpolation], box=box)
        return part.crop((crop[0] - left, crop[1] - top, crop[2] - left, crop[3] - top))


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


def _normalised(picture: Image.Image, how: Preprocessing) -> torch.Tensor:
    pixels = torch.from_numpy(np.array(picture, copy=True)).view(picture.height, picture.width, len(how.mean))
    values = pixels.permute(2, 0, 1).contiguous().to(torch.float32) / 255.0
    if how.order == "BGR":
        values = values.flip(0)
    mean, std = (torch.tensor(numbers, dtype=torch.float32).view(-1, 1, 1) for numbers in (how.mean, how.std))
    return values.sub_(mean).div_(std).unsqueeze(0)
