"""What there is to say about a view of a test protocol."""

from __future__ import annotations

from collections.abc import Sequence

from core.types import ProtocolAnswer, View
from gui import theme
from gui.facts.vote_geometry import steps_of

_COLUMNS = ("left", "centre", "right")
_ROWS = ("upper", "middle", "lower")
_FEW = 3
"""So many places along a side have names; more are counted."""

AGREES, DIFFERS = "✓", "✗"
"""Signs that say without colour whether a view agrees with the whole."""


def places(views: Sequence[View]) -> tuple[str, ...]:
    """Say of each view where it lies among those of its scale: "upper left", "row 2, column 4", "whole picture"."""
    crops = [index for index, view in enumerate(views) if view.dense is None]
    steps = steps_of(views, crops)
    return tuple(_place(*steps[index]) if index in steps else "whole picture" for index in range(len(views)))


def _place(row: int, column: int, rows: int, columns: int) -> str:
    if columns > _FEW or rows > _FEW:
        return f"row {row + 1}, column {column + 1}"
    across, down = _COLUMNS[_third(column, columns)], _ROWS[_third(row, rows)]
    if across == "centre" and down == "middle":
        return "centre"
    if down == "middle":
        return across
    return down if across == "centre" else f"{down} {across}"


def _third(place: int, count: int) -> int:
    """Which of three a place is; a single one is the middle."""
    return 1 if count == 1 else round(2 * place / (count - 1))


def short_place(place: str) -> str:
    """The same for a narrow column: "r2 c4"."""
    return place.replace("row ", "r").replace(", column ", " c")


def describe_view(answer: ProtocolAnswer, index: int, place: str, *, agrees: bool) -> str:
    """Say all there is to say about a view in a line."""
    view = answer.views[index]
    mirrored = ", mirrored" if view.flipped else ""
    verdict = "agrees with the whole" if agrees else "differs from the whole"
    return f"Q {view.scale}, {place}{mirrored}: {top_words(view)}, {verdict}"


def top_words(view: View) -> str:
    """The top-1 of a view: "tabby 43.2 %"."""
    if not view.predictions:
        return "no answer"
    top = view.predictions[0]
    return f"{top.category} {theme.format_probability(top.probability)}"


def scales_text(scales: Sequence[int]) -> str:
    """Write scales as a person types them: "256, 384, 512"."""
    return ", ".join(str(scale) for scale in scales)
