"""Names of the outputs of a network: from a checkpoint itself, or from a list beside it."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.plain import plain
from core.types import BUILTIN_MODEL
from core.weights import builtin
from core.zoo.backend import default_classes

if TYPE_CHECKING:
    from core.weights.checkpoint import Checkpoint

FILE_NAME = "class_indices.json"
"""The list that fine-tuning scripts leave beside their weights: index to name, or name to index."""

LISTS = (
    FILE_NAME, "classes.json", "class_to_idx.json", "idx_to_class.json", "labels.json", "class_names.json",
    "labels.txt", "classes.txt", "class_names.txt", "categories.txt", "synset_words.txt", "imagenet_classes.txt",
    "imagenet_labels.txt", "imagenet1000_clsidx_to_labels.txt", "config.json",
)
"""Names of lists that are looked for beside a weights file, the likelier ones first."""

IMAGENET = 1000

_KEYS = (
    "categories", "classes", "class_names", "idx_to_class", "class_to_idx", "id2label", "label2id", "labels", "names",
)
_LIMIT = 4_000_000  # bytes; a list of names is never that long
_DEPTH = 3
_SYNSET = re.compile(r"n\d{8}\s+(.+)")
_NUMBERED = re.compile(r"(\d+)\s*[:,;\t ]\s*(.+)")


@dataclass(frozen=True, slots=True)
class Named:
    """Names that were found. ``names`` is None where none fit; ``source`` says where they come from, or would.

    ``refused`` are sentences about lists of the wrong length.
    """

    names: tuple[str, ...] | None
    source: str
    refused: tuple[str, ...] = ()


def find_names(
    checkpoint: Checkpoint, count: int | None, architecture: str | None = None, *, beside: bool = True
) -> Named:
    """Find the names of ``count`` outputs: the file's own, or those of a list beside it.

    Parameters
    ----------
    checkpoint
        The weights file.
    count
        Number of outputs; None takes the first list there is.
    architecture
        Where nothing names the outputs, whether this architecture's own weights do decides over ``source``.
    beside
        Whether to look beside the file.
    """
    name = checkpoint.path.name
    refused: list[str] = []
    for names in _embedded(checkpoint):
        if count in {None, len(names)}:
            return Named(names, f"weights file {name}")
        sentence = _wrong(f"“{name}” names", len(names), f"its {count} outputs", "they were not used")
        refused += [sentence] * (sentence not in refused)
    for list_name, names in lists_beside(checkpoint.path) if beside else ():
        if count in {None, len(names)}:
            return Named(names, f"{list_name} beside the weights file", tuple(refused))
        refused.append(
            _wrong(f"The {list_name} beside “{name}” names", len(names), f"{count} outputs", "it was not used")
        )
    return Named(None, _usual_source(architecture, count), tuple(refused))


def _usual_source(architecture: str | None, count: int | None) -> str:
    """Say where names come from that no file gives: the architecture's own weights, if they have as many."""
    if architecture == BUILTIN_MODEL and count == len(builtin.card().categories):
        return "built-in model"
    if architecture not in {None, BUILTIN_MODEL} and count == IMAGENET == default_classes(architecture or ""):
        return "the 1,000 categories of ImageNet, from torchvision"
    return "numbered"


def _wrong(who: str, there: int, wanted: str, then: str) -> str:
    return f"{who} {there} categories for {wanted}; {then}."


def _embedded(checkpoint: Checkpoint) -> Iterator[tuple[str, ...]]:
    """Yield all lists of names in a checkpoint, the outermost first."""
    layer: list[Mapping[Any, Any]] = [checkpoint.metadata, checkpoint.content]
    seen: set[int] = set()  # a pickle can hold a mapping that holds itself
    for _ in range(_DEPTH):
        seen.update(id(holder) for holder in layer)
        for holder in layer:
            names = embedded_categories(holder)
            if names:
                yield names
        inside = {id(one): one for holder in layer for one in holder.values() if isinstance(one, Mapping)}
        layer = [one for key, one in inside.items() if key not in seen]


