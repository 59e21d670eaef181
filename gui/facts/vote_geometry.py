"""Where views and cells lie on a picture, and which of them is meant by a point of it. numpy and Qt are not needed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations
from math import hypot, inf

from core.types import Box, ScoreMap, View

Point = tuple[float, float]

_SAME = 0.012
"""Places nearer to each other than this share of a crop's side are the same."""


def middle(box: Box) -> Point:
    """The middle of a box."""
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def view_at(point: Point, views: Sequence[View], among: Iterable[int]) -> int | None:
    """Index of the view that a point means: of those that hold it, the one with the nearest middle.

    Of views with the same middle it is the smallest; of a view and its mirror image the first left of the middle, and the
    second right of it: so lie the halves of their mark.
    """
    x, y = point

    def rank(index: int) -> tuple[int, int, bool]:
        left, top, right, bottom = views[index].box
        across, down = middle(views[index].box)
        return (
            round(hypot(across - x, down - y) / max(1.0, _SAME * least)),
            round((right - left) * (bottom - top)),
            views[index].flipped != (x > across),
        )

    holding = [index for index in among if _holds(views[index].box, point)]
    least = min((views[index].box[2] - views[index].box[0] for index in holding), default=0.0)
    return min(holding, key=rank, default=None)


def _holds(box: Box, point: Point) -> bool:
    return box[0] <= point[0] < box[2] and box[1] <= point[1] < box[3]


def cell_box(found: ScoreMap, row: int, column: int) -> Box:
    """What stands for a cell in its map: the steps between windows, around the middle of its window."""
    across, down = middle(found.box(row, column))
    width, height = found.stride
    return across - width / 2, down - height / 2, across + width / 2, down + height / 2


def cell_at(point: Point, found: ScoreMap) -> tuple[int, int]:
    """Row and column of the cell that a point means: the one drawn there, or else the nearest."""
    left, top, _, _ = cell_box(found, 0, 0)
    rows, columns = found.shape
    row = int((point[1] - top) // max(1e-9, found.stride[1]))
    column = int((point[0] - left) // max(1e-9, found.stride[0]))
    return min(rows - 1, max(0, row)), min(columns - 1, max(0, column))


def steps_of(views: Sequence[View], among: Iterable[int]) -> dict[int, tuple[int, int, int, int]]:
    """Where views lie among those of their scale: row, column, number of rows, of columns; by index.

    The crops of a mirrored picture may lie half a pixel beside the others; they are in the same place.
    """
    found: dict[int, tuple[int, int, int, int]] = {}
    indices = list(among)
    for scale in {views[index].scale for index in indices}:
        mates = [index for index in indices if views[index].scale == scale]
        boxes = [views[index].box for index in mates]
        rows, columns = (_ranks(boxes, axis) for axis in (1, 0))
        for at, index in enumerate(mates):
            found[index] = rows[at], columns[at], max(rows) + 1, max(columns) + 1
    return found


def _ranks(boxes: Sequence[Box], axis: int) -> list[int]:
    """Count the different middles along a side, from the least one."""
    middles = [middle(box)[axis] for box in boxes]
    least = _SAME * min(box[axis + 2] - box[axis] for box in boxes)
    ranks, rank, last = dict[float, int](), -1, float("-inf")
    for place in sorted(set(middles)):
        if place - last > least:
            rank, last = rank + 1, place
        ranks[place] = rank
    return [ranks[place] for place in middles]


def closest(points: Sequence[Point]) -> float:
    """The least distance between points; infinite for a single one."""
    return min((hypot(one[0] - other[0], one[1] - other[1]) for one, other in combinations(points, 2)), default=inf)
