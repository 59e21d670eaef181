"""Changes in probabilities from one answer to another. numpy only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.types import MAX_TOP_K, ProbabilityChange

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """The probabilities of all categories, float32 (categories,), and their names."""

    probabilities: Floats
    categories: tuple[str, ...]


def changes(a: Answer | None, b: Answer, count: int = MAX_TOP_K) -> tuple[ProbabilityChange, ...]:
    """Set the likeliest categories of two answers side by side.

    Categories belong together by their index where both lists are the same, else by their name; the second of two
    categories of one name belongs to the second of the other list.

    Parameters
    ----------
    a, b
        The answers; without ``a`` only those of ``b`` are listed.
    count
        How many of each.

    Returns
    -------
    The ``count`` likeliest of A, the likeliest first, then those of B that are not among them.
    """
    to_b = _partners(a.categories, b.categories) if a is not None else {}
    to_a = {partner: index for index, partner in to_b.items()}
    first = [(index, to_b.get(index)) for index in _likeliest(a, count)] if a is not None else []
    listed = {partner for _, partner in first}
    rest = [(to_a.get(index), index) for index in _likeliest(b, count) if index not in listed]
    ranks = _ranks(a), _ranks(b)
    return tuple(_row(a, b, pair, ranks) for pair in (*first, *rest))


def _partners(mine: Sequence[str], theirs: Sequence[str]) -> dict[int, int]:
    """Return which index of the one list belongs to which of the other."""
    if tuple(mine) == tuple(theirs):
        return {index: index for index in range(len(mine))}
    places = {name: index for index, name in enumerate(_numbered(theirs))}
    return {index: places[name] for index, name in enumerate(_numbered(mine)) if name in places}


def _numbered(names: Sequence[str]) -> list[tuple[str, int]]:
    seen: Counter[str] = Counter()
    numbered = []
    for name in names:
        plain = name.strip().casefold()
        numbered.append((plain, seen[plain]))
        seen[plain] += 1
    return numbered


def _likeliest(answer: Answer, count: int) -> list[int]:
    order: list[int] = np.argsort(-answer.probabilities, kind="stable")[:count].tolist()
    return order


def _ranks(answer: Answer | None) -> npt.NDArray[np.intp]:
    if answer is None:
        return np.zeros(0, np.intp)
    ranks = np.empty(len(answer.probabilities), np.intp)
    ranks[np.argsort(-answer.probabilities, kind="stable")] = np.arange(1, len(ranks) + 1)
    return ranks


def _row(
    a: Answer | None,
    b: Answer,
    pair: tuple[int | None, int | None],
    ranks: tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]],
) -> ProbabilityChange:
    mine, theirs = pair
    in_a = (float(a.probabilities[mine]), int(ranks[0][mine])) if a is not None and mine is not None else (None, None)
    in_b = (float(b.probabilities[theirs]), int(ranks[1][theirs])) if theirs is not None else (None, None)
    name = a.categories[mine] if a is not None and mine is not None else b.categories[theirs or 0]
    return ProbabilityChange(name, mine, theirs, in_a[0], in_b[0], in_a[1], in_b[1])
