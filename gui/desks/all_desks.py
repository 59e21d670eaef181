"""All desks of the window."""

from __future__ import annotations

from gui.conductor import Conductor
from gui.desks.compare_desk import CompareDesk
from gui.state import AppState


class Desks:
    """Makes the desks; the conductor owns them."""

    def __init__(self, state: AppState, conductor: Conductor) -> None:
        self.state = state
        self.compare = CompareDesk(state, conductor)
