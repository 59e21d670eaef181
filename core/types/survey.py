"""A look at a data set before a network learns from it, and at what a recipe makes of its pictures."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from core.types.answers import JobProgress
from core.types.base import Pixels
from core.types.model import ModelSpec

if TYPE_CHECKING:
    from core.types.training import Recipe


@dataclass(frozen=True, slots=True, eq=False)
class CategoryLook:
    """A category: how many pictures there are to train and to validate with, and a few of them, small."""

    name: str
    train: int
    val: int
    samples: tuple[Pixels, ...] = ()


@dataclass(frozen=True, slots=True)
class UnreadablePicture:
    """A picture that is left out: its path below the folder, and the sentence that says why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Duplicates:
    """The same picture more than once.

    ``names`` are paths below the folder, those to train with first; ``categories`` are those that it lies in, in the order
    of the data set. ``same_file`` says that the files are equal byte for byte; else their pixels are.
    """

    names: tuple[str, ...]
    categories: tuple[str, ...]
    in_train: int
    in_val: int
    same_file: bool = True

    @property
    def leaks(self) -> bool:
        """Whether it is learned from and validated with."""
        return bool(self.in_train and self.in_val)


@dataclass(frozen=True, slots=True, eq=False)
class DatasetSurvey:
    """What there is to learn from.

    ``split`` says in words where the validation part comes from, ``seeded`` whether share and seed decide it. ``short_sides``
    are the smallest, the median and the largest short side of the pictures in pixels. With ``read`` False only the counts are
    known so far, and perhaps the samples.
    """

    folder: Path
    split: str
    seeded: bool
    categories: tuple[CategoryLook, ...]
    unreadable: tuple[UnreadablePicture, ...] = ()
    duplicates: tuple[Duplicates, ...] = ()
    short_sides: tuple[int, int, int] | None = None
    read: bool = False

    @property
    def train(self) -> int:
        """Pictures to train with, unreadable ones included."""
        return sum(one.train for one in self.categories)

    @property
    def val(self) -> int:
        """Pictures to validate with, unreadable ones included."""
        return sum(one.val for one in self.categories)

    @property
    def largest(self) -> CategoryLook:
        """The category with the most pictures to train with."""
        return max(self.categories, key=lambda one: one.train)

    @property
    def smallest(self) -> CategoryLook:
        """The one with the fewest."""
        return min(self.categories, key=lambda one: one.train)

    @property
    def imbalance(self) -> float:
        """How many times more pictures the largest category has than the smallest, at least 1."""
        return self.largest.train / max(1, self.smallest.train)


@dataclass(frozen=True, slots=True, eq=False)
class SurveyProgress(JobProgress):
    """How far a look at a data set is, and what is known by now; None where that is what the last one said."""

    so_far: DatasetSurvey | None = field(default=None)


@dataclass(frozen=True, slots=True)
class SurveyRequest:
    """Look at a data set; see ``core.training.dataset.open_dataset``."""

    id: int
    folder: Path
    val_share: float
    seed: int


@dataclass(frozen=True, slots=True)
class PreviewRequest:
    """Show what a recipe makes of one picture of the training part: its ``number`` counts from 0, and around the end.

    ``left_out`` are the names of pictures that cannot be read, as :attr:`DatasetSurvey.unreadable` has them.
    """

    id: int
    folder: Path
    val_share: float
    spec: ModelSpec
    recipe: Recipe
    number: int = 0
    count: int = 7
    left_out: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, eq=False)
class AugmentPreview:
    """A picture, and what a network would be shown of it in the first epochs.

    ``name`` is the picture's path below its folder, ``picture`` the whole of it, ``variants`` the inputs of the network turned
    back into pictures, ``pictures`` how many there are to choose from.
    """

    name: str
    category: str
    picture: Pixels
    variants: tuple[Pixels, ...]
    pictures: int
