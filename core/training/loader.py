"""Batches, made ahead by threads while the network learns from the last one; their order and content are fixed by the seed."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from core.training.augment import batch_of, chance, change
from core.training.pictures import Pictures
from core.types import Preprocessing, Recipe

Item = TypeVar("Item")

WORKERS = max(1, min(4, (os.cpu_count() or 2) - 1))
_AHEAD = 2
_ORDER, _SIDE = 2**40, 2**41
"""Rows that no picture has: the chance of an epoch's order, and of the sides of its batches."""

Batch = tuple[Tensor, Tensor]
"""Pictures float32 (N, channels, side, side) and targets int64 (N,)."""


def epoch_order(count: int, recipe: Recipe, epoch: int) -> npt.NDArray[np.int64]:
    """The order of the pictures in an epoch: int64 (count,)."""
    if recipe.order == "listed" and epoch == 0:
        return np.arange(count)
    return chance(recipe.seed, epoch, _ORDER).permutation(count)


def batch_sides(sides: Sequence[int], batches: int, seed: int, epoch: int) -> list[int]:
    """The side of the input of each batch of an epoch."""
    return [int(side) for side in chance(seed, epoch, _SIDE).choice(np.array(sides), batches)]


@contextmanager
def ahead(make: Callable[[int], Item], count: int) -> Iterator[Iterator[Item]]:
    """Make ``count`` things in threads, a few ahead of whoever draws them, in order."""
    with ThreadPoolExecutor(WORKERS, thread_name_prefix="batch") as pool:
        waiting: deque[Future[Item]] = deque()

        def drawn() -> Iterator[Item]:
            for number in range(count):
                while len(waiting) < WORKERS + _AHEAD and number + len(waiting) < count:
                    waiting.append(pool.submit(make, number + len(waiting)))
                yield waiting.popleft().result()

        try:
            yield drawn()
        finally:
            for future in waiting:
                future.cancel()


def training_batch(
    pictures: Pictures, rows: npt.NDArray[np.int64], side: int, epoch: int, recipe: Recipe, how: Preprocessing
) -> Batch:
    """Make one batch of changed pictures; :class:`core.errors.ImageError` if a file cannot be read any more."""
    made = [
        change(pictures.get(int(row)), side, recipe, chance(recipe.seed, epoch, int(row)), how) for row in rows
    ]
    return batch_of(made, how), torch.from_numpy(pictures.part.targets[rows])
