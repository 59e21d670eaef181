"""``layerscope doctor``: what a weights file is, what is wrong with it, and a repaired copy of it."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from core.cli.main import OK, say
from core.cli.table import as_table
from core.errors import LayerscopeError
from core.types import Candidate, Diagnosis
from core.weights.doctor import check_out, diagnose, save_repaired, usual_repairs
from core.weights.doctor.diagnosis import HARMLESS
from core.weights.doctor.keys import key_table
from core.weights.doctor.words import a, number, title

REPAIRABLE, REFUSED = 3, 4

_STATUS = {"loadable": OK, "repairable": REPAIRABLE, "refused": REFUSED}


def run(options: argparse.Namespace) -> int:
    """Say what a file is; write a repaired copy if that was asked for."""
    if options.model is not None:
        from core.zoo import backend

        backend.check_architecture(options.model)
    path = Path(options.file)
    if options.repair is not None:
        check_out(path, Path(options.repair), options.replace)
    found = diagnose(path, options.model)
    print(json.dumps(_object(options.file, found), allow_nan=False, indent=2) if options.json else _text(found))
    if options.keys and not options.json:
        print(_keys(path, options.model))
    if options.repair is not None:
        _repair(found, Path(options.repair), options)
    return _STATUS[found.verdict]


def _repair(found: Diagnosis, out: Path, options: argparse.Namespace) -> None:
    """Write the copy; whatever stands in its way is raised."""
    if found.verdict == "refused":
        say(f"“{found.path.name}” cannot be repaired; “{out}” was not written.")
        return
    kinds = {*usual_repairs(found.repairs), *(["take_average"] if options.ema else [])}
    if options.classes is not None:
        kinds = (kinds - {"rename_head"}) | {"new_head"}
    made = save_repaired(found.path, out, kinds, options.model, options.classes, replace=options.replace)
    done = ", ".join(one.kind for one in made.done) or "as it is"
    say(f"“{out}” was written: {made.architecture} for {number(made.num_classes, 'class')} ({done}).")


def _object(name: str, found: Diagnosis) -> dict[str, Any]:
    return {
        "path": name,
        "format": found.format,
        "readable": found.readable,
        "executes_code": found.executes_code,
        "globals": list(found.globals),
        "architecture": found.architecture,
        "candidates": [_candidate(one) for one in found.candidates],
        "num_classes": found.num_classes,
        "categories_source": found.categories_source,
        "problems": [{"kind": one.kind, "message": one.message} for one in found.problems],
        "repairs": [{"kind": one.kind, "message": one.message} for one in found.repairs],
    }


def _candidate(one: Candidate) -> dict[str, Any]:
    """A tensor of another shape is missing and unexpected at once."""
    return {
        "model": one.model,
        "matched": one.matched,
        "missing": one.missing + one.misshapen,
        "unexpected": one.unexpected + one.misshapen,
    }


def _text(found: Diagnosis) -> str:
    parts = [_lead(found)]
    grave = [one for one in found.problems if one.kind not in HARMLESS]
    harmless = [one for one in found.problems if one.kind in HARMLESS]
    for heading, problems in (("What to know:", grave), ("No obstacle, loading does this by itself:", harmless)):
        if problems:
            parts.append("\n".join([heading, *(f"  - {one.message}" for one in problems)]))
    if found.repairs:
        width = max(len(one.kind) for one in found.repairs)
        rows = (f"  {one.kind:{width}}  {one.message}" for one in found.repairs)
        parts.append("\n".join(["Repairs (--repair OUT writes a copy with them):", *rows]))
    if found.candidates:
        header = ("model", "matched", "missing", "unexpected", "of another shape")
        table = [
            (one.model, *(f"{count:,}" for count in (one.matched, one.missing, one.unexpected, one.misshapen)))
            for one in found.candidates
        ]
        parts.append(as_table(header, table, right=(1, 2, 3, 4)))
    return "\n\n".join(parts)


def _lead(found: Diagnosis) -> str:
    verdict = {
        "loadable": "can be loaded as it is",
        "repairable": "can be loaded after the repairs below",
        "refused": "cannot be loaded",
    }[found.verdict]
    lines = [f"“{found.path.name}” {verdict}."]
    if found.format != "unknown":
        cut = ", cut off" if any(one.kind == "truncated" for one in found.problems) else ""
        lines.append(f"Format: {found.format}{cut}.")
    if found.architecture is not None:
        classes = f", {number(found.num_classes, 'class')}" if found.num_classes is not None else ""
        lines.append(f"It is {a(title(found.architecture))} ({found.architecture}{classes}).")
    if found.categories_source is not None:
        numbered = found.categories_source == "numbered"
        lines.append("Nothing names its categories." if numbered else f"Categories: {found.categories_source}.")
    return "\n".join(lines)


def _keys(path: Path, architecture: str | None) -> str:
    try:
        rows = key_table(path, architecture)
    except LayerscopeError:
        return ""  # the diagnosis has said why
    return "\n" + as_table(("tensor", "shape", "wanted", ""), rows)
