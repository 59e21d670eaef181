"""Test protocols: how a person set one up, what it said of the picture, and the table of several side by side."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from core.types import Failure, FusionMember, JobProgress, Protocol, ProtocolAnswer


class ProtocolFacts(QObject):
    """The chosen protocol and its answer for the current picture."""

    protocol_changed = Signal(object)  # Protocol
    members_changed = Signal(object)  # tuple[FusionMember, ...]: other models averaged in
    weight_changed = Signal(float)  # of the loaded model among them
    watched_changed = Signal(bool)  # the panel is on the screen
    wanted = Signal()  # a person asks for the answer now, however long it takes
    trial_wanted = Signal(object)  # tuple[Protocol, ...]: a table of these, side by side
    called_off = Signal()
    answer_changed = Signal(object)  # ProtocolAnswer | None
    failure_changed = Signal(object)  # Failure | None: why there is none
    progress_changed = Signal(object)  # JobProgress | None
    trials_changed = Signal(object)  # tuple of ProtocolAnswer | Failure, in the order asked for
    view_changed = Signal(object)  # int | None: index of the view that is pointed at
    cell_changed = Signal(object)  # (view, row, column) | None: the cell of a dense map that is chosen

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.protocol = Protocol()
        self.members: tuple[FusionMember, ...] = ()
        self.weight = 1.0
        self.watched = False
        self.answer: ProtocolAnswer | None = None
        self.failure: Failure | None = None
        self.progress: JobProgress | None = None
        self.trials: tuple[ProtocolAnswer | Failure, ...] = ()
        self.view: int | None = None
        self.cell: tuple[int, int, int] | None = None
