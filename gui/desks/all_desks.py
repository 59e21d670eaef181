"""All desks of the window."""

from __future__ import annotations

from gui.conductor import Conductor
from gui.desks.explain_desk import ExplainDesk
from gui.state import AppState


class Desks:
    """Makes the desks; the conductor owns them."""

    def __init__(self, state: AppState, conductor: Conductor) -> None:
        self.state = state
        self.explain = ExplainDesk(state, conductor)
