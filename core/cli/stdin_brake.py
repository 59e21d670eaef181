"""Pausing and stopping a run from the program that started it: one word a line on standard input."""

from __future__ import annotations

import sys

from core.training.brake import Brake


def listen(brake: Brake) -> None:
    """Obey “pause”, “resume” and “stop” until standard input ends, which stops the run: nobody is there any more."""
    for line in sys.stdin:
        word = line.strip()
        if word == "pause":
            brake.pause()
        elif word == "resume":
            brake.resume()
        elif word == "stop":
            break
    brake.stop()
