"""``layerscope --self-test``: what works here. Imports no Qt: what needs it runs in a child process, which Qt may abort."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from core.cli import self_test
from core.cli.main import INTERRUPTED
from core.selftest import checks
from core.types import Check
from gui.display import has_display

WORD = "--self-test"
CHILD = "--self-test-window"
"""What the child process is started with; not for people."""

PATIENCE = 60
"""Seconds that a busy machine gets to start Qt."""


def main(arguments: list[str]) -> int:
    """Test the program, print what was found; the exit status is 0 where all that matters works."""
    parser = argparse.ArgumentParser(
        prog="layerscope --self-test", description="Try whether the program works here, and say what to do where not.",
        epilog="Exit status: 0 all that matters works; 1 there is a problem; 2 wrong use.", allow_abbrev=False,
    )  # fmt: skip
    parser.add_argument(WORD, action="store_true", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else on standard output")
    try:
        options = parser.parse_args(arguments)
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 2
    try:
        with _child() as child:
            rows = [*checks(), *_window(child)]
    except KeyboardInterrupt:
        return INTERRUPTED
    return self_test.report(rows, as_json=options.json)


@contextlib.contextmanager
def _child() -> Iterator[subprocess.Popen[str]]:
    frozen = getattr(sys, "frozen", False)
    root = str(Path(__file__).resolve().parent.parent)
    environment = dict(os.environ)
    if not frozen:
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, (root, environment.get("PYTHONPATH"))))
    if not has_display():
        environment["QT_QPA_PLATFORM"] = "offscreen"
    words = [sys.executable] if frozen else [sys.executable, "-m", "gui"]
    process = subprocess.Popen(
        [*words, CHILD], env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, encoding="utf-8", errors="replace",
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def _window(process: subprocess.Popen[str]) -> list[Check]:
    try:
        output, errors = process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        output, errors = process.communicate()
        errors += f"it did not end within {PATIENCE} seconds"
    rows = []
    if not has_display():
        advice = "Start it from a desktop, or use --screenshot and the commands."
        rows.append(Check("window", "display", "note", "no display found: the window can only be drawn into a file", advice))
    for line in output.splitlines():
        with contextlib.suppress(ValueError, TypeError):
            rows.append(Check(**json.loads(line)))
    if process.returncode != 0:
        rows.append(Check("window", "Qt", "problem", _why(process.returncode, errors), _advice(errors)))
    return rows


def _why(status: int, errors: str) -> str:
    lines = [line.strip() for line in errors.splitlines() if line.strip()]
    how = f"ended with status {status}"
    if status < 0:
        with contextlib.suppress(ValueError):
            how = f"was ended by {signal.Signals(-status).name}"
    return f"the part with the window {how}: {' '.join(lines)[:600]}" if lines else f"the part with the window {how}"


def _advice(errors: str) -> str:
    asked = os.environ.get("QT_QPA_PLATFORM")
    if asked and "platform plugin" in errors:
        return f"Unset the variable QT_QPA_PLATFORM, which asks for “{asked}”."
    if "libxcb-cursor" in errors or "xcb-cursor0" in errors:
        return "Install libxcb-cursor0 (or xcb-util-cursor)."
    if ".so" in errors:
        return "Install the system library that is named."
    return "Install Layerscope again; if that does not help, please report this table."
