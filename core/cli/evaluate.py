"""``layerscope evaluate``: how good a model is on a folder of pictures per category."""

from __future__ import annotations

import argparse
import json
import math
from collections import Counter
from pathlib import Path
from typing import Any

from core.cli.main import FAILED, OK, say
from core.cli.model_arguments import chosen_spec
from core.cli.steps import finish
from core.cli.table import as_table
from core.inference.session import Session
from core.jobs.evaluate import evaluate
from core.types import Evaluation, FolderScore

_NAMED = 20


def run(options: argparse.Namespace) -> int:
    """Evaluate, and print a table or JSON."""
    session = Session.load(chosen_spec(options), options.device)
    told = session.info.notices
    for notice in told:
        say(notice)
    found = finish(evaluate(session, Path(options.folder)))
    for notice in (*found.notices, *(one for one in session.info.notices if one not in told)):
        say(notice)
    _say_what_is_missing(found)
    print(json.dumps(as_object(found), allow_nan=False) if options.json else _as_text(found))
    return FAILED if found.failures else OK


def _say_what_is_missing(found: Evaluation) -> None:
    for failure in found.failures[:_NAMED]:
        say(failure.message)
    if len(found.failures) > _NAMED:
        say(f"{len(found.failures) - _NAMED} more pictures cannot be read.")
    for match, images in found.unmatched:
        say(f"The {images} pictures of the folder “{match.folder}” are left out: {match.why}")


def as_object(found: Evaluation) -> dict[str, Any]:
    """The evaluation as JSON has it; what is no number (no picture was answered) is null."""
    return {
        "images": found.images,
        "failed": found.failed,
        "top1": _number(found.top1),
        "top5": _number(found.top5),
        "per_class": {one.folder: _of_class(one) for one in found.folders},
        "confusion": found.confusion,
        "confusion_rows": [one.folder for one in found.folders],
        "confusion_columns": found.labels,
        "failures": [{"path": str(one.path) if one.path else None, "message": one.message} for one in found.failures],
        "left_out": [{"folder": one.folder, "images": images, "why": one.why} for one, images in found.unmatched],
    }


def _of_class(one: FolderScore) -> dict[str, Any]:
    return {
        "category": one.category, "index": one.index, "images": one.images, "failed": one.failed,
        "top1": _number(one.top1), "top5": _number(one.top5),
    }  # fmt: skip


def _number(share: float) -> float | None:
    return None if math.isnan(share) else share


def _as_text(found: Evaluation) -> str:
    rows = [
        (
            one.folder, one.category, f"{one.images - one.failed:,}", _percent(one.top1), _percent(one.top5),
            _taken_for(found, row),
        )
        for row, one in enumerate(found.folders)
    ]
    table = as_table(("folder", "category", "pictures", "top-1", "top-5", "most often taken for"), rows, right=(2, 3, 4))
    failed = f", {found.failed:,} more could not be read" if found.failed else ""
    whole = f"{_percent(found.top1)} top-1, {_percent(found.top5)} top-5 of {found.images - found.failed:,} pictures{failed}"
    return f"{table}\n\n{whole}"


def _taken_for(found: Evaluation, row: int) -> str:
    counts = Counter(dict(zip(found.labels, found.confusion[row], strict=True)))
    counts.pop(found.folders[row].category, None)
    label, count = counts.most_common(1)[0] if counts else ("", 0)
    return f"{label} ({count})" if count else ""


def _percent(share: float) -> str:
    return "–" if math.isnan(share) else f"{share:.1%}"
