"""``layerscope train FOLDER --look``: what there is to learn from, and what to know about it."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from core.cli.main import OK
from core.cli.table import as_table
from core.plain import plain
from core.training.survey import survey
from core.training.survey_words import headline, remarks
from core.types import DatasetSurvey


def look(options: argparse.Namespace, seed: int) -> int:
    """Look at the folder and print what was found; nothing is learned and nothing written."""
    work = survey(Path(options.folder), val_share=options.val_share, seed=seed)
    while True:
        try:
            next(work)
        except StopIteration as end:
            found: DatasetSurvey = end.value
            break
    if options.json:
        print(json.dumps(_content(found), allow_nan=False))
        return OK
    print(headline(found))
    rows = [(one.name, f"{one.train:,}", f"{one.val:,}") for one in found.categories]
    print(as_table(("category", "train", "val"), rows, right=(1, 2)))
    for remark in remarks(found):
        print(f"\n{'! ' if remark.serious else ''}{plain(remark.sentence)}")
        for line in remark.details:
            print(f"  {plain(line)}")
    return OK


def _content(found: DatasetSurvey) -> dict[str, Any]:
    return {
        "folder": str(found.folder),
        "split": found.split,
        "train": found.train,
        "val": found.val,
        "categories": [{"name": one.name, "train": one.train, "val": one.val} for one in found.categories],
        "unreadable": [{"name": one.name, "reason": one.reason} for one in found.unreadable],
        "duplicates": [
            {"names": one.names, "categories": one.categories, "leaks": one.leaks, "same_file": one.same_file}
            for one in found.duplicates
        ],
        "short_sides": found.short_sides,
        "remarks": [{"kind": one.kind, "sentence": one.sentence} for one in remarks(found)],
    }
