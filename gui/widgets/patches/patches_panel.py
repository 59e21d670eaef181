"""The panel “Patches”."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from gui.state import AppState


class PatchesPanel(QWidget):
    """To come."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
