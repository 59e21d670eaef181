"""The predictions of one cell of a dense map, and what is said about it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.types import Prediction, ScoreMap


def cell_top(found: ScoreMap, row: int, column: int, categories: Sequence[str], k: int) -> tuple[Prediction, ...]:
    """The ``k`` most probable categories of a cell; of equal ones the first."""
    probabilities = found.cell(row, column)
    order = np.argsort(-probabilities, kind="stable")[:k]
    return tuple(
        Prediction(rank, int(index), _name(categories, int(index)), float(probabilities[index]))
        for rank, index in enumerate(order, 1)
    )


def _name(categories: Sequence[str], index: int) -> str:
    return categories[index] if index < len(categories) else str(index)
