"""``layerscope ledger``: what networks cost, beside what their papers print."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from core.cli.main import OK, say
from core.errors import UsageError
from core.files import write_whole
from core.insight.ledger.counting import count
from core.insight.ledger.formats import FORMATS, SUFFIXES, as_object
from core.insight.ledger.vgg_paper import FAMILY
from core.types import LedgerNetwork, LedgerWish


def run(options: argparse.Namespace) -> int:
    """Count the models that are named, or the VGG paper's six; print the ledger, or write it to a file."""
    output = Path(options.output) if options.output else None
    how = _format(options, output)
    names = dict.fromkeys(options.models or FAMILY)
    networks = [count(LedgerWish(name, options.classes)) for name in names]
    content = _json(networks, options.layers) if how == "json" else FORMATS[how](networks, layers=options.layers)
    if output is None:
        print(content, end="")
        return OK
    write_whole(output, content.encode())
    say(f"“{output}” was written.")
    return OK


def _format(options: argparse.Namespace, output: Path | None) -> str:
    """The format that was asked for, or else that of the file's ending."""
    if options.json and options.format not in (None, "json"):
        raise UsageError(f"--json and --format {options.format} ask for two formats. Choose one.")
    if options.json:
        return "json"
    if options.format is not None:
        return str(options.format)
    if output is None:
        return "text"
    known = SUFFIXES | {".json": "json"}
    if output.suffix.lower() not in known:
        endings = ", ".join(known)
        raise UsageError(f"“{output.name}” does not say which format is meant. End it with one of {endings}, or add --format.")
    return known[output.suffix.lower()]


def _json(networks: list[LedgerNetwork], layers: bool) -> str:
    return json.dumps([as_object(network, layers=layers) for network in networks], allow_nan=False, indent=1) + "\n"
