"""How fast a download is, and how long it will still take."""

from __future__ import annotations

import time
from collections import deque

_WINDOW = 5.0
"""Seconds that the speed is taken over."""
_ENOUGH = 0.4
"""Seconds after which a speed can be said."""


class Meter:
    """Counts bytes over the last seconds."""

    def __init__(self) -> None:
        self._marks: deque[tuple[float, int]] = deque([(time.monotonic(), 0)])
        self._sum = 0

    def add(self, count: int) -> None:
        """Note that so many bytes came just now."""
        now = time.monotonic()
        self._sum += count
        self._marks.append((now, self._sum))
        while now - self._marks[0][0] > _WINDOW and len(self._marks) > 2:
            self._marks.popleft()

    @property
    def speed(self) -> float | None:
        """Bytes per second, None while it is too early to say."""
        (began, before), (now, after) = self._marks[0], self._marks[-1]
        return (after - before) / (now - began) if now - began >= _ENOUGH else None

    def seconds_left(self, missing: int) -> float | None:
        """Return how long so many bytes will take."""
        speed = self.speed
        return missing / speed if speed else None
