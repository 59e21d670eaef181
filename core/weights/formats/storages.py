"""Where the numbers of tensors are: what a persistent id of torch means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor

from core.weights.formats.harmless import STORAGES
from core.weights.formats.pickle_graph import Named, Reference
from core.weights.formats.problem import damaged

ITEM_SIZES: dict[torch.dtype, int] = {
    dtype: dtype.itemsize for dtype in STORAGES.values() if dtype is not None
}


@dataclass(frozen=True, slots=True, eq=False)
class Storage:
    """Bytes in memory, uint8 of shape (n,), and the element type that they were saved with (None: the tensor says)."""

    raw: Tensor
    dtype: torch.dtype | None


@dataclass(frozen=True, slots=True)
class StorageId:
    """A persistent id read: ``count`` elements (bytes where ``dtype`` is None) under ``key``.

    ``view`` is (key, offset, count) of a part, as torch before 0.4 saved views.
    """

    key: str
    dtype: torch.dtype | None
    count: int
    view: tuple[str, int, int] | None = None

    @property
    def item_size(self) -> int:
        """Bytes of an element."""
        return 1 if self.dtype is None else ITEM_SIZES[self.dtype]

    @classmethod
    def parse(cls, reference: Reference) -> StorageId:
        """Read ``("storage", type, key, location, count[, view])``.

        Raises
        ------
        Problem
            If it is anything else.
        """
        parts = reference.key
        if not isinstance(parts, tuple) or len(parts) not in (5, 6) or _text(parts[0]) != "storage":
            raise damaged("it refers to what is not in it")
        _, kind, key, _, count, *rest = parts
        last = kind.name.rpartition(".")[2] if isinstance(kind, Named) else ""
        if last not in STORAGES:
            raise damaged("it refers to numbers of an unknown type")
        if not _is_count(count) or not isinstance(key, str | bytes | int):
            raise damaged("it refers to what is not in it")
        return cls(_text(key), STORAGES[last], count, _view(rest[0]) if rest and rest[0] is not None else None)


class Storages(Protocol):
    """The storages of a file."""

    def find(self, reference: Reference) -> Storage:
        """Return the storage that a pickle refers to.

        Raises
        ------
        Problem
            If it is not in the file, or not whole.
        """


def part(storage: Storage, named: StorageId) -> Storage:
    """Return the part of a storage that an old view means."""
    if named.view is None:
        return storage
    _, offset, count = named.view
    start, length = offset * named.item_size, count * named.item_size
    if start + length > len(storage.raw):
        raise damaged("a tensor lies outside its numbers")
    return Storage(storage.raw[start : start + length], storage.dtype)


def _view(value: Any) -> tuple[str, int, int]:
    if isinstance(value, tuple) and len(value) == 3 and _is_count(value[1]) and _is_count(value[2]):
        return _text(value[0]), value[1], value[2]
    raise damaged("it refers to what is not in it")


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and 0 <= value < 1 << 48


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("latin-1")
    return value if isinstance(value, str) else f"{value:d}" if isinstance(value, int) else ""
