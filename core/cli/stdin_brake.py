"""Pausing, stopping and watching a run from the program that started it: one word a line on standard input."""

from __future__ import annotations

import sys

from core.training.brake import Brake
from core.training.lines import paths_in
from core.training.watch import Watch


def listen(brake: Brake, watch: Watch) -> None:
    """Obey “pause”, “resume”, “stop”, “watch [PATH, ...]” until standard input ends; that stops the run: nobody is there."""
    for line in sys.stdin:
        word, _, rest = line.strip().partition(" ")
        if word == "pause":
            brake.pause()
        elif word == "resume":
            brake.resume()
        elif word == "watch" and (paths := paths_in(rest)) is not None:
            watch.choose(paths)
        elif word == "stop":
            break
    brake.stop()
