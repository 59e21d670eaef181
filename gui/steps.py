"""The steps of the start and when each was done, for whoever measures it (see ``timing``); else nothing is kept."""

from __future__ import annotations

import os
import time

VARIABLE = "LAYERSCOPE_TIMING"
"""Environment variable: the file that the moments of the start are written to."""

done: list[tuple[str, float]] = []
"""Names and seconds of ``time.monotonic()``, in order; steps beside each other come from several threads."""


def step(name: str) -> None:
    """Say that a step of the start is done."""
    if VARIABLE in os.environ:
        done.append((name, time.monotonic()))
