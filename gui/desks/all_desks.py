"""All desks of the window."""

from __future__ import annotations

from gui.conductor import Conductor
from gui.desks.lesion_desk import LesionDesk
from gui.state import AppState


class Desks:
    """Makes the desks; the conductor owns them."""

    def __init__(self, state: AppState, conductor: Conductor) -> None:
        self.state = state
        self.lesions = LesionDesk(state, conductor)
