"""What ``~`` stands for, also for those who have no home."""

from __future__ import annotations

from pathlib import Path


def expanded(text: str | Path) -> Path:
    """The path with ``~`` and ``~name`` replaced by a home; where there is no such home, ``~`` is part of a name."""
    path = Path(text)
    try:
        return path.expanduser()
    except RuntimeError:
        return path
