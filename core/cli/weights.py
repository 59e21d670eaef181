"""``layerscope weights list | fetch | verify``: published weights and torch's cache."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
from collections.abc import Generator, Iterator
from typing import Any

from core.cancel import CancelToken
from core.cli.main import FAILED, INTERRUPTED, OK, say
from core.cli.progress import ProgressLine
from core.cli.table import as_json, as_table
from core.errors import Cancelled
from core.settings import load_settings
from core.types import Downloaded, DownloadProgress, PublishedWeights, in_megabytes
from core.weights.fetch import registry
from core.weights.fetch.download import download
from core.weights.fetch.errors import FetchError
from core.weights.fetch.options import MIRROR
from core.weights.fetch.part import part_of
from core.weights.fetch.verify import Checked, verify
from core.weights.published import hub_folder


def run(options: argparse.Namespace) -> int:
    """Run one of the three."""
    if options.action == "list":
        return _list(options)
    return fetch(registry.find(options.name)) if options.action == "fetch" else _verify(options)


def _list(options: argparse.Namespace) -> int:
    found = registry.published(options.model) if options.model else registry.all_published()
    if options.json:
        print(as_json(map(_as_dict, found)))
        return OK
    rows = [
        (
            one.architecture,
            f"{one.name}*" if registry.is_here(one) else one.name,
            f"{one.top1:.1f} %" if one.top1 is not None else "",
            f"{one.parameters:,}",
            in_megabytes(one.size),
            one.licence if one.classifies else f"features only, no classifier; {one.licence}",
        )
        for one in found
    ]
    if rows:
        print(as_table(("model", "weights", "top-1", "parameters", "size", "licence"), rows, right=(2, 3, 4)))
    else:
        print(f"There is nothing to download for {options.model}: its weights came with the program.")
    print(f"\n* on this computer, in {hub_folder()}. torchvision's code is BSD-3; the weights have terms of their own.")
    return OK


def _as_dict(one: PublishedWeights) -> dict[str, Any]:
    here = registry.is_here(one)
    return {
        "model": one.architecture,
        "name": one.name,
        "title": one.title,
        "top1": one.top1,
        "parameters": one.parameters,
        "size": one.size,
        "licence": one.licence,
        "classifies": one.classifies,
        "url": one.url,
        "downloaded": here,
        "path": str(hub_folder() / one.filename) if here else None,
    }


def mirror() -> str:
    """The mirror of the environment, or else of the settings; "" for none."""
    if named := os.environ.get(MIRROR):
        return named
    settings, damage = load_settings()
    if damage:
        say(damage)
    return settings.weights_mirror


def fetch(weights: PublishedWeights) -> int:
    """Download weights, with a line of progress where somebody can see it; the path goes to standard output."""
    token = CancelToken()
    try:
        with _interruptible(token), ProgressLine(weights.label) as line:
            found = _finished(download(weights, mirror=mirror(), token=token), line)
    except Cancelled:
        kept = part_of(hub_folder() / weights.filename)
        more = f" What was received so far is kept as {kept}; the same command goes on from there." if kept.exists() else ""
        say(f"Stopped.{more}")
        return INTERRUPTED
    except FetchError as error:
        say(error.message)
        return FAILED
    for notice in found.notices:
        say(notice)
    print(found.path)
    return OK


def _finished(work: Generator[DownloadProgress, None, Downloaded], line: ProgressLine) -> Downloaded:
    while True:
        try:
            line.show(next(work))
        except StopIteration as end:
            answer: Downloaded = end.value
            return answer


@contextlib.contextmanager
def _interruptible(token: CancelToken) -> Iterator[None]:
    """Let Ctrl+C end the download at a step where everything is in order."""
    try:
        before = signal.signal(signal.SIGINT, lambda *_: token.cancel())
    except ValueError:  # not the main thread: nobody presses Ctrl+C here
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _verify(options: argparse.Namespace) -> int:
    checked = []
    if not options.json:
        print(f"{hub_folder()}:", flush=True)
    for one in verify():
        checked.append(one)
        if not options.json:
            more = f"\n              {one.message}" if one.message else ""
            print(f"  {one.state:<10}  {one.path.name} ({in_megabytes(one.size)}){more}", flush=True)
    if options.json:
        print(as_json(map(_verdict, checked)))
    elif not checked:
        print("  there is nothing here")
    broken = sum(one.broken for one in checked)
    if broken and not options.json:
        say(f"{broken} of {len(checked)} files cannot be used as they are.")
    return FAILED if broken else OK


def _verdict(one: Checked) -> dict[str, Any]:
    return {
        "path": str(one.path),
        "state": one.state,
        "weights": one.label or None,
        "size": one.size,
        "sha256": one.sha256 or None,
        "message": one.message,
    }
