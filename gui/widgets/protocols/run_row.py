"""Begins a protocol and stops it; while a long one is under way, shows how far it is. And opens the table of protocols."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from gui import theme
from gui.state import AppState
from gui.widgets.elided_label import ElidedLabel

_BAR_HEIGHT = 6


class RunRow(QStackedWidget):
    """Two buttons, and in the same place a bar of progress with a button that stops."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._facts = state.protocols
        self.button = QPushButton("Run", self)
        self.button.setObjectName("runProtocol")
        self.button.clicked.connect(self._facts.want)
        self.table = QPushButton("Compare protocols…", self)
        self.table.setObjectName("compareProtocols")
        self.table.setToolTip("Protocols side by side for this picture: top-5, time, agreement (Ctrl+T)")
        self.table.clicked.connect(self._facts.want_table)
        self.bar = QProgressBar(self)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(_BAR_HEIGHT)
        self.bar.setAccessibleName("Progress of the protocol")
        self._words = ElidedLabel(self, muted=True)
        self.stop = QToolButton(self)
        self.stop.setObjectName("stopProtocol")
        self.stop.setAutoRaise(True)
        self.stop.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.stop.setIcon(theme.icon("cancel", self))
        self.stop.setAccessibleName("Stop the protocol")
        self.stop.setToolTip("Stop (Ctrl+.)")
        self.stop.clicked.connect(self._facts.call_off)
        self.addWidget(self._make_buttons())
        self.addWidget(self._make_progress())
        facts = self._facts
        changes = (
            facts.progress_changed, facts.answer_changed, facts.failure_changed, facts.protocol_changed,
            facts.members_changed, facts.ground_changed, state.classification_changed, state.image_changed,
            state.failure_changed,
        )  # fmt: skip
        for change in changes:
            change.connect(self._show)
        self._show()

    @property
    def tab_chain(self) -> tuple[QWidget, ...]:
        """What Tab walks through, in order."""
        return self.button, self.table, self.stop

    def _make_buttons(self) -> QWidget:
        panel = QWidget(self)
        row = QHBoxLayout(panel)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2 * theme.GRID)
        row.addWidget(self.button, 1)
        row.addWidget(self.table)
        return panel

    def _make_progress(self) -> QWidget:
        panel = QWidget(self)
        column = QVBoxLayout()
        column.setSpacing(2)
        column.addWidget(self._words)
        column.addWidget(self.bar)
        row = QHBoxLayout(panel)
        row.setContentsMargins(0, 0, 0, 0)
        row.addLayout(column, 1)
        row.addWidget(self.stop)
        return panel

    @Slot()
    def _show(self) -> None:
        state, facts = self._state, self._facts
        progress = facts.progress
        # A quick one is there before a bar could be read.
        watched = progress is not None and not facts.quick
        had_focus = self.currentWidget().isAncestorOf(self.focusWidget()) if self.focusWidget() is not None else False
        self.setCurrentIndex(1 if watched else 0)
        if progress is not None:
            self.bar.setRange(0, progress.total)
            self.bar.setValue(progress.done)
            self._words.setText(progress.text)
        ready = state.classification is not None and state.image is not None and state.failure is None
        self.button.setEnabled(ready and facts.answer is None)
        self.button.setText("Run again" if facts.failure is not None else "Run")
        self.button.setToolTip(self._tip(ready))
        self.table.setEnabled(ready)
        if had_focus:
            (self.stop if watched else self.button if self.button.isEnabled() else self.table).setFocus(
                Qt.FocusReason.OtherFocusReason
            )

    def _tip(self, ready: bool) -> str:
        facts = self._facts
        if not ready:
            return "Open a picture first"
        if facts.answer is not None:
            return "This is the answer of the protocol for the picture and the model that are open"
        if facts.quick:
            return "Follows by itself whenever picture, model or protocol change"
        return f"{facts.kind.title} takes a while with this model: begin it"

    def changeEvent(self, event: QEvent) -> None:
        """Draw the icon in the colours of the new theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange) and hasattr(self, "stop"):
            self.stop.setIcon(theme.icon("cancel", self))
