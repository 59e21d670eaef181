"""A sentence that may have a warning sign before it."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from gui import theme

_SIDE = 18


class SignedSentence(QWidget):
    """The sentence can be selected with the mouse; with a sign its accessible name begins with ``word``."""

    upright: ClassVar[QSizePolicy.Policy] = QSizePolicy.Policy.MinimumExpanding

    def __init__(self, sentence: str, word: str, parent: QWidget | None = None, *, signed: bool = True) -> None:
        super().__init__(parent)
        self._signed = signed
        self._sign = QLabel(self)
        self._sign.setFixedSize(QSize(_SIDE, _SIDE))
        self._sign.setAccessibleName("Warning sign" if signed else "")
        self._sign.setAccessibleDescription(sentence)
        self.text = QLabel(sentence, self)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setAccessibleName(f"{word}: {sentence}" if signed else sentence)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.text.setSizePolicy(QSizePolicy.Policy.Expanding, self.upright)
        self.text.setWordWrap(True)  # last: it notes in the policy that the height depends on the width
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2 * theme.GRID)
        row.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.text, 1)
        self._dress()

    def _dress(self) -> None:
        if self._signed:
            self._sign.setPixmap(theme.icon("warning", self, _SIDE).pixmap(QSize(_SIDE, _SIDE)))

    def changeEvent(self, event: QEvent) -> None:
        """Draw the sign in the colours of the new theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "text"):
            self._dress()
