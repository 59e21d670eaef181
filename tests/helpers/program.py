"""The program in a process of its own: from source, or the packaged one where the environment names it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.helpers.frozen import PROGRAM, ROOT

LONG = 90
"""Seconds that a busy machine may need for a start; nothing waits longer than it must."""


def command(*arguments: str | Path, frozen: bool = False) -> list[str]:
    """The words that start it; with ``frozen`` the packaged one where there is one."""
    start = [str(PROGRAM)] if frozen and PROGRAM.is_file() else [sys.executable, "-m", "gui"]
    return [*start, *map(str, arguments)]


def environment(**more: str) -> dict[str, str]:
    """Variables for it: those of the tests, and the source where it is not installed."""
    return {**os.environ, "PYTHONPATH": str(ROOT), **more}


def start(*arguments: str | Path, cwd: Path, **more: str) -> subprocess.Popen[str]:
    """Start it without a screen."""
    return subprocess.Popen(
        command(*arguments), cwd=cwd, env=environment(**more), text=True, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def run(*arguments: str | Path, cwd: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Run it to its end."""
    with start(*arguments, cwd=cwd, **more) as process:
        try:
            output, errors = process.communicate(timeout=LONG)
        except BaseException:
            process.kill()
            raise
    return subprocess.CompletedProcess(arguments, process.returncode, output, errors)


def end(processes: Sequence[subprocess.Popen[str]], number: int = signal.SIGTERM) -> list[tuple[int, str, str]]:
    """End programs that run as the end of a login would; give status, output and errors of each."""
    for process in processes:
        if process.poll() is None:
            process.send_signal(number)
    ended = []
    for process in processes:
        try:
            output, errors = process.communicate(timeout=LONG)
        except subprocess.TimeoutExpired:
            process.kill()
            output, errors = process.communicate()
        ended.append((process.returncode, output, errors))
    return ended
