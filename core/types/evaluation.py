"""How good a model is on a folder of pictures per category."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from core.types.answers import Failure

MatchKind = Literal["name", "synonym", "wordnet_id", "index"]
"""How a folder's name was found among the categories of a model."""


@dataclass(frozen=True, slots=True)
class FolderMatch:
    """A folder and the category that it stands for: ``index`` is None where none was found; ``why`` says so."""

    folder: str
    index: int | None
    kind: MatchKind | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class FolderScore:
    """The answers to the pictures of a folder. ``images`` counts all of them, ``failed`` those without an answer.

    ``top1`` and ``top5`` are shares, 0 to 1, of the pictures that were answered; NaN where none was.
    """

    folder: str
    category: str
    index: int
    images: int
    failed: int
    top1: float
    top5: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What came of evaluating a model.

    ``confusion`` counts answered pictures: row by row the folder, column by column what was said, in the order of
    ``labels``; the last label is "other" where the model knows categories that no folder stands for. ``unmatched`` are the
    folders left out, with the number of pictures in each.
    """

    folder: Path
    folders: tuple[FolderScore, ...]
    labels: tuple[str, ...]
    confusion: tuple[tuple[int, ...], ...]
    failures: tuple[Failure, ...]
    unmatched: tuple[tuple[FolderMatch, int], ...]
    notices: tuple[str, ...] = ()

    @property
    def images(self) -> int:
        """Pictures in the folders that stand for a category."""
        return sum(one.images for one in self.folders)

    @property
    def failed(self) -> int:
        """Pictures without an answer."""
        return sum(one.failed for one in self.folders)

    @property
    def top1(self) -> float:
        """Share of the answered pictures whose category was said first; NaN where none was answered."""
        return self._share([one.top1 for one in self.folders])

    @property
    def top5(self) -> float:
        """Share of the answered pictures whose category was among the first five."""
        return self._share([one.top5 for one in self.folders])

    def _share(self, shares: list[float]) -> float:
        answered = [one.images - one.failed for one in self.folders]
        total = sum(answered)
        right = sum(round(share * count) for share, count in zip(shares, answered, strict=True) if count)
        return right / total if total else float("nan")
