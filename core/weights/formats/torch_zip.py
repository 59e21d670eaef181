"""What ``torch.save`` writes since 1.6, and TorchScript: a zip archive of one pickle and the storages beside it."""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np
import torch

from core.weights.formats import torch_export, zip_directory
from core.weights.formats.limits import PICKLE, Budget
from core.weights.formats.pickle_graph import Reference
from core.weights.formats.problem import Problem, damaged, excessive
from core.weights.formats.reading import Reading
from core.weights.formats.rebuild import Rebuild
from core.weights.formats.source import Source
from core.weights.formats.storages import Storage, StorageId, part
from core.weights.formats.stub_unpickler import StubUnpickler
from core.weights.formats.torch_legacy import load_bytes
from core.weights.formats.zip_directory import Record

_ALIGNMENT = 16


class ZipStorages:
    """The storages in an archive, each made once.

    Parameters
    ----------
    source, records
        The archive.
    folder
        Where they are in it, "archive/data/".
    budget
        Pays for those that are packed.
    """

    def __init__(self, source: Source, records: dict[str, Record], folder: str, budget: Budget) -> None:
        self._source = source
        self._records = records
        self._folder = folder
        self._budget = budget
        self._made: dict[str, torch.Tensor] = {}
        self._swapped = _big_endian(source, records, folder)

    def find(self, reference: Reference) -> Storage:
        """Return a storage; see :class:`.storages.Storages`."""
        wanted = StorageId.parse(reference)
        raw = self._made.get(wanted.key)
        if raw is None:
            raw = self._made[wanted.key] = self._read(wanted)
        if len(raw) < wanted.count * wanted.item_size:
            raise damaged("its numbers are fewer than it says")
        return part(Storage(raw, wanted.dtype), wanted)

    def _read(self, wanted: StorageId) -> torch.Tensor:
        record = self._records.get(self._folder + wanted.key)
        if record is None:
            if not wanted.count:
                return torch.empty(0, dtype=torch.uint8)
            raise damaged("numbers of it are missing")
        if self._swapped:
            data = np.frombuffer(zip_directory.unpacked(self._source, record, self._budget), np.uint8).copy()
            item = wanted.item_size
            return torch.from_numpy(data[: len(data) // item * item].reshape(-1, item)[:, ::-1].reshape(-1).copy())
        if record.packed:
            return torch.frombuffer(zip_directory.unpacked(self._source, record, self._budget), dtype=torch.uint8)
        return self._source.tensor(record.start, record.stored, _ALIGNMENT)


def read(source: Source, reading: Reading) -> None:
    """Read an archive into ``reading``.

    Raises
    ------
    Problem
        If it holds no weights, is damaged or asks for too much.
    """
    records = zip_directory.records(source)
    exported = torch_export.weights_config(records)
    if exported is not None:
        _check_sums(source, records)
        torch_export.read(source, records, exported, reading)
        return
    main = _main(records, reading)
    prefix = main.removesuffix("data.pkl")
    scripted = f"{prefix}constants.pkl" in records or any(name.startswith(f"{prefix}code/") for name in records)
    reading.format = "torchscript" if scripted else "torch-zip"
    budget = Budget(source.size)
    root = _unpickled(source, records[main], budget, reading)
    for name, record in records.items():
        if name.endswith(".pkl") and name != main:
            _names_only(source, record, budget, reading)
    _check_sums(source, records)
    storages = ZipStorages(source, records, f"{prefix}data/", budget)
    rebuild = Rebuild(storages, budget, lambda data: load_bytes(source, data, budget, reading))
    reading.found = rebuild.found
    reading.content = rebuild.value(root)
    reading.metadata |= rebuild.attributes


def _main(records: dict[str, Record], reading: Reading) -> str:
    """Return the name of the pickle that holds the whole."""
    names = sorted((name for name in records if name.rpartition("/")[2] == "data.pkl"), key=lambda name: name.count("/"))
    if names:
        return names[0]
    last = {name.rpartition("/")[2] for name in records}
    if "archive_format" in last or "serialized_exported_program.json" in last:
        reading.format = "torch-export"
        raise Problem(
            "is an exported program (torch.export), which is no weights file. Save `model.state_dict()` of the model "
            "instead.",
            "unsupported",
        )
    if "model.json" in last and any("/tensors/" in name for name in records):
        reading.format = "torchscript"
        raise Problem("is a TorchScript program of a torch before 1.2. Load it there and save its state_dict().", "unsupported")
    if any(name.endswith(".npy") for name in records):
        raise Problem("is a collection of NumPy arrays (.npz). Save them as safetensors instead.", "unsupported")
    if "config.json" in last and any(name.endswith(".h5") for name in last):
        raise Problem("is a Keras model. This program reads weights of PyTorch models.", "unsupported")
    raise Problem("is a zip archive without weights. Unpack it and choose the weights file inside.", "unsupported")


def _unpickled(source: Source, record: Record, budget: Budget, reading: Reading) -> Any:
    if record.size > PICKLE:
        raise excessive(f"lists its tensors in {record.size >> 20} MB")
    return StubUnpickler(zip_directory.unpacked(source, record, budget), 0, reading.ledger).load()


def _names_only(source: Source, record: Record, budget: Budget, reading: Reading) -> None:
    try:
        _unpickled(source, record, budget, reading)
    except Problem:
        # Only torch.jit or torch.package reads it; up to where it breaks its names are known.
        return


def _big_endian(source: Source, records: dict[str, Record], folder: str) -> bool:
    record = records.get(folder.removesuffix("data/") + "byteorder")
    return record is not None and bytes(source.data[record.start : record.start + 3]) == b"big"


def _check_sums(source: Source, records: dict[str, Record]) -> None:
    """Compare stored parts with their sums.

    Programs may leave the sums out (``torch.serialization.set_crc32_options(False)``): then all are 0.
    """
    if not any(record.crc for record in records.values()):
        return
    for record in records.values():
        if record.packed or not record.stored:
            continue
        if zlib.crc32(source.data[record.start : record.start + record.stored]) != record.crc:
            raise damaged(f"its part {record.name[:80]!r} is not as it was saved")
