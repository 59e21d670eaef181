"""``layerscope classify``: what is in pictures."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core.cli.main import FAILED, OK, say
from core.cli.model_arguments import chosen_spec
from core.cli.table import as_json
from core.images.discover import discover
from core.inference.session import Session
from core.jobs.classify import BatchRow, classify_files
from core.types import Failure, ImageRef, ModelSpec

Listed = tuple[str, ImageRef]
"""A picture and how it is called on the command line."""


def run(options: argparse.Namespace) -> int:
    """Classify what the paths stand for; print as it comes, or all of it as JSON at the end."""
    listed, failures = _pictures(options.paths, recursive=options.recursive)
    session = Session.load(chosen_spec(options), options.device)
    for notice in session.info.notices:
        say(notice)
    told = len(session.info.notices)
    objects: list[dict[str, Any]] = []
    failed = False
    for name, row in _answers(session, listed, failures, options.top):
        failed |= row.failure is not None
        if options.json:
            objects.append(_object(name, row, session.info.spec))
        else:
            _print(name, row)
        for notice in session.info.notices[told:]:
            say(notice)
        told = len(session.info.notices)
    if options.json:
        print(as_json(objects))
    return FAILED if failed else OK


def _pictures(paths: list[str], *, recursive: bool) -> tuple[list[Listed], dict[int, list[tuple[str, Failure]]]]:
    """Files as they are named, folders as folder/name; failures of folders by the number of pictures before them."""
    listed: list[Listed] = []
    failures: dict[int, list[tuple[str, Failure]]] = {}
    for path in paths:
        found = discover([path], recursive=recursive)
        base = os.path.abspath(path)  # noqa: PTH100 - as discover does
        folder = Path(base).is_dir()
        names = [os.path.join(path, os.path.relpath(image.path, base)) if folder else path for image in found.images]  # noqa: PTH118
        listed += zip(names, found.images, strict=True)
        if found.failures:
            failures.setdefault(len(listed), []).extend((path, failure) for failure in found.failures)
        elif not found.images:
            inside = "" if recursive else " --recursive looks into the folders inside it."
            say(f"There are no pictures in “{path}”.{inside}")
    return listed, failures


def _answers(
    session: Session, listed: list[Listed], failures: dict[int, list[tuple[str, Failure]]], top_k: int
) -> Iterator[tuple[str, BatchRow]]:
    rows = classify_files(session, (image for _, image in listed), top_k)
    for number in range(len(listed) + 1):
        for name, failure in failures.get(number, ()):
            yield name, BatchRow(ImageRef(Path(name)), (), failure)
        if number < len(listed):
            yield listed[number][0], next(rows)


def _object(name: str, row: BatchRow, spec: ModelSpec) -> dict[str, Any]:
    failure = row.failure
    return {
        "path": name,
        "model": spec.architecture,
        "weights": str(spec.weights),
        "top": [
            {"rank": one.rank, "index": one.index, "category": one.category, "probability": one.probability}
            for one in row.predictions
        ],
        "error": {"kind": failure.kind, "message": failure.message} if failure is not None else None,
    }


def _print(name: str, row: BatchRow) -> None:
    if row.failure is not None:
        say(row.failure.message)
        return
    print(name)
    for one in row.predictions:
        print(f"{one.rank:4}  {_percent(one.probability):>7}  {one.category} ({one.index})")


def _percent(probability: float) -> str:
    return f"{100 * probability:.1f} %" if probability >= 0.001 else "< 0.1 %"
