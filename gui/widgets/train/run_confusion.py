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
        self._left_out = 0
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
        names, counts, self._left_out = _involved(outcome) if outcome is not None else ((), (), 0)
        self.matrix.set_matrix(names, counts)
        self.pairs.clear()
        self.pairs.addItems([self.matrix.cell_words(cell) for cell in self.matrix.confused(_PAIRS)])
        if outcome is not None and not self.pairs.count():
            self.pairs.addItem("Nothing was confused.")
        self._say("")

    @Slot(str)
    def _say(self, words: str) -> None:
        rest = f"; {self._left_out:,} without pictures are not shown" if self._left_out else ""
        self.words.setText(words or f"{self.matrix.accessibleDescription()}{rest}")

    @Slot(int)
    def _mark(self, row: int) -> None:
        cells = self.matrix.confused(_PAIRS)
        if 0 <= row < len(cells):
            self.matrix.mark(cells[row])


def _involved(outcome: TrainOutcome) -> tuple[tuple[str, ...], tuple[tuple[int, ...], ...], int]:
    """Names and counts of the categories that have validation pictures or were said of one, and how many others there are.

    After fine-tuning on corrections most of a model's categories have none: they would hide the few that count.
    """
    counts, every = outcome.confusion, range(len(outcome.confusion))
    if len(outcome.categories) != len(counts):
        return (), (), 0
    shown = [at for at in every if any(counts[at]) or any(row[at] for row in counts)]
    names = tuple(outcome.categories[at] for at in shown)
    return names, tuple(tuple(counts[row][column] for column in shown) for row in shown), len(counts) - len(shown)
