"""Names of the outputs of a network: from a checkpoint itself, or from a list beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

FILE_NAME = "class_indices.json"
"""The list that fine-tuning scripts leave beside their weights: index to name, or name to index."""

_KEYS = ("categories", "classes", "class_names", "idx_to_class", "class_to_idx")


def embedded_categories(holder: Mapping[Any, Any]) -> tuple[str, ...] | None:
    """Return the categories that a checkpoint or the metadata of a safetensors file names, or None.

    Parameters
    ----------
    holder
        Maps one of ``categories``, ``classes``, ``class_names``, ``idx_to_class``, ``class_to_idx`` to names; JSON text
        is read as what it says.
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
    """Return the categories of the ``class_indices.json`` beside a weights file, or None where there is no usable
    one."""
    try:
        text = (weights.parent / FILE_NAME).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return None
    return ordered(_parsed(text))


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
    return value if isinstance(value, str) else None


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None
