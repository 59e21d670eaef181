"""What the program finds when it tests itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["OK", "note", "problem"]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was tried.

    ``group`` and ``name`` say what, ``found`` what came of it, ``advice`` what a person can do ("" where nothing has to be
    done). A "note" is something optional that is missing or was not tried; only a "problem" makes the test fail.
    """

    group: str
    name: str
    state: State
    found: str
    advice: str = ""
