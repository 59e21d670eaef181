"""All desks of the window."""

from __future__ import annotations

from gui.conductor import Conductor
from gui.desks.export_desk import ExportDesk
from gui.state import AppState


class Desks:
    """Makes the desks; the conductor owns them."""

    def __init__(self, state: AppState, conductor: Conductor) -> None:
        self.state = state
        self.export = ExportDesk(state, conductor)
