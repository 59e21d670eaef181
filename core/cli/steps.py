"""Long work on the terminal: all its steps, with a bar where somebody watches."""

from __future__ import annotations

import sys
from collections.abc import Generator
from types import TracebackType
from typing import TypeVar

from core.types import JobProgress

Result = TypeVar("Result")

_BAR = 24
_TEXT = 40


class StepsLine:
    """Shows progress on standard error: as one line that changes on a terminal, else not at all."""

    def __init__(self) -> None:
        self._watched = sys.stderr is not None and sys.stderr.isatty()
        self._drawn = False

    def __enter__(self) -> StepsLine:
        return self

    def show(self, progress: JobProgress) -> None:
        """Show how far it is; work of a step or two shows nothing."""
        if self._watched and progress.total > 2:
            self._drawn = True
            full = _BAR * progress.done // progress.total
            text = progress.text[:_TEXT].ljust(_TEXT)
            print(f"\r[{'#' * full}{'.' * (_BAR - full)}] {text}", end="", file=sys.stderr, flush=True)

    def clear(self) -> None:
        """Take the line away, so that something else can be printed."""
        if self._drawn:
            print(f"\r{' ' * (_BAR + _TEXT + 3)}\r", end="", file=sys.stderr, flush=True)
            self._drawn = False

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.clear()


def finish(work: Generator[JobProgress, None, Result]) -> Result:
    """Go through all steps, and return what comes out; the work is closed whatever happens."""
    try:
        with StepsLine() as line:
            while True:
                line.show(next(work))
    except StopIteration as end:
        found: Result = end.value
        return found
    finally:
        work.close()
