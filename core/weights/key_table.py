"""The tensors of a weights file beside those of an architecture, one by one."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from core.errors import WeightsError
from core.types import KeyRow, KeyStatus, KeyTable
from core.weights.checkpoint import open_checkpoint
from core.weights.doctor.anatomy import dissect
from core.weights.doctor.table import COUNTER, plans


def key_table(path: Path, architecture: str, repairs: Collection[str] = ()) -> KeyTable:
    """Compare a file with an architecture by names and shapes.

    Parameters
    ----------
    path
        The weights file.
    architecture
        A name of the catalogue. A size of 0 in its shapes stands for any.
    repairs
        Kinds of repairs that were chosen; "take_average" takes the moving average.

    Returns
    -------
    What the architecture wants in its order, then what it does not know in the file's. Names are those that remain when
    wrappings and prefixes are off; counters of batch norm, which never matter, are left out.

    Raises
    ------
    WeightsError
        If the file cannot be read, or holds no weights.
    """
    reading = dissect(open_checkpoint(path), averaged="take_average" in repairs).taken
    if reading is None:
        raise WeightsError(f"“{path.name}” holds no tensors.", path=path)
    if reading.as_saved is not None and "rename" not in repairs:
        reading = reading.as_saved
    shapes = {name: tuple(value.shape) for name, value in reading.tensors.items() if not name.endswith(COUNTER)}
    match = reading.against(architecture)
    wanted = plans()[architecture].tensors
    status: dict[str, KeyStatus] = dict.fromkeys((*wanted, *shapes), "matched")
    status |= dict.fromkeys((name for name in wanted if name not in shapes), "missing")
    status |= dict.fromkeys(match.unexpected, "unexpected")
    status |= dict.fromkeys(match.misshapen, "misshapen")
    return KeyTable(
        path, architecture, tuple(KeyRow(name, one, shapes.get(name), wanted.get(name)) for name, one in status.items())
    )
