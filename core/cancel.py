"""Cancelling: a token that work looks at between its steps."""

from __future__ import annotations

import threading

from core.errors import Cancelled


class CancelToken:
    """A flag that one thread sets and another one looks at."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def cancel(self) -> None:
        """Ask the work to stop at its next step; may be called from any thread, and again."""
        self._event.set()

    @property
    def cancelled(self) -> bool:
        """Whether somebody asked."""
        return self._event.is_set()

    def wait(self, seconds: float) -> bool:
        """Wait that long, or until somebody asks; return whether somebody did."""
        return self._event.wait(seconds)

    def check(self) -> None:
        """Raise :class:`core.errors.Cancelled` if somebody asked."""
        if self._event.is_set():
            raise Cancelled
