"""What fine-tuning on corrections would learn from, and what it would be tested on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.training.manifest import Entry
from core.training.split import stratified
from core.types import ImageRef, ModelInfo
from gui.facts.corrections import Label

VAL_SHARE = 0.25
"""Share of each category that is kept out where there is no folder to test with."""

SEED = 0


@dataclass(frozen=True, slots=True)
class KeptOut:
    """A folder with a folder per category to test with: its pictures, each with the name of its folder."""

    folder: Path
    pictures: tuple[tuple[ImageRef, str], ...]
    failure: str = ""


@dataclass(frozen=True, slots=True)
class CategoryCount:
    """How many pictures of a category there are: labelled ones of both kinds, and those kept out."""

    name: str
    new: bool
    corrected: int
    confirmed: int
    kept_out: int


@dataclass(frozen=True, slots=True)
class TuningPlan:
    """A list to train with: all categories of the model, new ones last; pictures, the least certain ones first.

    ``strange`` are folders of the kept-out ones that no category is called like; ``shared`` counts pictures of that folder
    that are labelled, too, and therefore not tested with.
    """

    categories: tuple[str, ...]
    entries: tuple[Entry, ...]
    labels: Mapping[ImageRef, Label]
    known: int
    strange: tuple[str, ...] = ()
    shared: int = 0

    def count(self, part: str) -> int:
        """How many pictures a part has."""
        return sum(entry.part == part for entry in self.entries)

    @property
    def corrected(self) -> int:
        """How many labelled pictures the model was wrong about."""
        return sum(not label.confirmed for label in self.labels.values())

    def rows(self) -> tuple[CategoryCount, ...]:
        """The categories that have pictures, by index."""
        kept = Counter(entry.category for entry in self.entries if entry.part == "val")
        right: Counter[int] = Counter()
        wrong: Counter[int] = Counter()
        for entry in self.entries:
            label = self.labels.get(entry.image)
            if label is not None:
                (right if label.confirmed else wrong)[entry.category] += 1
        return tuple(
            CategoryCount(self.categories[index], index >= self.known, wrong[index], right[index], kept[index])
            for index in sorted(right.keys() | wrong.keys() | kept.keys())
        )

    @property
    def refusal(self) -> str:
        """Why it cannot be begun, in a sentence; "" if it can."""
        if not self.labels:
            return "No picture in the strip is labelled yet. C corrects a prediction, Y says that it is right."
        if not self.count("train"):
            return "No labelled picture is left to learn from."
        if not self.count("val"):
            return "Nothing is kept out to test with. Label two pictures of a category, or choose a folder to test with."
        return ""


def plan(
    images: Sequence[ImageRef], labels: Mapping[ImageRef, Label], model: ModelInfo, kept_out: KeptOut | None
) -> TuningPlan:
    """Plan a run.

    Parameters
    ----------
    images, labels
        The strip; its labelled pictures count.
    model
        Whose categories come first, in their order; names that it does not have follow in the order in which they were given.
    kept_out
        What to test with; None keeps a share of the labelled pictures out, by a fixed seed.
    """
    in_strip = set(images)
    mine = {image: label for image, label in labels.items() if image in in_strip}
    new = dict.fromkeys(label.name for label in mine.values() if label.index_in(model.categories) is None)
    categories = (*model.categories, *new)
    targets: dict[ImageRef, int] = {}
    # Whoever has no number was never answered: as uncertain as can be.
    for image in sorted(mine, key=lambda one: mine[one].share if mine[one].share is not None else 0.0):
        index = mine[image].index_in(categories)
        assert index is not None
        targets[image] = index
    if kept_out is None:
        order = tuple(targets)
        _, back = stratified([targets[image] for image in order], VAL_SHARE, SEED)
        entries = tuple(Entry(one, targets[one], "val" if row in set(back) else "train") for row, one in enumerate(order))
        return TuningPlan(categories, entries, mine, len(model.categories))
    return _with_folder(categories, targets, mine, len(model.categories), kept_out)


def _with_folder(
    categories: tuple[str, ...], targets: dict[ImageRef, int], mine: Mapping[ImageRef, Label], known: int, kept_out: KeptOut
) -> TuningPlan:
    index_of: dict[str, int] = {}
    for index, name in enumerate(categories):
        index_of.setdefault(name.casefold(), index)
    train = tuple(Entry(image, index, "train") for image, index in targets.items())
    fitting = [(image, index_of[name.casefold()]) for image, name in kept_out.pictures if name.casefold() in index_of]
    val = tuple(Entry(image, index, "val") for image, index in fitting if image not in targets)
    strange = dict.fromkeys(name for _, name in kept_out.pictures if name.casefold() not in index_of)
    return TuningPlan(categories, (*train, *val), mine, known, tuple(strange), len(fitting) - len(val))
