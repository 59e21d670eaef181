"""What a run of the program did, in a file that is taken away when it ends well; so a file that nobody holds tells of a crash.

A process that is killed, or runs out of memory, cannot say so itself: the next start does, see :func:`left_behind`.
Standard library only, and no Qt: this is there before the window.
"""

from __future__ import annotations

import atexit
import contextlib
import faulthandler
import itertools
import json
import logging
import os
import platform
import re
import sys
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core import paths
from core.locks import Hold, hold
from core.version import program_version

LIMIT = 1 << 18
"""Bytes after which a file is written anew, with the last lines only."""
LAST = 200
"""Lines that are kept then."""
KEPT = 5
"""Logs of crashes that are kept."""
_LONGEST = 1 << 20
_TRIES = 5
_MODEL = re.compile(r"^\d\d:\d\d:\d\d model (\{.*\})$", re.MULTILINE)
_FATAL = re.compile(r"^(?:Fatal Python error|Windows fatal exception): (.+)$", re.MULTILINE)
_numbers = itertools.count(1)


def running_dir() -> Path:
    """Where the files of runs are that have not ended."""
    return paths.cache_dir() / "running"


def crashes_dir() -> Path:
    """Where the logs of runs are kept that ended unexpectedly."""
    return paths.cache_dir() / "crashes"


@dataclass(frozen=True, slots=True)
class Crash:
    """A run that did not end as it should: its log, and the model that it used or was loading, as fields of the settings."""

    path: Path
    text: str
    model: dict[str, Any] = field(default_factory=dict)
    cause: str = ""
    """What the system said, such as "Segmentation fault"; "" where the process could say nothing any more."""


class Journal:
    """The file of this run; without a ``kept`` file it takes notes in memory only. Any thread may write."""

    def __init__(self, kept: Hold | None = None) -> None:
        self._kept = kept
        self._head = _head()
        self._model = ""
        self._lines: deque[str] = deque(maxlen=LAST)
        self._written = 0
        self._lock = threading.Lock()
        self._handler = _Warnings(self)
        self._had_faults = faulthandler.is_enabled()
        self._write(self._head)

    def listen(self) -> None:
        """Take down warnings and errors of the log, and the last words of Python where the process dies."""
        logging.getLogger().addHandler(self._handler)
        if self._kept is not None:
            with contextlib.suppress(OSError, RuntimeError, ValueError):
                faulthandler.enable(file=self._kept.descriptor)

    @property
    def text(self) -> str:
        """All that would be in the file."""
        with self._lock:
            return self._all()

    def _all(self) -> str:
        model = "" if self._model in self._lines else self._model
        return self._head + model + "".join(self._lines)

    def note(self, what: str) -> None:
        """Add a line."""
        escaped = what.replace("\r", "\\r").replace("\n", "\\n")
        self._add(f"{time.strftime('%H:%M:%S')} {escaped}\n")

    def note_lines(self, what: str) -> None:
        """Add a text of several lines, indented."""
        first, *rest = what.splitlines() or [""]
        self._add("".join([f"{time.strftime('%H:%M:%S')} {first}\n", *(f"    {line}\n" for line in rest)]))

    def note_model(self, model: dict[str, Any]) -> None:
        """Note which model is used from now on, as fields of the settings."""
        line = f"{time.strftime('%H:%M:%S')} model {json.dumps(model)}\n"
        self._add(line)
        with self._lock:
            self._model = line

    def _add(self, line: str) -> None:
        with self._lock:
            self._lines.append(line)
            if self._written > LIMIT and self._kept is not None:
                with contextlib.suppress(OSError):
                    os.ftruncate(self._kept.descriptor, 0)
                self._written = 0
                line = self._all()
            self._write(line)

    def _write(self, text: str) -> None:
        self._written += len(text)
        if self._kept is not None:
            with contextlib.suppress(OSError):  # a full disk is no reason to stop
                self._kept.write(text)

    def end(self) -> None:
        """The program ends as it should: take the file away. May be called again."""
        logging.getLogger().removeHandler(self._handler)
        with self._lock:
            if self._kept is None:
                return
            faulthandler.disable()
            if self._had_faults and sys.__stderr__ is not None:
                faulthandler.enable(file=sys.__stderr__)
            with contextlib.suppress(OSError):
                self._kept.let_go(remove=True)
            self._kept = None


class _Warnings(logging.Handler):
    def __init__(self, journal: Journal) -> None:
        super().__init__(logging.WARNING)
        self._journal = journal
        self.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        with contextlib.suppress(Exception):  # a message that cannot be formatted is the log's own affair
            self._journal.note_lines(self.format(record))


def begin() -> Journal:
    """Begin the file of this run; where none can be had, notes stay in memory."""
    folder = running_dir()
    kept = None
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        for _ in range(_TRIES):  # another start may look at the file before it is held
            kept = hold(folder / f"{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}-{next(_numbers)}.run")
            if kept is not None:
                break
    journal = Journal(kept)
    journal.listen()
    # However Python comes to its end in good order, and whatever went wrong before in words: that is no crash.
    atexit.register(journal.end)
    return journal


def left_behind() -> Crash | None:
    """Find the runs that ended without taking their files away, keep their logs, and tell of the last of them."""
    found: Crash | None = None
    with contextlib.suppress(OSError):
        for path in sorted(running_dir().glob("*.run")):
            found = _adopt(path) or found
        _sweep()
    return found


def _adopt(path: Path) -> Crash | None:
    try:
        held = hold(path) if path.is_file() else None
    except OSError:
        return None
    if held is None:
        return None  # it runs
    log = crashes_dir() / f"{path.stem}.log"
    try:
        os.lseek(held.descriptor, 0, os.SEEK_SET)
        text = os.read(held.descriptor, _LONGEST).decode("utf-8", "replace")
        if not text:
            return None  # it was killed before it began, or begins right now
        cause = _cause(text)
        text += f"ended: {cause or 'killed or out of memory; the process could not say why'}\n"
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text(text, encoding="utf-8")
        return Crash(log, text, _model(text), cause)
    finally:
        held.let_go(remove=True)


def _cause(text: str) -> str:
    found = _FATAL.findall(text)
    return str(found[-1]).strip() if found else ""


def _model(text: str) -> dict[str, Any]:
    found = _MODEL.findall(text)
    try:
        model = json.loads(found[-1]) if found else {}
    except ValueError:
        return {}
    return model if isinstance(model, dict) else {}


def _sweep() -> None:
    for path in sorted(crashes_dir().glob("*.log"))[:-KEPT]:
        path.unlink(missing_ok=True)


def _head() -> str:
    return (
        f"Layerscope {program_version()}{', packaged' if getattr(sys, 'frozen', False) else ''}\n"
        f"Python {platform.python_version()} on {platform.system()} {platform.release()}, {platform.machine()}\n"
        f"started {time.strftime('%Y-%m-%d %H:%M:%S %z')}, process {os.getpid()}\n"
    )