def embedded_categories(holder: Mapping[Any, Any]) -> tuple[str, ...] | None:
    """Return the categories that a checkpoint or the metadata of a safetensors file names, or None.

    Parameters
    ----------
    holder
        Maps one of ``categories``, ``classes``, ``class_names``, ``idx_to_class``, ``class_to_idx``, ``id2label`` ... to
        names; JSON text is read as what it says.
    """
    for key in _KEYS:
        value = holder.get(key)
        if isinstance(value, str):
            value = _parsed(value)
        names = ordered(value)
        if names:
            return names
    return None


def neighbour_categories(weights: Path) -> tuple[str, ...] | None:
    """Return the categories of the first usable list beside a weights file, or None where there is none."""
    return next((names for _, names in lists_beside(weights)), None)


def lists_beside(weights: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the usable lists beside a weights file: those of its own name first, then :data:`LISTS`."""
    own = (f"{weights.stem}{end}" for end in (".json", "_classes.txt", "_labels.txt", ".labels.txt"))
    for name in (*own, *LISTS):
        path = weights.parent / name
        try:
            if path == weights or not path.is_file() or path.stat().st_size > _LIMIT:
                continue
            names = read_list(path.read_text(encoding="utf-8-sig"), structured=name.endswith(".json"))
        except (OSError, UnicodeDecodeError):
            continue
        if names:
            yield name, names


def read_list(text: str, *, structured: bool = False) -> tuple[str, ...] | None:
    """Read a list of categories.

    Parameters
    ----------
    text
        JSON or a Python literal in either direction, or one category a line: "tench", "0: tench", "0 tench",
        "n01440764 tench, Tinca tinca" (of which the first is taken).
    structured
        Whether only JSON will do.
    """
    value = _parsed(text)
    if value is None and not structured and text.lstrip()[:1] in {"{", "["}:
        value = _literal(text)
    if isinstance(value, Mapping | list):
        names = ordered(value) or (embedded_categories(value) if isinstance(value, Mapping) else None)
        return tuple(_first(name) for name in names) if names and not structured else names
    return None if structured else _lines(text)


def _lines(text: str) -> tuple[str, ...] | None:
    lines = [line.strip() for line in text.strip().splitlines()]
    if not lines or not all(line and line.isprintable() for line in (line.replace("\t", " ") for line in lines)):
        return None
    synsets = [_SYNSET.fullmatch(line) for line in lines]
    if all(synsets):
        return tuple(_first(found[1]) for found in synsets if found)
    numbered = [_NUMBERED.fullmatch(line) for line in lines]
    if all(numbered):
        pairs = [(int(found[1]), _first(_unquoted(found[2]))) for found in numbered if found]
        start = min(index for index, _ in pairs)
        if start in {0, 1}:
            names = _in_order([(index - start, name) for index, name in pairs])
            if names:
                return names
    return tuple(lines)


def _first(name: str) -> str:
    return name.split(", ")[0].strip()


def _unquoted(name: str) -> str:
    return name[1:-1] if len(name) > 1 and name[0] == name[-1] and name[0] in "\"'" else name


def _literal(text: str) -> Any:
    try:
        return ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        return None


def ordered(value: Any) -> tuple[str, ...] | None:
    """Put names in order of their index.

    Parameters
    ----------
    value
        A sequence of names, or a mapping between indices 0 ... n-1 and names, in either direction; an index may be
        written as text, a name may be the last of a sequence (``["n01440764", "tench"]``).

    Returns
    -------
    The names, or None if ``value`` is anything else or an index is missing.
    """
    if isinstance(value, Mapping):
        pairs = list(value.items())
        return _in_order(pairs) or _in_order([(index, name) for name, index in pairs])
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return _in_order(list(enumerate(value)))
    return None


def _in_order(pairs: list[tuple[Any, Any]]) -> tuple[str, ...] | None:
    """Sort (index, name) pairs; None unless every index from 0 is there once, with a name."""
    names = {_index(index): _name(name) for index, name in pairs}
    row = [names.get(index) for index in range(len(pairs))]
    return tuple(name for name in row if name is not None) if row and None not in row else None


def _index(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    return int(value) if isinstance(value, str) and value.isdecimal() else None


def _name(value: Any) -> str | None:
    if isinstance(value, Sequence) and not isinstance(value, str | bytes) and value:
        value = value[-1]
    return plain(value) if isinstance(value, str) else None


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
