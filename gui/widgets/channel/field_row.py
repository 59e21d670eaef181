"""The effective receptive field: asking for it, and what it is in words."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from core.types import ActivationGrid
from gui import theme
from gui.state import AppState
from gui.widgets.wrapped_label import WrappedLabel

_LINES = 3
_INVITATION = "Which pixels really move a unit: point at one, or click it, and press E."
_OF_A_VECTOR = "Which pixels really move this unit: press E."


class FieldRow(QWidget):
    """A button, and room for a sentence."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.button = QPushButton("Effective receptive field", self)
        self.button.setObjectName("effectiveField")
        self.button.setToolTip("Measure which pixels move the unit under the pointer, or the one clicked last (E)")
        self.button.clicked.connect(state.channel.ask_for_field)
        self.words = WrappedLabel(_LINES, self)
        self.words.setProperty("muted", True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GRID)
        column.addWidget(self.button)
        column.addWidget(self.words)
        state.channel.field_changed.connect(self._show)
        state.activations_changed.connect(self._show)
        self._show()

    @Slot()
    def _show(self, *_: object) -> None:
        shown = self._state.activations
        invitation = _INVITATION if isinstance(shown, ActivationGrid) else _OF_A_VECTOR
        self.words.setText(self._state.channel.field_words or invitation)
        self.button.setEnabled(shown is not None)
        self.words.setAccessibleName(self.words.text())
