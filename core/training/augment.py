"""Changing pictures by chance, each by itself and reproducibly: the same seed, epoch and row give the same picture."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from core.training.pictures import Raster
from core.types import Preprocessing, Recipe

_RATIO = (3 / 4, 4 / 3)
_TRIES = 10
# Principal components of the colours of ImageNet, on the scale [0, 1]; Krizhevsky et al. 2012, section 4.1. The values are
# those that the published code of AlexNet's successors shares.
_EIGENVALUES = np.array([0.2175, 0.0188, 0.0045])
_EIGENVECTORS = np.array([[-0.5675, 0.7192, 0.4009], [-0.5808, -0.0045, -0.8140], [-0.5836, -0.6948, 0.4203]])


@dataclass(frozen=True, slots=True, eq=False)
class Changed:
    """A picture for the network, uint8 (side, side, channels), and how its colours are still to be changed.

    ``gains`` are factors for brightness, contrast and saturation; ``shift`` is added to the channels, on the scale [0, 1].
    """

    pixels: Raster
    gains: tuple[float, float, float] = (1.0, 1.0, 1.0)
    shift: tuple[float, float, float] = (0.0, 0.0, 0.0)


def chance(seed: int, epoch: int, row: int) -> np.random.Generator:
    """The chance of one picture in one epoch."""
    return np.random.Generator(np.random.PCG64((seed, epoch, row)))


def change(raster: Raster, side: int, recipe: Recipe, dice: np.random.Generator, how: Preprocessing) -> Changed:
    """Cut, resize and mirror a picture as a recipe says.

    Parameters
    ----------
    raster
        uint8 (height, width, channels).
    side
        Side of the result in pixels.
    recipe
        Its ``crop``, ``flip``, ``colour`` and ``colour_shift`` count.
    dice
        Where chance comes from.
    how
        Says with "centre" how much of the picture the network will be shown.
    """
    height, width = raster.shape[:2]
    box = _box(width, height, side, recipe, dice, how)
    picture = Image.fromarray(raster if raster.shape[2] == 3 else raster[:, :, 0])
    pixels = np.asarray(picture.resize((side, side), Image.Resampling.BILINEAR, box=box))
    pixels = pixels if pixels.ndim == 3 else pixels[:, :, None]
    if recipe.flip and dice.random() < 0.5:
        pixels = pixels[:, ::-1]
    gains = tuple(float(dice.uniform(1 - recipe.colour, 1 + recipe.colour)) for _ in range(3)) if recipe.colour else (1.0,) * 3
    shift = (0.0, 0.0, 0.0)
    if recipe.colour_shift and pixels.shape[2] == 3:
        moved = _EIGENVECTORS @ (dice.normal(0, recipe.colour_shift, 3) * _EIGENVALUES)
        shift = (float(moved[0]), float(moved[1]), float(moved[2]))
    return Changed(np.ascontiguousarray(pixels), (gains[0], gains[1], gains[2]), shift)


def batch_of(pictures: list[Changed], how: Preprocessing) -> Tensor:
    """Change the colours and normalise: float32 (N, channels, side, side), channels last in memory."""
    stacked = torch.from_numpy(np.stack([one.pixels for one in pictures])).permute(0, 3, 1, 2)
    batch = stacked.to(torch.float32).div_(255)
    gains = torch.tensor([one.gains for one in pictures]).T.reshape(3, -1, 1, 1, 1)
    if bool((gains != 1).any()):
        batch = _coloured(batch, gains)
    if any(any(one.shift) for one in pictures):
        batch = (batch + torch.tensor([one.shift for one in pictures])[:, :, None, None]).clamp_(0, 1)
    if how.order == "BGR":
        batch = batch.flip(1)
    mean, std = (torch.tensor(numbers, dtype=torch.float32).view(1, -1, 1, 1) for numbers in (how.mean, how.std))
    return batch.sub_(mean).div_(std).contiguous(memory_format=torch.channels_last)


def _coloured(batch: Tensor, gains: Tensor) -> Tensor:
    """Saturation, contrast, brightness, in this order, as torchvision's adjust functions blend with grey, mean and black."""
    brightness, contrast, saturation = gains
    weights = torch.tensor([0.2989, 0.587, 0.114] if batch.shape[1] == 3 else [1.0]).view(1, -1, 1, 1)
    grey = (batch * weights).sum(1, keepdim=True)
    batch = grey + (batch - grey) * saturation
    level = grey.mean((2, 3), keepdim=True)
    batch = level + (batch - level) * contrast
    return batch.mul_(brightness).clamp_(0, 1)


def _box(
    width: int, height: int, side: int, recipe: Recipe, dice: np.random.Generator, how: Preprocessing
) -> tuple[float, float, float, float]:
    if recipe.crop == "area":
        across, down = _area(width, height, recipe.crop_area, dice)
    else:
        short = min(width, height)
        if recipe.crop == "jitter":
            # S relative to the side of the input: the part that is cut has side / S of the short side.
            share = 1 / dice.uniform(*recipe.scale_jitter)
        else:
            whole = how.resize if isinstance(how.resize, int) else min(how.resize)
            share = min(1.0, how.crop / whole)
        across = down = short * share
    if recipe.crop == "centre":
        left, top = (width - across) / 2, (height - down) / 2
    else:
        left, top = float(dice.uniform(0, width - across)), float(dice.uniform(0, height - down))
    return left, top, left + across, top + down


def _area(
    width: int, height: int, area: tuple[float, float], dice: np.random.Generator
) -> tuple[float, float]:
    """Draw (width, height) of a part, as torchvision's RandomResizedCrop does; the largest square after ten misses."""
    for _ in range(_TRIES):
        wanted = dice.uniform(*area) * width * height
        ratio = math.exp(dice.uniform(math.log(_RATIO[0]), math.log(_RATIO[1])))
        across, down = math.sqrt(wanted * ratio), math.sqrt(wanted / ratio)
        if across <= width and down <= height:
            return across, down
    return float(min(width, height)), float(min(width, height))


