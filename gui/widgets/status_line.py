"""The line at the bottom: device, model, times, and how far long work is."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QStatusBar, QToolButton, QWidget

from core.types import Timings
from gui import theme
from gui.state import AppState
from gui.widgets.elided_label import ElidedLabel

_PROGRESS_WIDTH = 328


def format_milliseconds(value: float) -> str:
    """Write a time: "21 ms", "0.4 ms", "1.3 s"."""
    if value >= 1000:
        return f"{value / 1000:.1f} s"
    return f"{value:.1f} ms" if value < 0.95 else f"{value:.0f} ms"


def describe_timings(timings: Timings) -> str:
    """Write the steps of an answer: "decode 4 ms · preprocess 2 ms · forward 21 ms"."""
    steps = (("decode", timings.decode_ms), ("preprocess", timings.preprocess_ms), ("forward", timings.forward_ms))
    return " · ".join(f"{name} {format_milliseconds(value)}" for name, value in steps)


class StatusLine(QStatusBar):
    """Device · model · times at the left; progress with a way to cancel at the right, whose room is always kept."""

    cancel_requested = Signal()

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.setObjectName("statusBar")
        self.setAccessibleName("Status")
        self.setSizeGripEnabled(False)
        self.setContentsMargins(8, 0, 8, 0)
        self._facts = ElidedLabel(self, muted=True)
        self._facts.setObjectName("statusFacts")
        self._doing = ElidedLabel(muted=True)
        self._doing.setObjectName("statusProgress")
        self._doing.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._bar = self._make_bar()
        self._cancel = self._make_cancel()
        self._progress = self._make_progress()
        self.addWidget(self._facts, 1)
        self.addPermanentWidget(self._progress)
        for signal in (
            state.model_changed, state.model_moved, state.classification_changed, state.devices_changed, state.failure_changed,
        ):  # fmt: skip
            signal.connect(self._show_facts)
        state.progress_changed.connect(self._show_progress)
        self._show_facts()
        self._show_progress()

    def _make_bar(self) -> QProgressBar:
        bar = QProgressBar()
        bar.setTextVisible(False)
        bar.setFixedSize(120, 6)
        bar.setAccessibleName("Progress")
        return bar

    def _make_cancel(self) -> QToolButton:
        button = QToolButton()
        button.setObjectName("cancelWork")
        button.setAutoRaise(True)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setIcon(theme.icon("cancel", self))
        button.setAccessibleName("Cancel the work")
        button.setToolTip("Cancel the work")
        button.clicked.connect(self.cancel_requested)
        return button

    def _make_progress(self) -> QWidget:
        panel = QWidget(self)
        row = QHBoxLayout(panel)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._doing, 1)
        row.addWidget(self._bar)
        row.addWidget(self._cancel)
        panel.setFixedWidth(_PROGRESS_WIDTH)
        policy = panel.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        panel.setSizePolicy(policy)
        return panel

    @Slot()
    def _show_facts(self) -> None:
        state = self._state
        if state.model is None:
            self._facts.setText("Loading the model…")
            return
        rest = [state.model.title]
        if state.classification is not None and state.failure is None:
            rest.append(describe_timings(state.classification.timings))
        device = state.model.device
        text = " · ".join((self._device_name(device), *rest))
        if self._facts.fontMetrics().horizontalAdvance(text) > self._facts.width():
            # A processor's full name must not push the times out.
            text = " · ".join((device.upper(), *rest))
        self._facts.setText(text)

    def _device_name(self, device: str) -> str:
        return next((known.name for known in self._state.devices if known.id == device), device)

    @Slot()
    def _show_progress(self) -> None:
        progress = self._state.progress
        self._progress.setVisible(progress is not None)
        if progress is None:
            return
        # QProgressBar repaints at once what is to be repainted anywhere; without updates it waits its turn.
        self._bar.setUpdatesEnabled(False)
        self._bar.setRange(0, progress.total)
        self._bar.setValue(progress.done)
        self._bar.setUpdatesEnabled(True)
        text = progress.text
        if not any(figure.isdigit() for figure in text):
            done = f"{progress.done:,}" if progress.done else ""
            count = f"{progress.done:,} of {progress.total:,}" if progress.total else done
            text = f"{text} {count}".strip()
        self._doing.setText(text)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Choose the long or the short name of the device."""
        super().resizeEvent(event)
        self._show_facts()

    def changeEvent(self, event: QEvent) -> None:
        """Draw the icon in the colours of the new theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange) and hasattr(self, "_cancel"):
            self._cancel.setIcon(theme.icon("cancel", self))
