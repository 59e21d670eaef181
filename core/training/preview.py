"""What a recipe makes of a picture, by the very functions that a run uses."""

from __future__ import annotations

from collections.abc import Container
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from core.errors import LayerscopeError, ModelError
from core.training.augment import batch_of, chance, change
from core.training.dataset import Dataset, Part
from core.training.material import shown_to_network
from core.training.pictures import Pictures, Raster
from core.training.recipe import sides
from core.training.setup import kept_side
from core.types import AugmentPreview, ImageRef, ModelSpec, Pixels, Preprocessing, Recipe, frozen
from core.weights import builtin, usual
from core.weights.published import named_entry
from core.weights.resolve import resolve

_SHOWN_SIDE = 256
"""Pixels of the short side of the whole picture."""


def preprocessing_of(spec: ModelSpec) -> Preprocessing:
    """Return the preprocessing of a network; a file is read for it, published weights are not.

    Raises
    ------
    ModelError, WeightsError
        As :func:`core.weights.resolve.resolve`.
    """
    if spec.code is not None or spec.own_graph:
        raise ModelError(f"Training needs a network of the catalogue; “{spec.architecture}” brings its own.")
    if spec.weights.kind == "builtin":
        return builtin.card().preprocessing
    if spec.weights.kind == "named":
        return named_entry(spec.architecture, spec.weights.name).preprocessing
    if spec.weights.kind == "random":
        own = usual.of_architecture(spec.architecture).preprocessing
        return usual.for_channels(spec.architecture, own, spec.channels)
    return resolve(spec).preprocessing


def preview(
    dataset: Dataset,
    recipe: Recipe,
    how: Preprocessing,
    *,
    number: int = 0,
    count: int = 7,
    left_out: Container[str] = (),
) -> AugmentPreview:
    """Show what the first epochs will be shown of a picture.

    Parameters
    ----------
    dataset
        Where the picture comes from.
    recipe
        Says how it is changed. With the mode "head" the network learns from features of the picture as it is, and mirrored.
    how
        The preprocessing of the network.
    number
        Which picture of the training part, around the end; category after category takes its turn.
    count
        How many epochs.
    left_out
        Paths below the folder of pictures that cannot be read: a run counts without them.

    Raises
    ------
    LayerscopeError
        If nothing is left.
    core.errors.ImageError
        If the picture cannot be read.
    """
    part = _readable(dataset, left_out) if left_out else dataset.train
    if not len(part):
        raise LayerscopeError("No picture to train with can be read.", kind="empty", path=dataset.path)
    row = _row(part, number % len(part))
    pictures = Pictures(part, kept_side(recipe, how), len(how.mean), 0)
    raster = pictures.get(row)
    if recipe.mode == "head":
        batch = shown_to_network(pictures, row, how)
        inputs = [batch, batch.flip(3)] if recipe.flip else [batch]
    else:
        inputs = [_input(raster, row, epoch, recipe, how) for epoch in range(count)]
    name = _name(part.pictures[row], dataset.path) or f"training picture {row}"
    whole = Pictures(part, _SHOWN_SIDE, len(how.mean), 0).get(row)
    category = dataset.categories[int(part.targets[row])]
    return AugmentPreview(name, category, _shown(whole), tuple(_seen(batch, how) for batch in inputs), len(part))


def _readable(dataset: Dataset, left_out: Container[str]) -> Part:
    part = dataset.train
    return part.only([row for row in range(len(part)) if _name(part.pictures[row], dataset.path) not in left_out])


def _name(one: ImageRef | Raster, folder: Path) -> str:
    return one.path.relative_to(folder).as_posix() if isinstance(one, ImageRef) else ""


def _row(part: Part, number: int) -> int:
    """The picture of a number: the first of each category, then the second of each ..."""
    targets = part.targets
    order = np.argsort(targets, kind="stable")
    starts = np.searchsorted(targets[order], targets[order])
    within = np.arange(len(order)) - starts
    return int(order[np.lexsort((targets[order], within))[number]])


def _input(raster: Raster, row: int, epoch: int, recipe: Recipe, how: Preprocessing) -> Tensor:
    these = sides(recipe, epoch, how.crop)
    side = these[epoch % len(these)]
    return batch_of([change(raster, side, recipe, chance(recipe.seed, epoch, row), how)], how)


def _seen(batch: Tensor, how: Preprocessing) -> Pixels:
    """Turn an input (1, channels, side, side) back into a picture."""
    mean, std = (torch.tensor(numbers).view(-1, 1, 1) for numbers in (how.mean, how.std))
    values = batch[0] * std + mean
    if how.order == "BGR":
        values = values.flip(0)
    return _shown(values.clamp(0, 1).mul(255).round().to(torch.uint8).permute(1, 2, 0).numpy())


def _shown(raster: Raster) -> Pixels:
    return frozen(raster if raster.shape[2] == 3 else raster[:, :, 0])
