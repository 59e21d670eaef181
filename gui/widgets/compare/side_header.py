"""The line over a picture that says which side it is."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QWidget

from gui import theme
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.placeholder import heading_font

_MARK_SIDE = 20
_LEAST = 48
"""Pixels of the second text below which it is left out."""


class SideMark(QWidget):
    """A letter on a small ground of the accent colour."""

    def __init__(self, letter: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._letter = letter
        self.setFixedSize(QSize(_MARK_SIDE, _MARK_SIDE))
        self.setAccessibleName(letter)
        self.setAccessibleDescription(f"Side {letter} of the comparison")

    def changeEvent(self, event: QEvent) -> None:
        """Take the colours of a new theme."""
        super().changeEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ground and the letter."""
        c = theme.colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(c.accent))
        painter.setBrush(QColor(c.accent))
        painter.drawRoundedRect(self.rect().adjusted(1, 1, -2, -2), 4, 4)
        painter.setPen(QColor(c.on_accent))
        painter.setFont(heading_font(self.font()))
        # Not AlignCenter: the descent under a capital letter would push it up.
        metrics = QFontMetrics(painter.font())
        across = (self.width() - metrics.horizontalAdvance(self._letter)) / 2
        painter.drawText(round(across), round((self.height() + metrics.capHeight()) / 2), self._letter)


class SideHeader(QWidget):
    """The letter, what is there, and on the side of B a button that ends the comparison."""

    close_requested = Signal()

    def __init__(self, letter: str, parent: QWidget | None = None, *, closable: bool = False) -> None:
        super().__init__(parent)
        self._letter = letter
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._first = ElidedLabel(self)
        self._first.setProperty("heading", True)
        self._second = ElidedLabel(self, muted=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(2 * theme.GRID, theme.GRID, theme.GRID, theme.GRID)
        row.setSpacing(2 * theme.GRID)
        row.addWidget(SideMark(letter, self))
        row.addWidget(self._first)
        row.addWidget(self._second, 1)
        self.close_button = self._make_button() if closable else None
        if self.close_button is not None:
            row.addWidget(self.close_button)
        self.setFixedHeight(32)

    def _make_button(self) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName("endComparison")
        button.setAutoRaise(True)
        button.setIcon(theme.icon("cancel", self))
        button.setAccessibleName("End the comparison")
        button.setToolTip("End the comparison (B)")
        button.clicked.connect(self.close_requested)
        return button

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the second text out where hardly a letter of it could be read."""
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        button = self.close_button.width() if self.close_button is not None else 0
        room = self.width() - _MARK_SIDE - button - 8 * theme.GRID
        self._second.setVisible(room - self._first.sizeHint().width() >= _LEAST)

    def set_words(self, first: str, second: str) -> None:
        """Show what differs, then what does not."""
        self._first.setText(first)
        self._second.setText(second)
        self._make_room()
        self.setToolTip(f"{self._letter}: {first}\n{second}")
        self.setAccessibleName(f"{self._letter}: {first}, {second}")
        self.setAccessibleDescription(f"{first}, {second}")

    def changeEvent(self, event: QEvent) -> None:
        """Draw the icon in the colours of the new theme."""
        super().changeEvent(event)
        wanted = event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange)
        if wanted and getattr(self, "close_button", None) is not None:
            self.close_button.setIcon(theme.icon("cancel", self))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ground, and a hairline under it."""
        c = theme.colours()
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(c.panel))
        painter.fillRect(0, self.height() - 1, self.width(), 1, QColor(c.line))
