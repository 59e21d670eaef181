"""The full list of tensors beside those that an architecture wants."""

from __future__ import annotations

from pathlib import Path

from core.weights.checkpoint import open_checkpoint
from core.weights.doctor.anatomy import dissect
from core.weights.doctor.table import agree, plans
from core.weights.doctor.words import sizes


def key_table(path: Path, architecture: str | None = None) -> tuple[tuple[str, str, str, str], ...]:
    """List name, shape, wanted shape and what is the matter ("", "missing", "unexpected", "of another shape").

    Parameters
    ----------
    path
        The weights file.
    architecture
        What it is compared with; by default what it fits, or comes closest to. A size that may vary is written "any".

    Raises
    ------
    WeightsError
        If the file cannot be read.
    """
    reading = dissect(open_checkpoint(path)).taken
    if reading is None:
        return ()
    closest = reading.match or next(iter(reading.ranking), None)
    plan = plans()[architecture] if architecture is not None else closest.plan if closest is not None else None
    wanted = plan.tensors if plan is not None else {}
    shapes = (reading.as_saved or reading).shapes
    rows = []
    for name in (*wanted, *(name for name in shapes if name not in wanted)):
        there = sizes(shapes[name]) if name in shapes else ""
        meant = sizes([size or "any" for size in wanted[name]]) if name in wanted else ""
        if name not in shapes:
            word = "missing"
        elif name not in wanted:
            word = "unexpected" if plan is not None else ""
        else:
            word = "" if agree(wanted[name], shapes[name]) else "of another shape"
        rows.append((name, there, meant, word))
    return tuple(rows)
