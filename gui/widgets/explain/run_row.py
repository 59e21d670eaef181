"""Begins an explanation; while a long one is under way, shows how far it is and lets it be called off."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from gui import theme
from gui.state import AppState
from gui.widgets.elided_label import ElidedLabel

_BAR_HEIGHT = 6


class RunRow(QStackedWidget):
    """A button, and in the same place a bar of progress."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.button = QPushButton("Explain", self)
        self.button.setObjectName("explainButton")
        self.button.clicked.connect(state.explanation.want)
        self.bar = QProgressBar(self)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(_BAR_HEIGHT)
        self.bar.setAccessibleName("Progress of the explanation")
        self._words = ElidedLabel(self, muted=True)
        self.cancel = QToolButton(self)
        self.cancel.setObjectName("cancelExplanation")
        self.cancel.setAutoRaise(True)
        self.cancel.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.cancel.setIcon(theme.icon("cancel", self))
        self.cancel.setAccessibleName("Cancel the explanation")
        self.cancel.setToolTip("Cancel the explanation (Ctrl+.)")
        self.cancel.clicked.connect(state.explanation.call_off)
        self.addWidget(self.button)
        self.addWidget(self._make_progress())
        facts = state.explanation
        changes = (
            facts.progress_changed, facts.found_changed, facts.failure_changed, facts.method_changed,
            state.classification_changed, state.image_changed, state.failure_changed,
        )  # fmt: skip
        for change in changes:
            change.connect(self._show)
        self._show()

    def _make_progress(self) -> QWidget:
        panel = QWidget(self)
        column = QVBoxLayout()
        column.setSpacing(2)
        column.addWidget(self._words)
        column.addWidget(self.bar)
        row = QHBoxLayout(panel)
        row.setContentsMargins(0, 0, 0, 0)
        row.addLayout(column, 1)
        row.addWidget(self.cancel)
        return panel

    @Slot()
    def _show(self) -> None:
        state, facts = self._state, self._state.explanation
        progress = facts.progress
        # A quick one is there before a bar could be read.
        watched = progress is not None and not facts.about.quick
        had_focus = self.currentWidget().isAncestorOf(self.focusWidget()) if self.focusWidget() is not None else False
        self.setCurrentIndex(1 if watched else 0)
        if progress is not None:
            self.bar.setRange(0, progress.total)
            self.bar.setValue(progress.done)
            self._words.setText(progress.text)
        if had_focus:
            (self.cancel if watched else self.button).setFocus(Qt.FocusReason.OtherFocusReason)
        ready = state.classification is not None and state.image is not None and state.failure is None
        self.button.setEnabled(ready and facts.found is None)
        self.button.setText("Explain again" if facts.failure is not None else "Explain")
        self.button.setToolTip(self._tip(ready))

    def _tip(self, ready: bool) -> str:
        facts = self._state.explanation
        if not ready:
            return "Open a picture first"
        if facts.found is not None:
            return "This is the explanation of the picture, category and layer that are chosen"
        if facts.about.quick:
            return "Made by itself whenever picture, category or layer change (W shows or hides it)"
        return f"{facts.about.title} takes many passes through the network: begin it (W)"

    def changeEvent(self, event: QEvent) -> None:
        """Draw the icon in the colours of the new theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange) and hasattr(self, "cancel"):
            self.cancel.setIcon(theme.icon("cancel", self))
