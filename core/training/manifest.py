"""Lists of labelled pictures as something to learn from: files stay where they are, the list says what each one shows.

JSON::

    {"categories": ["cat", "dog", "fox"],
     "pictures": [{"path": "a.jpg", "category": "dog"},
                  {"path": "/elsewhere/b.jpg", "category": 0, "part": "val"}]}

``categories`` (optional) are the outputs of the network in order of their index; there may be more of them than the pictures
have, so that the indices of a network stay when it learns from a few of its categories. Without them they are those of the
pictures in natural order. ``category`` is a name or, where names are alike, an index. ``part`` is "train" or "val"; a list
that never says so is split by the seed. ``path`` is absolute or relative to the list's folder. The order counts: it is that of
the first epoch with ``order=listed``.

CSV: a first line ``path,category`` or ``path,category,part``, then a line per picture; every category is a name.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from core.errors import LayerscopeError
from core.files import write_whole
from core.images.names import natural_key
from core.types import ImageRef

PartName = Literal["train", "val"]

_SHAPE = 'Write {"categories": ["cat", "dog"], "pictures": [{"path": "a.jpg", "category": "cat"}, ...]}.'
_HEADS = "The first line of a CSV list is path,category or path,category,part."


@dataclass(frozen=True, slots=True)
class Entry:
    """A picture of a list: the index of its category, and the part that it belongs to, None where the list has none."""

    image: ImageRef
    category: int
    part: PartName | None = None


@dataclass(frozen=True, slots=True)
class Manifest:
    """A list: the names of all categories by index, and the pictures in the list's order.

    ``given`` says that the list names its categories, so that some of them may be without pictures.
    """

    categories: tuple[str, ...]
    entries: tuple[Entry, ...]
    given: bool = True

    @property
    def split(self) -> bool:
        """Whether the list says which pictures are to train with and which are kept out."""
        return any(entry.part is not None for entry in self.entries)

    @property
    def targets(self) -> npt.NDArray[np.int64]:
        """Index of each picture's category, int64 (N,)."""
        return np.array([entry.category for entry in self.entries], np.int64)

    def rows(self, part: PartName) -> list[int]:
        """The rows of a part; pictures without a part are to train with."""
        return [row for row, entry in enumerate(self.entries) if (entry.part or "train") == part]


def read_manifest(path: Path) -> Manifest:
    """Read a list; no picture is read.

    Raises
    ------
    LayerscopeError
        In words, with the number of the line or picture, if it is no list, names what is not there, or names a picture twice.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = "it is not UTF-8 text" if isinstance(error, UnicodeDecodeError) else error.strerror or str(error)
        raise LayerscopeError(f"“{path}” cannot be read: {reason}. {_SHAPE}", path=path) from error
    named, rows = _from_csv(path, text) if path.suffix.lower() == ".csv" else _from_json(path, text)
    if not rows:
        raise LayerscopeError(f"“{path}” lists no pictures. {_SHAPE}", kind="empty", path=path)
    categories = named or tuple(sorted({str(row["category"]) for row in rows}, key=natural_key))
    if len(categories) < 2:
        raise LayerscopeError(f"“{path}” has only one category. To train, at least two are needed.", kind="empty", path=path)
    entries = tuple(_entry(path, number, row, categories) for number, row in enumerate(rows, 1))
    _check_once(path, entries)
    return Manifest(categories, entries, given=named is not None)


def write_manifest(path: Path, categories: Sequence[str], entries: Sequence[Entry]) -> None:
    """Write a JSON list; categories go by index, so that names that are alike stay apart.

    Raises
    ------
    ExportError
        If the file cannot be written; what was there before stays.
    """
    pictures = [
        {"path": str(one.image.path), "category": one.category, **({"part": one.part} if one.part is not None else {})}
        for one in entries
    ]
    content = json.dumps({"categories": list(categories), "pictures": pictures}, indent=1, ensure_ascii=False)
    write_whole(path, (content + "\n").encode("utf-8", "surrogateescape"))


def _from_json(path: Path, text: str) -> tuple[tuple[str, ...] | None, list[dict[str, Any]]]:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise LayerscopeError(f"“{path.name}” is no list of pictures: {error}. {_SHAPE}", path=path) from error
    rows = content.get("pictures") if isinstance(content, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise LayerscopeError(f"“{path.name}” is no list of pictures. {_SHAPE}", path=path)
    named = content.get("categories")
    if named is not None and not (isinstance(named, list) and all(isinstance(name, str) and name for name in named)):
        raise LayerscopeError(f"The categories of “{path.name}” are not a list of names. {_SHAPE}", path=path)
    if named is None and not all(isinstance(row.get("category"), str) for row in rows):
        raise LayerscopeError(f"“{path.name}” names no categories, so each picture needs the name of its own.", path=path)
    return (tuple(named) if named is not None else None), rows


def _from_csv(path: Path, text: str) -> tuple[None, list[dict[str, Any]]]:
    try:
        table = csv.DictReader(io.StringIO(text, newline=""), strict=True)
        heads = [head.strip().lower() for head in table.fieldnames or ()]
        if sorted(heads) not in (["category", "path"], ["category", "part", "path"]):
            raise LayerscopeError(f"“{path.name}” is no list of pictures. {_HEADS}", path=path)
        table.fieldnames = heads
        return None, [{key: value or None for key, value in row.items()} for row in table]
    except csv.Error as error:
        raise LayerscopeError(f"“{path.name}” is no list of pictures: {error}. {_HEADS}", path=path) from error


def _entry(path: Path, number: int, row: dict[str, Any], categories: tuple[str, ...]) -> Entry:
    where, part = row.get("path"), row.get("part")
    if not isinstance(where, str) or not where or "\0" in where:
        raise LayerscopeError(f"Picture {number} of “{path.name}” has no path.", path=path)
    if part is not None and part not in get_args(PartName):
        raise LayerscopeError(f"Picture {number} of “{path.name}” has the part “{part}”; there are train and val.", path=path)
    image = ImageRef(path.parent / where)
    if not image.path.is_file():
        raise LayerscopeError(
            f"“{image.path}”, picture {number} of “{path.name}”, does not exist. Correct the path, or take it off the list.",
            kind="missing", path=image.path,
        )  # fmt: skip
    return Entry(image, _category(path, number, row.get("category"), categories), part)


def _category(path: Path, number: int, wanted: object, categories: tuple[str, ...]) -> int:
    this = f"Picture {number} of “{path.name}”"
    if isinstance(wanted, int) and not isinstance(wanted, bool):
        if 0 <= wanted < len(categories):
            return wanted
        raise LayerscopeError(f"{this} has the category {wanted}; they go from 0 to {len(categories) - 1}.", path=path)
    if not isinstance(wanted, str) or not wanted:
        raise LayerscopeError(f"{this} has no category.", path=path)
    if wanted not in categories:
        raise LayerscopeError(f"{this} has the category “{wanted}”, which is not among the list's categories.", path=path)
    if categories.count(wanted) > 1:
        raise LayerscopeError(f"{this}: “{wanted}” is the name of more than one category. Write its index.", path=path)
    return categories.index(wanted)


def _check_once(path: Path, entries: Sequence[Entry]) -> None:
    """The same file with two labels, or in both parts, would make the numbers lie."""
    seen: dict[ImageRef, int] = {}
    for number, entry in enumerate(entries, 1):
        first = seen.setdefault(entry.image, number)
        if first != number:
            raise LayerscopeError(
                f"“{entry.image.path}” stands twice in “{path.name}”, as picture {first} and {number}. Leave one.", path=path
            )
