"""Something to know about a data set: a sign and a sentence."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from core.training.survey_words import Remark
from gui import theme

_SIDE = 18
_MOST_LINES = 30


class RemarkRow(QWidget):
    """The tooltip lists all that the sentence is about; one that does not bear on the result has no sign."""

    def __init__(self, remark: Remark, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.remark = remark
        self._sign = QLabel(self)
        self._sign.setFixedSize(QSize(_SIDE, _SIDE))
        self._sign.setAccessibleName("Warning sign" if remark.serious else "")
        self._sign.setAccessibleDescription(remark.sentence)
        self.text = QLabel(remark.sentence, self)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setAccessibleName(f"{'Warning: ' if remark.serious else ''}{remark.sentence}")
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.text.setToolTip(_lines(remark))
        self.text.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self.text.setWordWrap(True)  # last: it notes in the policy that the height depends on the width
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2 * theme.GRID)
        row.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.text, 1)
        self._dress()

    def _dress(self) -> None:
        if self.remark.serious:
            self._sign.setPixmap(theme.icon("warning", self, _SIDE).pixmap(QSize(_SIDE, _SIDE)))

    def changeEvent(self, event: QEvent) -> None:
        """Draw the sign in the colours of the new theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "text"):
            self._dress()


def _lines(remark: Remark) -> str:
    rest = len(remark.details) - _MOST_LINES
    return "\n".join((*remark.details[:_MOST_LINES], *((f"… and {rest:,} more",) if rest > 0 else ())))
