"""Begins a protocol and stops it; while a long one is under way, shows how far it is."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QProgressBar, QPushButton, QVBoxLayout, QWidget

from gui import theme
from gui.state import AppState
from gui.widgets.elided_label import ElidedLabel

_BAR_HEIGHT = 6


def is_slow(state: AppState) -> bool:
    """Whether something is under way that a person waits for; a quick one is there before a bar could be read."""
    return state.protocols.progress is not None and not state.protocols.quick


class RunButton(QPushButton):
    """“Run”, and “Stop” while a long protocol is under way."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__("Run", parent)
        self._state = state
        self._facts = state.protocols
        self.setObjectName("runProtocol")
        # The widest of its words: nothing moves when one takes another's place.
        self.setFixedWidth(self.fontMetrics().horizontalAdvance("Stop") + 6 * theme.GRID)
        self.clicked.connect(self._press)
        facts = self._facts
        changes = (
            facts.progress_changed, facts.answer_changed, facts.failure_changed, facts.protocol_changed,
            facts.members_changed, facts.ground_changed, state.classification_changed, state.image_changed,
            state.failure_changed,
        )  # fmt: skip
        for change in changes:
            change.connect(self._show)
        self._show()

    @Slot()
    def _press(self) -> None:
        if is_slow(self._state):
            self._facts.call_off()
        else:
            self._facts.want()

    @Slot()
    def _show(self) -> None:
        state, slow = self._state, is_slow(self._state)
        ready = state.classification is not None and state.image is not None and state.failure is None
        self.setText("Stop" if slow else "Run")
        self.setAccessibleName("Stop the protocol" if slow else "Run the protocol")
        # A button that is disabled while it has the keyboard sends it anywhere; there is something to run, or nothing happens.
        self.setEnabled(ready or slow)
        self.setToolTip(self._tip(ready, slow))

    def _tip(self, ready: bool, slow: bool) -> str:
        facts = self._facts
        if slow:
            return "Stop the protocol (Ctrl+.)"
        if not ready:
            return "Open a picture first"
        if facts.answer is not None:
            return "This is the answer of the protocol for the picture and the model that are open (T)"
        if facts.quick:
            return "Follows by itself whenever picture, model or protocol change (T)"
        return f"{facts.kind.title} takes a while with this model: begin it (T)"


class ProgressLine(QWidget):
    """How far a long protocol is, in words and as a bar."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._facts = state.protocols
        self.words = ElidedLabel(self, muted=True)
        self.bar = QProgressBar(self)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(_BAR_HEIGHT)
        self.bar.setAccessibleName("Progress of the protocol")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GRID)
        column.addWidget(self.words)
        column.addWidget(self.bar)
        column.addStretch(1)
        self._facts.progress_changed.connect(self._show)

    @Slot()
    def _show(self) -> None:
        progress = self._facts.progress
        if progress is not None:
            # QProgressBar repaints at once what is to be repainted anywhere; without updates it waits its turn.
            self.bar.setUpdatesEnabled(False)
            self.bar.setRange(0, progress.total)
            self.bar.setValue(progress.done)
            self.bar.setUpdatesEnabled(True)
            self.words.setText(progress.text)
