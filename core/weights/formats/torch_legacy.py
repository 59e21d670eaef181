"""What ``torch.save`` wrote before 1.6: five pickles, then the storages; and pickles without any of torch's frame."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from core.weights.formats.limits import Budget
from core.weights.formats.pickle_graph import Made, Reference
from core.weights.formats.problem import Problem, cut_off, damaged
from core.weights.formats.reading import Reading
from core.weights.formats.rebuild import Rebuild
from core.weights.formats.source import Source
from core.weights.formats.storages import Storage, StorageId, part
from core.weights.formats.stub_unpickler import StubUnpickler

_MAGIC = 0x1950A86A20F9469CFC6C
_PROTOCOL = 1001
_ALIGNMENT = 8  # as many bytes as the length before each storage takes


class LegacyStorages:
    """The storages behind the pickles, each a length of 8 bytes and its elements, in the order of ``keys``."""

    def __init__(self, source: Source, start: int, keys: list[Any], references: list[Reference]) -> None:
        named = {wanted.key: wanted for wanted in map(StorageId.parse, references)}
        places: dict[str, tuple[int, int]] = {}
        for key in keys:
            wanted = named.get(str(key))
            if wanted is None:
                raise damaged("numbers of it belong to no tensor")
            if start + 8 > source.size:
                raise cut_off()
            length = int.from_bytes(source.data[start : start + 8], "little", signed=True) * wanted.item_size
            start += 8
            if length < 0:
                raise damaged("its numbers are fewer than none")
            if start + length > source.size:
                raise cut_off()
            places.pop(wanted.key, None)
            places[wanted.key] = start, length
            start += length
        self._raw = dict(zip(places, source.spread(list(places.values()), _ALIGNMENT), strict=True))

    def find(self, reference: Reference) -> Storage:
        """Return a storage; see :class:`.storages.Storages`."""
        wanted = StorageId.parse(reference)
        raw = self._raw.get(wanted.key)
        if raw is None:
            raise damaged("numbers of it are missing")
        if len(raw) < wanted.count * wanted.item_size:
            raise damaged("its numbers are fewer than it says")
        return part(Storage(raw, wanted.dtype), wanted)


def read(source: Source, reading: Reading) -> None:
    """Read a file that begins with a pickle into ``reading``.

    Raises
    ------
    Problem
        If it is damaged or asks for too much.
    """
    reading.format = "torch-legacy"
    budget = Budget(source.size)

    def nested(data: Any) -> Storage:
        return load_bytes(source, data, budget, reading)

    root, rebuild = _value(source, 0, budget, reading, nested)
    reading.found = rebuild.found
    reading.content = rebuild.value(root)
    reading.metadata |= rebuild.attributes


def load_bytes(source: Source, data: Any, budget: Budget, reading: Reading) -> Storage:
    """Return the storage in bytes that a plain pickle carries for each tensor (``torch.storage._load_from_bytes``)."""
    if isinstance(data, Made) and data.args and isinstance(data.args[0], str):
        data = data.args[0].encode("latin-1")  # as protocol 2 writes bytes
    if not isinstance(data, bytes | memoryview):
        raise damaged("a tensor has no numbers")
    budget.take(len(data))
    inner = _Bytes(data)
    root, rebuild = _value(inner, 0, budget, reading, None)
    return rebuild.storage(root)


class _Bytes(Source):
    """Bytes inside a pickle, as if they were a file."""

    def __init__(self, data: bytes | memoryview) -> None:
        # A copy of its own: what is around must not be written into when numbers move.
        self._hashed = None
        self._room = self.data = np.frombuffer(data, np.uint8).copy().data.cast("B")


def _value(
    source: Source, start: int, budget: Budget, reading: Reading, nested: Callable[[Any], Storage] | None
) -> tuple[Any, Rebuild]:
    """Return the graph of a legacy file, or of the one pickle that a file is, and what makes tensors of it."""
    first = StubUnpickler(source.data, start, reading.ledger)
    value = first.load()
    if value != _MAGIC:
        if first.references:
            raise damaged("numbers of it are missing")
        return value, Rebuild(_NoStorages(), budget, nested)
    protocol = _next(source, first, reading)
    if protocol.load() != _PROTOCOL:
        raise Problem("was written in a form of torch that this program does not know.", "unsupported")
    system = _next(source, protocol, reading)
    about = system.load()
    if isinstance(about, dict) and about.get("little_endian") is False:
        raise Problem("was written on a machine of the other byte order. Load it there and save it anew.", "unsupported")
    main = _next(source, system, reading)
    root = main.load()
    listed = _next(source, main, reading)
    keys = listed.load()
    if not isinstance(keys, list) or len(keys) > len(main.references):
        raise damaged("its list of numbers makes no sense")
    return root, Rebuild(LegacyStorages(source, listed.at, keys, main.references), budget, nested)


def _next(source: Source, before: StubUnpickler, reading: Reading) -> StubUnpickler:
    """Return the reader of the pickle behind another one."""
    return StubUnpickler(source.data, before.at, reading.ledger)


class _NoStorages:
    """What a plain pickle has."""

    def find(self, reference: Reference) -> Storage:
        """Refuse."""
        raise damaged("numbers of it are missing")
