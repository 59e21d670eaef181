"""``layerscope models``: the architectures and their weights."""

from __future__ import annotations

import argparse
from dataclasses import dataclass

from core.cli.main import OK
from core.cli.table import as_json, as_table
from core.errors import WeightsError
from core.types import BUILTIN_MODEL
from core.weights import builtin
from core.weights.published import is_downloaded
from core.zoo import backend, catalog

_NONE = "none published"


@dataclass(frozen=True, slots=True)
class _Row:
    name: str
    family: str
    weights: tuple[str, ...]
    downloaded: tuple[str, ...]
    parameters: int | None


def run(options: argparse.Namespace) -> int:
    """List them family by family."""
    rows = [_row(family, name) for family, names in catalog.FAMILIES.items() for name in names]
    if options.json:
        print(
            as_json(
                {"name": row.name, "family": row.family, "weights": list(row.weights), "parameters": row.parameters}
                for row in rows
            )
        )
        return OK
    table = [
        (
            row.name,
            row.family,
            f"{row.parameters:,}" if row.parameters else "",
            ", ".join(f"{name}*" if name in row.downloaded else name for name in row.weights) or _NONE,
        )
        for row in rows
    ]
    print(as_table(("model", "family", "parameters", "weights"), table, right=(2,)))
    print("\n* on this computer; `random` and files work with every model.")
    return OK


def _row(family: str, name: str) -> _Row:
    if name == BUILTIN_MODEL:
        try:
            return _Row(name, family, ("builtin",), ("builtin",), builtin.card().parameters)
        except WeightsError:
            return _Row(name, family, (), (), None)
    entries = [entry for entry in backend.weights_entries(name) if entry.categories]
    if not entries:
        parameters = sum(parameter.numel() for parameter in backend.skeleton(name).parameters())
        return _Row(name, family, (), (), parameters)
    downloaded = tuple(entry.name for entry in entries if is_downloaded(entry))
    return _Row(name, family, tuple(entry.name for entry in entries), downloaded, entries[0].num_params)
