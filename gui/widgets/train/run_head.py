"""The top of the page of a run: where it is, how far, and the numbers of the moment."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QGridLayout, QLabel, QProgressBar, QVBoxLayout, QWidget

from core.types import TrainProgress
from gui import theme
from gui.state import AppState
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.train import run_words
from gui.widgets.wrapped_label import WrappedLabel


class RunHead(QWidget):
    """Stage in words, a bar for it, and numbers that keep their places."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._facts = state.training
        self.heading = ElidedLabel(self)
        self.heading.setProperty("heading", True)
        font = self.heading.font()
        font.setPointSizeF(1.25 * font.pointSizeF())
        self.heading.setFont(font)
        self.explanation = WrappedLabel(2, self)
        self.bar = QProgressBar(self)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(6)
        self.bar.setAccessibleName("Progress of this stage")
        policy = self.bar.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.bar.setSizePolicy(policy)
        self.values: dict[str, QLabel] = {}
        self._lay_out()
        facts = self._facts
        facts.progressed.connect(self._show_progress)
        for changed in (facts.stage_changed, facts.wish_changed, facts.epoch_ended, facts.outcome_changed, facts.history_taken):
            changed.connect(self._show)
        self._show()

    def _lay_out(self) -> None:
        cells = QGridLayout()
        cells.setHorizontalSpacing(4 * theme.GRID)
        cells.setVerticalSpacing(0)
        for column, name in enumerate(run_words.numbers(self._facts)):
            caption, value = QLabel(name, self), QLabel(run_words.NONE, self)
            caption.setProperty("muted", True)
            value.setFont(theme.tabular(value.font()))
            value.setAccessibleName(name)
            cells.addWidget(caption, 0, column)
            cells.addWidget(value, 1, column)
            cells.setColumnStretch(column, 1)
            cells.setColumnMinimumWidth(column, 72)
            self.values[name] = value
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2 * theme.GRID)
        column.addWidget(self.heading)
        column.addWidget(self.explanation)
        column.addWidget(self.bar)
        column.addLayout(cells)

    @Slot(object)
    def _show_progress(self, progress: TrainProgress) -> None:
        # QProgressBar repaints at once what is to be repainted anywhere; without updates it waits its turn.
        self.bar.setUpdatesEnabled(False)
        self.bar.setRange(0, max(1, progress.total))
        self.bar.setValue(progress.done)
        self.bar.setUpdatesEnabled(True)
        self._show()

    @Slot()
    def _show(self) -> None:
        facts = self._facts
        self.heading.setText(run_words.heading(facts))
        said = run_words.explanation(facts)
        self.explanation.setText(said)
        tone = "error" if facts.stage == "failed" else ""
        if self.explanation.property("tone") != tone:
            self.explanation.setProperty("tone", tone)
            self.explanation.style().polish(self.explanation)
        self.bar.setVisible(facts.active)
        if facts.active and facts.progress is None:
            self.bar.setRange(0, 0)
        for name, text in run_words.numbers(facts).items():
            self.values[name].setText(text)
