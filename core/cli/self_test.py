"""How the rows of ``layerscope --self-test`` are printed."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict

from core.cli.main import BROKEN_PIPE, FAILED, OK
from core.cli.table import as_table
from core.types import Check


def report(rows: Sequence[Check], *, as_json: bool) -> int:
    """Print the rows as a table or one JSON object; return the exit status, which is 0 where nothing is a problem."""
    try:
        _print(rows, as_json=as_json)
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        # Python flushes standard output once more at exit; that must not raise again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    return FAILED if _has_failed(rows) else OK


def _has_failed(rows: Sequence[Check]) -> bool:
    return any(row.state == "problem" for row in rows)


def _print(rows: Sequence[Check], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps({"ok": not _has_failed(rows), "checks": [asdict(row) for row in rows]}, indent=1))
    else:
        print(as_table(("part", "what", "state", "found", "what to do"), [_cells(row) for row in rows]))
        counts = Counter(row.state for row in rows)
        print(f"\n{counts['OK']} OK, {counts['note']} noted, {_problems(counts['problem'])}.")


def _cells(row: Check) -> tuple[str, ...]:
    return tuple(" ".join(cell.split()) for cell in (row.group, row.name, row.state, row.found, row.advice))


def _problems(number: int) -> str:
    return "no problems" if number == 0 else "1 problem" if number == 1 else f"{number} problems"
