"""What is worth saying about a data set, in sentences; the same in the window and on the command line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from core.types import DatasetSurvey, Duplicates

UNEVEN = 3.0
"""From so many times more pictures in one category than in another on, it is said."""

_NAMED = 3

Kind = Literal["unreadable", "leak", "conflict", "repeated", "uneven", "no_val"]


@dataclass(frozen=True, slots=True)
class Remark:
    """A sentence, and all that it is about, a line each; ``serious`` where it bears on the result."""

    kind: Kind
    sentence: str
    details: tuple[str, ...] = ()
    serious: bool = True


def headline(survey: DatasetSurvey) -> str:
    """Counts and where the split comes from: "5 categories: 1,000 pictures to train, 300 to validate with (...)"."""
    return (
        f"{len(survey.categories):,} categories · {survey.train:,} pictures to train with, {survey.val:,} to validate with "
        f"({survey.split})"
    )


def remarks(survey: DatasetSurvey) -> tuple[Remark, ...]:
    """Say what a person should know before a run, the gravest first; nothing where all is well."""
    return tuple(remark for remark in _all(survey) if remark is not None)


def _all(survey: DatasetSurvey) -> Iterator[Remark | None]:
    yield _unreadable(survey)
    yield from _twice(survey)
    yield _uneven(survey)
    yield _without_validation(survey)


def _unreadable(survey: DatasetSurvey) -> Remark | None:
    bad = survey.unreadable
    if not bad:
        return None
    one = len(bad) == 1
    what = "One picture cannot be read and is" if one else f"{len(bad):,} pictures cannot be read and are"
    names = [picture.name for picture in bad]
    return Remark(
        "unreadable", f"{what} left out: {listed(names)}.", tuple(f"{picture.name}: {picture.reason}" for picture in bad)
    )


def _twice(survey: DatasetSurvey) -> Iterator[Remark]:
    leaks = [one for one in survey.duplicates if one.leaks]
    conflicts = [one for one in survey.duplicates if len(one.categories) > 1]
    rest = [one for one in survey.duplicates if not one.leaks and len(one.categories) == 1]
    if leaks:
        which = "picture is" if len(leaks) == 1 else "pictures are"
        yield Remark(
            "leak",
            f"{len(leaks):,} {which} both learned from and validated with ({_pairs(leaks)}): the accuracy will look better "
            "than it is.",
            _lines(leaks),
        )
    if conflicts:
        which = "picture lies" if len(conflicts) == 1 else "pictures lie"
        yield Remark(
            "conflict",
            f"{len(conflicts):,} {which} in more than one category ({_pairs(conflicts)}): only one of them can be right.",
            _lines(conflicts),
        )
    if rest:
        surplus = sum(len(one.names) - 1 for one in rest)
        which = "picture is a copy of another one of its" if surplus == 1 else "pictures are copies of others of their"
        yield Remark("repeated", f"{surplus:,} {which} category ({_pairs(rest)}).", _lines(rest), serious=False)


def _uneven(survey: DatasetSurvey) -> Remark | None:
    if survey.imbalance < UNEVEN:
        return None
    most, least = survey.largest, survey.smallest
    return Remark(
        "uneven",
        f"“{most.name}” has {_times(survey.imbalance)} times as many pictures to train with as “{least.name}” ({most.train:,} "
        f"and {least.train:,}): the network will say “{most.name}” too often.",
    )


def _times(factor: float) -> str:
    return f"{factor:,.0f}" if factor >= 10 else f"{factor:.1f}".removesuffix(".0")


def _without_validation(survey: DatasetSurvey) -> Remark | None:
    names = [one.name for one in survey.categories if not one.val]
    if not names:
        return None
    which = "One category has" if len(names) == 1 else f"{len(names):,} categories have"
    return Remark(
        "no_val", f"{which} no picture to validate with: {listed(names)}. Nothing is measured there.", tuple(names)
    )


def listed(names: Sequence[str]) -> str:
    """Write some names: the first three, and how many more there are."""
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return ", ".join(f"“{name}”" for name in names[:_NAMED]) + more


def _pairs(twins: Sequence[Duplicates]) -> str:
    first = twins[0].names
    shown = f"“{first[0]}” is “{first[-1]}”"
    return f"such as {shown}" if len(twins) > 1 else shown


def _lines(twins: Sequence[Duplicates]) -> tuple[str, ...]:
    return tuple(" = ".join(one.names) + ("" if one.same_file else " (the same pixels)") for one in twins)
