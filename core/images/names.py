"""The order of names that a person expects."""

from __future__ import annotations

import re

_NUMBER = re.compile("([0-9]+)")


def natural_key(name: str) -> tuple[tuple[str | int, ...], str]:
    """Sort key that ignores case and puts "2" before "10"; names equal in that are ordered by their characters."""
    parts = _NUMBER.split(name.casefold())
    # Text and digits take turns, so like is compared with like.
    return tuple(int(part) if index % 2 else part for index, part in enumerate(parts)), name
