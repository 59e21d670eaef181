"""What a network learns from, batch by batch: changed pictures, or features that were computed once."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator, Iterator
from contextlib import AbstractContextManager, contextmanager

import torch
from torch import Tensor

from core.images.decode import decode
from core.images.preprocess import preprocess, target_side
from core.training.augment import batch_of, chance, change
from core.training.features import HeadOnFeatures
from core.training.loader import Batch, ahead, batch_sides, epoch_order, training_batch
from core.training.pictures import Pictures
from core.training.recipe import sides
from core.types import ImageRef, Preprocessing, Recipe

VAL_BATCH = 64


class Material(ABC):
    """Batches for an epoch of training, and for validation; both in an order that the seed fixes."""

    @abstractmethod
    def count(self) -> int:
        """How many pictures an epoch has, those of an incomplete last batch left out."""

    @abstractmethod
    def side(self, epoch: int) -> int:
        """The largest side of the input in an epoch, in pixels."""

    @abstractmethod
    def training(self, epoch: int) -> AbstractContextManager[Iterator[Batch]]:
        """The batches of an epoch, counted from 0."""

    @abstractmethod
    def validation(self) -> AbstractContextManager[Iterator[Batch]]:
        """The validation pictures, each once, as the network will be shown pictures."""


def whole_batches(count: int, size: int) -> list[tuple[int, int]]:
    """First and last row of each batch; an incomplete one is left out unless it is the only one."""
    return [(first, first + size) for first in range(0, count - size + 1, size)] or [(0, count)]


class PictureMaterial(Material):
    """Pictures, changed anew in each epoch.

    Parameters
    ----------
    train, val
        The pictures.
    recipe
        Says how they are changed.
    how
        The preprocessing of the network.
    """

    def __init__(self, train: Pictures, val: Pictures, recipe: Recipe, how: Preprocessing) -> None:
        self._train, self._val = train, val
        self._recipe, self._how = recipe, how
        self._batches = whole_batches(len(train.part), min(recipe.batch_size, len(train.part)))

    def count(self) -> int:
        """See :class:`Material`."""
        return self._batches[-1][1]

    def side(self, epoch: int) -> int:
        """See :class:`Material`."""
        return max(sides(self._recipe, epoch, self._how.crop))

    @contextmanager
    def training(self, epoch: int) -> Iterator[Iterator[Batch]]:
        """See :class:`Material`."""
        recipe, how = self._recipe, self._how
        order = epoch_order(len(self._train.part), recipe, epoch)
        shown = batch_sides(sides(recipe, epoch, how.crop), len(self._batches), recipe.seed, epoch)

        def make(number: int) -> Batch:
            first, last = self._batches[number]
            return training_batch(self._train, order[first:last], shown[number], epoch, recipe, how)

        with ahead(make, len(self._batches)) as batches:
            yield batches

    @contextmanager
    def validation(self) -> Iterator[Iterator[Batch]]:
        """See :class:`Material`."""
        part = self._val.part
        parts = range(0, len(part), VAL_BATCH)

        def make(number: int) -> Batch:
            rows = range(parts[number], min(len(part), parts[number] + VAL_BATCH))
            batch = torch.cat([shown_to_network(self._val, row, self._how) for row in rows])
            return batch, torch.from_numpy(part.targets[list(rows)])

        with ahead(make, len(parts)) as batches:
            yield batches


class FeatureMaterial(Material):
    """Features of each training picture, as it is and mirrored, and of each validation picture."""

    def __init__(self, views: tuple[Tensor, ...], targets: Tensor, val: Batch, recipe: Recipe, side: int) -> None:
        self._views, self._targets, self._val = views, targets, val
        self._recipe, self._side = recipe, side
        self._batches = whole_batches(len(targets), min(recipe.batch_size, len(targets)))

    def count(self) -> int:
        """See :class:`Material`."""
        return self._batches[-1][1]

    def side(self, epoch: int) -> int:
        """See :class:`Material`."""
        return self._side

    @contextmanager
    def training(self, epoch: int) -> Iterator[Iterator[Batch]]:
        """See :class:`Material`."""
        seed = self._recipe.seed
        order = epoch_order(len(self._targets), self._recipe, epoch)
        which = chance(seed, epoch, 0).integers(len(self._views), size=len(order))

        def drawn() -> Iterator[Batch]:
            for first, last in self._batches:
                rows, views = order[first:last].tolist(), which[first:last].tolist()
                batch = torch.stack([self._views[view][row] for view, row in zip(views, rows, strict=True)])
                yield batch.float(), self._targets[rows]

        yield drawn()

    @contextmanager
    def validation(self) -> Iterator[Iterator[Batch]]:
        """See :class:`Material`."""
        features, targets = self._val
        yield (
            (features[first : first + VAL_BATCH].float(), targets[first : first + VAL_BATCH])
            for first in range(0, len(targets), VAL_BATCH)
        )


def shown_to_network(pictures: Pictures, row: int, how: Preprocessing) -> Tensor:
    """Return the input that the program makes of a picture: float32 (1, channels, crop, crop)."""
    one = pictures.part.pictures[row]
    if isinstance(one, ImageRef):
        return preprocess(decode(one, short_side=target_side(how)), how).tensor
    centre = Recipe(crop="centre", flip=False)
    return batch_of([change(pictures.get(row), how.crop, centre, chance(0, 0, row), how)], how)


def compute_features(
    end: HeadOnFeatures,
    module: torch.nn.Module,
    pictures: Pictures,
    how: Preprocessing,
    device: torch.device,
    *,
    mirrored: bool,
) -> Generator[int, None, tuple[Tensor, ...]]:
    """Compute what the head is given for all pictures of a part; yield how many are done.

    Returns
    -------
    One tensor float16 (N, ...) on the CPU, and a second one of the mirrored pictures if they are wanted.
    """
    views: tuple[list[Tensor], ...] = ([], []) if mirrored else ([],)
    rows = range(0, len(pictures.part), VAL_BATCH // 4)

    def make(number: int) -> Tensor:
        last = min(len(pictures.part), rows[number] + VAL_BATCH // 4)
        return torch.cat([shown_to_network(pictures, row, how) for row in range(rows[number], last)])

    with ahead(make, len(rows)) as batches:
        for batch in batches:
            for view, inputs in zip(views, (batch, batch.flip(3)), strict=False):
                view.append(end.features_of(module, inputs.to(device)).to("cpu", torch.float16))
            yield min(len(pictures.part), sum(len(one) for one in views[0]))
    return tuple(torch.cat(view) for view in views)
