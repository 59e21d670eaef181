"""Why a file cannot be read, before it is known which file a person meant."""

from __future__ import annotations

from core.errors import ErrorKind
from core.plain import plain

DAMAGED = "is damaged ({}). Copy or download it again."
CUT_OFF = "ends too early: it is cut off or damaged. Copy or download it again."
SAVE_STATE_DICT = "In the program that made it, save `model.state_dict()` instead."


class Problem(Exception):  # noqa: N818 - a reason on its way to becoming an error
    """A reason that reads well after the name of a file: "is damaged (...). Copy or download it again."."""

    def __init__(self, reason: str, kind: ErrorKind = "unreadable") -> None:
        super().__init__(reason)
        self.reason = reason
        self.kind: ErrorKind = kind


def shown(name: str) -> str:
    """Return a name from a file as it may stand in a sentence: short, and on one line."""
    return plain(name[:80])


def damaged(detail: str) -> Problem:
    """Return the problem of a file whose parts contradict each other."""
    return Problem(DAMAGED.format(detail))


def cut_off() -> Problem:
    """Return the problem of a file whose end is missing."""
    return Problem(CUT_OFF, "truncated")


def excessive(what: str) -> Problem:
    """Return the problem of a file that asks for more than its size justifies."""
    return Problem(f"{what}, more than weights of a network ever need; it was left alone.", "unsupported")
