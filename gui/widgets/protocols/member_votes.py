"""What each model of a fusion says by itself."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from gui import theme
from gui.itemmodels.view_words import AGREES, DIFFERS
from gui.state import AppState
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.protocols.member_words import name_spec


class MemberVotes(QWidget):
    """A line a model: its name, its share, its own top-1; nothing where no models are fused."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._facts = state.protocols
        self.setObjectName("memberVotes")
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(2 * theme.GRID)
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnStretch(0, 1)
        self._grid.setColumnStretch(2, 1)
        self._facts.answer_changed.connect(self._show)
        self._show()

    @property
    def texts(self) -> list[str]:
        """What stands there, cell by cell."""
        return [self._grid.itemAt(at).widget().text() for at in range(self._grid.count())]

    @Slot()
    def _show(self) -> None:
        while self._grid.count():
            old = self._grid.takeAt(0).widget()
            old.hide()
            old.deleteLater()
        answer = self._facts.answer
        members = answer.members if answer is not None else ()
        self.setVisible(bool(members))
        for row, (member, predictions) in enumerate(members):
            top = predictions[0] if predictions else None
            whole = answer.predictions[0].index if answer is not None and answer.predictions else None
            sign = AGREES if top is not None and top.index == whole else DIFFERS
            vote = f"{sign} {top.category} {theme.format_probability(top.probability)}" if top is not None else "no answer"
            name = ElidedLabel(self, muted=True)
            name.setText(name_spec(member.spec))
            share = QLabel(f"{100 * member.weight:.0f} %", self)
            share.setProperty("muted", True)
            own = ElidedLabel(self)
            own.setText(vote)
            for column, label in enumerate((name, share, own)):
                self._grid.addWidget(label, row, column)
