"""Dividing pictures into those to train with and those kept out."""

from __future__ import annotations

import random
from collections.abc import Sequence


def stratified(targets: Sequence[int], share: float, seed: int) -> tuple[list[int], list[int]]:
    """Divide rows into those to train with and those kept back, category by category; both lists ascending.

    Of each category with two pictures or more at least one is kept back, and at least one is not.
    """
    rows_of: dict[int, list[int]] = {}
    for row, target in enumerate(targets):
        rows_of.setdefault(int(target), []).append(row)
    kept: list[int] = []
    back: list[int] = []
    for category, rows in sorted(rows_of.items()):
        random.Random(f"{seed}/{category}").shuffle(rows)
        count = min(len(rows) - 1, max(1, round(share * len(rows)))) if len(rows) > 1 else 0
        back += rows[:count]
        kept += rows[count:]
    return sorted(kept), sorted(back)
