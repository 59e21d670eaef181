"""Aligned columns of text, and JSON that every pipe can carry."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Any

from core.plain import plain


def as_table(header: Sequence[str], rows: Iterable[Sequence[str]], right: Iterable[int] = ()) -> str:
    """Lay rows out in columns.

    Parameters
    ----------
    header
        Title of each column.
    rows
        As many texts each.
    right
        Numbers of the columns that end flush, for numbers.
    """
    lines = [list(header), *([plain(text) for text in row] for row in rows)]
    widths = [max(_width(line[column]) for line in lines) for column in range(len(header))]
    flush = set(right)
    return "\n".join(
        "  ".join(
            _padded(text, width, column in flush) for column, (text, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def as_json(rows: Iterable[dict[str, Any]]) -> str:
    """One JSON array, a line for each row; ASCII only, so that names in any encoding survive any pipe."""
    lines = ",\n".join(json.dumps(row, allow_nan=False) for row in rows)
    return f"[\n{lines}\n]" if lines else "[]"


class JsonRows:
    """The array of :func:`as_json`, printed row by row; closed in any case, so that what was printed can be read."""

    def __init__(self) -> None:
        self._begun = False

    def __enter__(self) -> JsonRows:
        return self

    def add(self, row: dict[str, Any]) -> None:
        """Print a row."""
        text = (",\n" if self._begun else "[\n") + json.dumps(row, allow_nan=False)
        self._begun = True
        # In one piece, so that an interrupt comes before a row or after it.
        print(text, end="", flush=True)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._begun:
            print("\n]")
        elif kind is None:
            print("[]")


def _padded(text: str, width: int, flush: bool) -> str:
    space = " " * (width - _width(text))
    return space + text if flush else text + space


def _width(text: str) -> int:
    """Columns that a terminal gives a text: two for East Asian wide characters."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
