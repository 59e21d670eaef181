"""What the steps of one request share: how far they are, how long they took, and the threads they may use."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from core.inference.session import Session
from core.inference.threads import set_threads
from core.types import JobProgress


class Work:
    """Counts the views of a request, and the time that is spent on them.

    Parameters
    ----------
    main
        The loaded model: whatever runs between two steps gets the number of threads that suits it.
    total
        Views of all models.

    Attributes
    ----------
    milliseconds
        Spent inside of steps so far; loading a model, and finding out how it slides, do not count.
    """

    def __init__(self, main: Session, total: int) -> None:
        self._main = main
        self._total = total
        self._done = 0
        self.milliseconds = 0.0

    @contextmanager
    def step(self, session: Session, *, counted: bool = True) -> Iterator[None]:
        """Do a part of the work with a model; nothing is yielded to others in between. Its time is ``counted``, or not."""
        began = time.perf_counter()
        set_threads(session.info.layers)
        try:
            yield
        finally:
            if session is not self._main:
                set_threads(self._main.info.layers)
            if counted:
                self.milliseconds += 1000 * (time.perf_counter() - began)

    def progress(self, text: str) -> JobProgress:
        """Say what is being done."""
        return JobProgress(self._done, self._total, text)

    def advance(self, views: int, title: str) -> JobProgress:
        """Count views that were looked at."""
        self._done += views
        return self.progress(f"{title}: view {self._done} of {self._total}")
