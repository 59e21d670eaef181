"""The confusion matrix of a result, and the pairs that were confused most."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QListWidget, QVBoxLayout, QWidget

from core.types import TrainOutcome
from gui import theme
from gui.state import AppState
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.train.confusion_view import ConfusionView

_PAIRS = 50


class RunConfusion(QWidget):
    """Matrix at the left; at the right the pairs, worst first: choosing one marks its cell."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.matrix = ConfusionView(self)
        self.words = ElidedLabel(self)
        self.pairs = QListWidget(self)
        self.pairs.setAccessibleName("Pairs that were confused most")
        self.pairs.setProperty("panel", True)
        self.pairs.setToolTip("Choose a pair to mark its cell")
        self._lay_out()
        self.matrix.cell_marked.connect(self._say)
        self.pairs.currentRowChanged.connect(self._mark)
        state.training.outcome_changed.connect(self._show)
        self._show(state.training.outcome)

    def _lay_out(self) -> None:
        title = QLabel("Confused most", self)
        title.setProperty("heading", True)
        left, right = QVBoxLayout(), QVBoxLayout()
        left.addWidget(self.matrix, 1)
        left.addWidget(self.words)
        right.setSpacing(theme.GRID)
        right.addWidget(title)
        right.addWidget(self.pairs, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 2 * theme.GRID, 0, 0)
        row.setSpacing(4 * theme.GRID)
        row.addLayout(left, 3)
        row.addLayout(right, 2)

    @Slot(object)
    def _show(self, outcome: TrainOutcome | None) -> None:
        fits = outcome is not None and len(outcome.categories) == len(outcome.confusion)
        self.matrix.set_matrix(outcome.categories, outcome.confusion) if outcome and fits else self.matrix.set_matrix((), ())
        self.pairs.clear()
        self.pairs.addItems([self.matrix.cell_words(cell) for cell in self.matrix.confused(_PAIRS)])
        if outcome is not None and not self.pairs.count():
            self.pairs.addItem("Nothing was confused.")
        self._say("")

    @Slot(str)
    def _say(self, words: str) -> None:
        self.words.setText(words or self.matrix.accessibleDescription())

    @Slot(int)
    def _mark(self, row: int) -> None:
        cells = self.matrix.confused(_PAIRS)
        if 0 <= row < len(cells):
            self.matrix.mark(cells[row])
