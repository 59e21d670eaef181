"""The windows of the test protocols: which model to average in, and the table of protocols side by side."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from core.types import FusionMember, ModelSpec
from gui.desks.export_desk import ExportDesk
from gui.details import Details
from gui.state import AppState

if TYPE_CHECKING:
    from gui.dialogs.trial_dialog import TrialDialog


class ProtocolWindows(QObject):
    """Opens them when a person asks; the table stays open beside the window, and there is one of it."""

    def __init__(self, state: AppState, desk: ExportDesk, details: Details, window: QWidget) -> None:
        super().__init__(window)
        self._state, self._desk, self._details, self._window = state, desk, details, window
        self.table: TrialDialog | None = None
        state.protocols.member_wanted.connect(self.add_member)
        state.protocols.table_wanted.connect(self.show_table)

    @Slot()
    def run(self) -> None:
        """Show the panel, and begin the protocol."""
        self._details.show_panel("protocols")
        self._state.protocols.want()

    @Slot()
    def add_member(self) -> None:
        """Ask for another model to average in."""
        from gui.dialogs.fusion_dialog import FusionDialog

        dialog = FusionDialog(self._state, self._window)
        dialog.chosen.connect(self._take_member)
        dialog.open()

    @Slot(object)
    def _take_member(self, spec: ModelSpec) -> None:
        facts = self._state.protocols
        facts.set_members((*facts.members, FusionMember(spec)))

    @Slot()
    def show_table(self) -> None:
        """Open the table of protocols, or bring it to the front."""
        if self.table is None:
            from gui.dialogs.trial_dialog import TrialDialog

            self.table = TrialDialog(self._state, self._window)
            self.table.write_wanted.connect(self._write)
        self.table.show()
        self.table.raise_()
        self.table.activateWindow()

    @Slot(object, str)
    def _write(self, path: Path, text: str) -> None:
        self._desk.write(path, partial(text.encode, "utf-8"))
