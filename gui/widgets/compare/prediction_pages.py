"""The panel of the predictions: of one picture, or of A and B."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QStackedWidget, QWidget

from gui.facts.comparison import Opponent
from gui.state import AppState

if TYPE_CHECKING:
    from gui.widgets.compare.change_table import ChangeTable


class PredictionPages(QStackedWidget):
    """Shows the changes while one compares, and otherwise the panel it was given."""

    def __init__(self, state: AppState, predictions: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.changes: ChangeTable | None = None
        self.addWidget(predictions)
        state.comparison.opponent_changed.connect(self._follow)

    @Slot(object)
    def _follow(self, opponent: Opponent | None) -> None:
        if opponent is not None and self.changes is None:
            from gui.widgets.compare.change_table import ChangeTable

            self.changes = ChangeTable(self._state, self)
            self.addWidget(self.changes)
            self.setCurrentWidget(self.changes)
        elif opponent is None and self.changes is not None:
            self.removeWidget(self.changes)
            self.changes.deleteLater()
            self.changes = None
