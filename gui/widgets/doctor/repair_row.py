"""A repair that a person ticks."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QSizePolicy, QWidget

from core.types import Finding
from gui import theme


class RepairRow(QWidget):
    """A box with a sentence of as many lines as it needs; a click on the sentence ticks the box, too."""

    def __init__(self, repair: Finding, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.box = QCheckBox(self)
        self.box.setObjectName(f"repair_{repair.kind}")
        self.box.setAccessibleName(repair.message)
        self.box.setToolTip("Space ticks it, or not")
        self._text = QLabel(repair.message, self)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.MinimumExpanding)
        self._text.setWordWrap(True)  # last: it notes in the policy that the height depends on the width
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2 * theme.GRID)
        row.addWidget(self.box, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._text, 1)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Tick the box from its sentence."""
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.box.click()
