"""Running the generators that the tools are."""

from __future__ import annotations

from typing import Any

from core.types import JobProgress


def finished(work: Any) -> Any:
    """Go through all steps and return the answer."""
    while True:
        try:
            assert isinstance(next(work), JobProgress)
        except StopIteration as end:
            return end.value
