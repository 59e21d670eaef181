"""All desks of the window."""

from __future__ import annotations

from gui.conductor import Conductor
from gui.desks.channel_desk import ChannelDesk
from gui.desks.channel_overlay import ChannelOverlay
from gui.desks.field_desk import FieldDesk
from gui.state import AppState


class Desks:
    """Makes the desks; the conductor owns them."""

    def __init__(self, state: AppState, conductor: Conductor) -> None:
        self.state = state
        self.channel = ChannelDesk(state, conductor)
        self.channel_overlay = ChannelOverlay(state, conductor)
        self.field = FieldDesk(state, conductor)
