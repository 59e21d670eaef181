"""How much of long work is done in one step."""

from __future__ import annotations

import time

AIM = 0.06
"""Seconds of a step: longer would be felt in the window, much shorter would waste what a batch saves."""

MOST = 16


class Pace:
    """Grows and shrinks the number of pictures of a step so that it takes about :data:`AIM`; ``most`` is what memory allows."""

    def __init__(self, most: int = MOST) -> None:
        self.count = 1
        self._most = min(MOST, max(1, most))
        self._began = time.perf_counter()

    def start(self) -> None:
        """Begin to measure a step."""
        self._began = time.perf_counter()

    def stop(self) -> None:
        """End the step and settle the size of the next."""
        took = time.perf_counter() - self._began
        if took < AIM / 2:
            self.count = min(self._most, 2 * self.count)
        elif took > 1.5 * AIM:
            self.count = max(1, self.count // 2)
