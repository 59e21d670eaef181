"""A problem of a weights file: a sign and a sentence."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from core.types import Finding
from gui import theme

_SIDE = 18


class FindingRow(QWidget):
    """The sentence can be selected with the mouse; its accessible name says that it is a problem."""

    def __init__(self, finding: Finding, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.finding = finding
        self._sign = QLabel(self)
        self._sign.setFixedSize(QSize(_SIDE, _SIDE))
        self._sign.setAccessibleName("Warning sign")
        self._sign.setAccessibleDescription(finding.message)
        self.text = QLabel(finding.message, self)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setAccessibleName(f"Problem: {finding.message}")
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.MinimumExpanding)
        self.text.setWordWrap(True)  # last: it notes in the policy that the height depends on the width
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2 * theme.GRID)
        row.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.text, 1)
        self._dress()

    def _dress(self) -> None:
        self._sign.setPixmap(theme.icon("warning", self, _SIDE).pixmap(QSize(_SIDE, _SIDE)))

    def changeEvent(self, event: QEvent) -> None:
        """Draw the sign in the colours of the new theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "text"):
            self._dress()
