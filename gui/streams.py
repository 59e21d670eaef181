"""Standard streams for a program that was started without any: a windowed program on Windows, or from a closed terminal."""

from __future__ import annotations

import os
import sys


def ensure() -> None:
    """Give the program streams that go nowhere in the place of those that are missing.

    Otherwise ``sys.stdout`` is None, which libraries do not expect; and the next file that is opened gets the number of
    a stream, so that a message of a library written in C would land in it.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            # The lowest free number is given: this one.
            os.open(os.devnull, os.O_RDWR)
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115, PTH123 - as long as the program
