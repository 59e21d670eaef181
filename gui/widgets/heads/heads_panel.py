"""The panel “Heads”: the auxiliary heads and the final one on the way through the network."""

from __future__ import annotations

from PySide6.QtCore import QSize, Slot
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QLayout, QVBoxLayout, QWidget

from core.types import HeadAnswer
from gui import theme
from gui.state import AppState
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.heads.head_table import HeadTable
from gui.widgets.heads.head_timeline import HeadTimeline
from gui.widgets.wrapped_label import WrappedLabel

_MARGIN = 3 * theme.GRID
_HEADING = "How sure, how deep"
_CAPTION = "Each head's top-1 probability, by the multiply-adds spent before it."
_LOW = 280
"""A panel lower than this many pixels gives up its heading, and its caption."""


class HeadsPanel(QWidget):
    """A heading, the timeline, why a head is missing, and what each says."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.setObjectName("headsPanel")
        self.setAccessibleName("Heads")
        self._heading = ElidedLabel(self)
        self._heading.setProperty("heading", True)
        self._heading.setText(_HEADING)
        self.timeline = HeadTimeline(state, self)
        self.words = WrappedLabel(3, self)
        self.words.setProperty("muted", True)
        self.table = HeadTable(state, self)
        top = QVBoxLayout()
        top.setContentsMargins(_MARGIN, theme.GRID, _MARGIN, theme.GRID)
        top.setSpacing(2 * theme.GRID)
        top.addWidget(self._heading)
        top.addWidget(self.timeline)
        top.addWidget(self.words)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        # Its parts need less than they ask for once it is low; see resizeEvent.
        column.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        column.addLayout(top)
        column.addWidget(self.table, 1)
        self.timeline.head_chosen.connect(self._look_at)
        self.table.head_chosen.connect(self._look_at)
        for signal in (state.heads.changed, state.image_changed, state.failure_changed, state.model_changed):
            signal.connect(self._show)
        self._show()

    def minimumSizeHint(self) -> QSize:
        """The timeline, two lines of words, and the first rows."""
        return QSize(160, self.timeline.sizeHint().height() + self.table.minimumSizeHint().height() + 14 * theme.GRID)

    @Slot(object)
    def _look_at(self, head: HeadAnswer) -> None:
        self._state.set_layer(head.layer)

    @Slot()
    def _show(self) -> None:
        text, failed = self._text()
        self.words.setText(text)
        self.words.setVisible(bool(text))
        self.words.setProperty("tone", "error" if failed else "")
        self.words.setProperty("muted", not failed)
        self.words.style().unpolish(self.words)
        self.words.style().polish(self.words)
        there = self._state.heads.answer is not None
        self.timeline.setVisible(there)
        self.table.setVisible(there)

    def _text(self) -> tuple[str, bool]:
        """What stands under the line, and whether it is about something that failed."""
        facts, state = self._state.heads, self._state
        if facts.failure is not None:
            return facts.failure.message, True
        if facts.answer is not None:
            return facts.answer.reason or ("" if self.height() < _LOW else _CAPTION), False
        if state.failure is not None:
            return f"No prediction: {state.failure.message}", True
        if state.image is None:
            return "Open a picture: each head of the network says what it sees.", False
        return "Asking the heads…", False

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave room for the heads where there is little."""
        super().resizeEvent(event)
        self._heading.setVisible(self.height() >= _LOW)
        self.words.set_lines(3 if self.height() >= _LOW else 2)
        self._show()

    def showEvent(self, event: QShowEvent) -> None:
        """Have the heads asked."""
        super().showEvent(event)
        self._state.heads.want(True)

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks any more."""
        super().hideEvent(event)
        self._state.heads.want(False)
