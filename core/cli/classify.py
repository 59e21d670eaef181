"""``layerscope classify``: what is in pictures."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from core.cli.answers import as_object, print_top
from core.cli.listing import listing
from core.cli.main import FAILED, OK, say
from core.cli.model_arguments import chosen_spec
from core.cli.protocol_options import chosen
from core.cli.protocol_rows import classify_by
from core.cli.table import as_json
from core.inference.session import Session
from core.jobs.classify import BatchRow, classify_files
from core.types import Failure, ImageRef


def run(options: argparse.Namespace) -> int:
    """Classify what the paths stand for; print as it comes, or all of it as JSON."""
    wish = chosen(options)
    found = listing(options.paths, recursive=options.recursive)
    session = Session.load(chosen_spec(options), options.device)
    for notice in session.info.notices:
        say(notice)
    if wish is not None:
        return classify_by(wish, session, found, options)
    told = len(session.info.notices)
    objects: list[dict[str, Any]] = []
    failed = False
    for name, answer in found.with_rows(classify_files(session, found.images, options.top)):
        row = BatchRow(ImageRef(Path(name)), (), answer) if isinstance(answer, Failure) else answer
        failed |= row.failure is not None
        if options.json:
            objects.append(as_object(name, session.info, row.predictions, row.failure))
        elif row.failure is not None:
            say(row.failure.message)
        else:
            print_top(name, row.predictions, session.info)
        for notice in session.info.notices[told:]:
            say(notice)
        told = len(session.info.notices)
    if options.json:
        print(as_json(objects))
    return FAILED if failed else OK
