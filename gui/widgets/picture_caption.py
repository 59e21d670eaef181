"""The line under the picture: its name, and what kind of picture it is."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui import theme
from gui.widgets.placeholder import heading_font

_MARGIN = 3 * theme.GRID
_MIN_NAME = 72


class PictureCaption(QWidget):
    """A name that gives way in its middle, then muted details that give way at their end."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = ""
        self._details = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def set_text(self, name: str, details: str) -> None:
        """Show a name and details; the tooltip holds all of both."""
        self._name = name
        self._details = details
        self.setToolTip("\n".join(filter(None, (name, details))))
        self.setAccessibleName(", ".join(filter(None, (name, details))))
        self.setAccessibleDescription(details or name)
        self.update()

    def sizeHint(self) -> QSize:
        """One line with a little air."""
        return QSize(200, self.fontMetrics().height() + 3 * theme.GRID)

    def changeEvent(self, event: QEvent) -> None:
        """Repaint in the colours of a new theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw as much of both as fits."""
        c = theme.colours()
        painter = QPainter(self)
        painter.fillRect(event.rect(), QColor(c.panel))
        painter.fillRect(0, 0, self.width(), 1, QColor(c.line))
        room = self.rect().adjusted(_MARGIN, 1, -_MARGIN, 0)
        plain = theme.tabular(self.font())
        painter.setFont(heading_font(self.font()))
        metrics = painter.fontMetrics()
        wanted = metrics.horizontalAdvance(self._name)
        details = self.fontMetrics().horizontalAdvance(self._details)
        width = min(wanted, max(_MIN_NAME, room.width() - details - _MARGIN))
        middle = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.setPen(QColor(c.text))
        painter.drawText(room, middle, metrics.elidedText(self._name, Qt.TextElideMode.ElideMiddle, width))
        room.setLeft(room.left() + width + _MARGIN)
        painter.setFont(plain)
        painter.setPen(QColor(c.muted))
        shown = painter.fontMetrics().elidedText(self._details, Qt.TextElideMode.ElideRight, max(0, room.width()))
        painter.drawText(room, middle, shown)
