"""Which category of a model the name of a folder stands for."""

from __future__ import annotations

import difflib
import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from functools import cache

from core import paths
from core.types import FolderMatch, MatchKind

_WORDNET_ID = re.compile(r"n\d{8}")
_LEADING = re.compile(r"(n\d{8}|\d+)[\s_.-]+(\S.*)")
_NEAREST = 3


def match_folders(names: Sequence[str], categories: Sequence[str]) -> tuple[FolderMatch, ...]:
    """Find what folders stand for: by name, by synonym, by WordNet id, by index; each way in turn, for each folder.

    Upper and lower case, accents, punctuation, and blanks, underscores and hyphens make no difference. "n02099601-golden_
    retriever" and "207_golden retriever" stand for what is behind the number, or else for the number. The WordNet ids that
    are known are those of the built-in model's categories; a thousand folders that all are WordNet ids stand for the
    thousand categories of ImageNet, which are in the order of their ids.

    Parameters
    ----------
    names
        Names of folders.
    categories
        Of the model; "tench, Tinca tinca" has two names.
    """
    finder = _Finder(categories)
    whole = _all_wordnet_ids(names, len(categories))
    return tuple(whole.get(name) or finder.find(name) for name in names)


def plain(name: str) -> str:
    """A name without what makes no difference."""
    parts = unicodedata.normalize("NFKD", name).casefold()
    kept = "".join(one if one.isalnum() else " " for one in parts if not unicodedata.combining(one))
    return " ".join(kept.split())


def _all_wordnet_ids(names: Sequence[str], count: int) -> dict[str, FolderMatch]:
    if len(names) != count or not all(_WORDNET_ID.fullmatch(name) for name in names):
        return {}
    return {name: FolderMatch(name, index, "wordnet_id") for index, name in enumerate(sorted(names))}


@cache
def _known_ids() -> dict[str, str]:
    """WordNet id to the names of its category, of the built-in model."""
    try:
        card = json.loads((paths.BUILTIN / "model.json").read_text(encoding="utf-8"))
        return dict(zip(card["wordnet_ids"], card["synonyms"], strict=True))
    except (OSError, ValueError, KeyError, TypeError):
        return {}


class _Finder:
    def __init__(self, categories: Sequence[str]) -> None:
        self._categories = categories
        self._names = _indices((index, (name,)) for index, name in enumerate(categories))
        self._synonyms = _indices((index, name.split(",")) for index, name in enumerate(categories))
        for synonyms in _known_ids().values():
            words = [plain(word) for word in synonyms.split(",")]
            there = self._synonyms.get(words[0], [])
            for word in words[1:] if len(there) == 1 else ():
                self._synonyms.setdefault(word, list(there))

    def find(self, name: str) -> FolderMatch:
        numbered = _LEADING.fullmatch(name)
        rest = numbered.group(2) if numbered else ""
        number = numbered.group(1) if numbered else name
        ways: tuple[tuple[MatchKind, Callable[[str], list[int]], str], ...] = (
            ("name", self._by_name, name), ("synonym", self._by_synonym, name),
            ("name", self._by_name, rest), ("synonym", self._by_synonym, rest),
            ("wordnet_id", self._by_id, number), ("index", self._by_index, number),
        )  # fmt: skip
        for kind, way, text in ways:
            found = way(text) if text else []
            if len(found) > 1 and numbered and int_or_none(number) in found:
                found = [int(number)]
            if len(found) == 1:
                return FolderMatch(name, found[0], kind)
            if found:
                return FolderMatch(name, None, why=self._ambiguous(name, found))
        return FolderMatch(name, None, why=self._unknown(rest or name))

    def _by_name(self, text: str) -> list[int]:
        return self._names.get(plain(text), [])

    def _by_synonym(self, text: str) -> list[int]:
        return self._synonyms.get(plain(text), [])

    def _by_id(self, text: str) -> list[int]:
        synonyms = _known_ids().get(text, "")
        for word in filter(None, (part.strip() for part in synonyms.split(","))):
            found = self._by_name(word) or self._by_synonym(word)
            if found:
                return found
        return []

    def _by_index(self, text: str) -> list[int]:
        index = int_or_none(text)
        return [index] if index is not None and index < len(self._categories) else []

    def _ambiguous(self, name: str, found: list[int]) -> str:
        numbers = " and ".join(str(index) for index in found)
        return (
            f"“{name}” may be any of the categories {numbers}, which have the same name. Put the number before the name: "
            f"“{found[0]}_{name}”."
        )

    def _unknown(self, name: str) -> str:
        near = difflib.get_close_matches(plain(name), self._synonyms, _NEAREST, 0.5)
        names = list(dict.fromkeys(self._categories[self._synonyms[one][0]] for one in near))
        hint = f" Near it are {', '.join(names)}." if names else ""
        return f"The model knows no category “{name}”.{hint}"


def int_or_none(text: str) -> int | None:
    """The whole number that ASCII digits stand for."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else None


def _indices(named: Iterable[tuple[int, Sequence[str]]]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for index, names in named:
        for name in names:
            one = plain(name)
            if one and index not in found.setdefault(one, []):
                found[one].append(index)
    return found
