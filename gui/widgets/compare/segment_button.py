"""One of several choices that stand side by side."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QEnterEvent, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QToolButton, QWidget

from gui import theme
from gui.widgets.placeholder import heading_font

_PADDING = 10
_HEIGHT = 24


class SegmentButton(QToolButton):
    """A checkable text; the checked one stands out by weight and frame as well as by colour."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setText(text)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._fit()

    def _fit(self) -> None:
        width = QFontMetrics(heading_font(self.font())).horizontalAdvance(self.text()) + 2 * _PADDING
        self.setFixedSize(QSize(width, _HEIGHT))

    def enterEvent(self, event: QEnterEvent) -> None:
        """Show the hover."""
        super().enterEvent(event)
        self.update()

    def changeEvent(self, event: QEvent) -> None:
        """Make room for another font, take the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw ground, frame and text."""
        c = theme.colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chosen = self.isChecked()
        painter.setPen(QPen(QColor(c.accent if chosen or self.hasFocus() else c.line), 2 if self.hasFocus() else 1))
        painter.setBrush(QColor(c.accent_soft if chosen else c.window if self.underMouse() else c.panel))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 4, 4)
        painter.setFont(heading_font(self.font()) if chosen else self.font())
        painter.setPen(QColor(c.text if chosen else c.muted))
        painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignCenter), self.text())
