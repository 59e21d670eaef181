"""What training did, picture by picture: the answers of the network before it and after it, on pictures kept out.

``before_after.json`` in the folder of a run::

    {"categories": ["cat", "dog", "fox"],
     "pictures": [{"picture": "/photos/a.jpg", "category": 2, "before": 1, "after": 2}, ...]}

Knows no torch, so that the window can read it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from core.errors import LayerscopeError
from core.files import write_whole

FILE = "before_after.json"

When = Literal["before", "after"]


@dataclass(frozen=True, slots=True)
class Answered:
    """A picture kept out: its file or number, and the indices of the true category and of the top-1 before and after."""

    picture: str
    category: int
    before: int
    after: int

    @property
    def fixed(self) -> bool:
        """Whether it was wrong and is right."""
        return self.before != self.category == self.after

    @property
    def broken(self) -> bool:
        """Whether it was right and is wrong."""
        return self.before == self.category != self.after


@dataclass(frozen=True, slots=True)
class Proof:
    """All pictures kept out, and the names of the categories by index, new ones last."""

    categories: tuple[str, ...]
    pictures: tuple[Answered, ...]

    def right(self, when: When) -> int:
        """How many answers were right."""
        return sum(getattr(one, when) == one.category for one in self.pictures)

    def top1(self, when: When) -> float:
        """The share of right answers; NaN without pictures."""
        return self.right(when) / len(self.pictures) if self.pictures else float("nan")

    def confusion(self, when: When) -> dict[tuple[int, int], int]:
        """Count pictures by true category and by what was said; pairs that never came are left out."""
        return dict(Counter((one.category, int(getattr(one, when))) for one in self.pictures))

    def involved(self) -> tuple[int, ...]:
        """The categories that a picture has, or that was said of one, ascending."""
        return tuple(sorted({index for one in self.pictures for index in (one.category, one.before, one.after)}))


def write_proof(
    folder: Path, categories: Sequence[str], pictures: Sequence[str], targets: Sequence[int], before: Sequence[int],
    after: Sequence[int],
) -> Proof:
    """Write the answers into the folder of a run; :class:`core.errors.ExportError` if it cannot be written."""
    found = tuple(Answered(*row) for row in zip(pictures, targets, before, after, strict=True))
    rows = [{"picture": one.picture, "category": one.category, "before": one.before, "after": one.after} for one in found]
    text = json.dumps({"categories": list(categories), "pictures": rows}, indent=1, ensure_ascii=False)
    write_whole(folder / FILE, f"{text}\n".encode("utf-8", "surrogateescape"))
    return Proof(tuple(categories), found)


def read_proof(folder: Path) -> Proof | None:
    """Read the answers of a run; None where it has none, because its head was a new one.

    Raises
    ------
    LayerscopeError
        If the file is there and cannot be understood.
    """
    path = folder / FILE
    try:
        content = json.loads(path.read_text(encoding="utf-8", errors="surrogateescape"))
        names = tuple(str(name) for name in content["categories"])
        pictures = tuple(_answered(row, len(names)) for row in content["pictures"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise LayerscopeError(
            f"“{path}” cannot be read ({error}). The model beside it is whole; train again to compare.", path=path
        ) from error
    return Proof(names, pictures)


def _answered(row: dict[str, Any], count: int) -> Answered:
    indices = [int(row[key]) for key in ("category", "before", "after")]
    if not all(0 <= index < count for index in indices):
        raise ValueError(f"there is no category {max(indices)}")
    return Answered(str(row["picture"]), *indices)
