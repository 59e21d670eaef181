"""A small flat button that stands on a picture."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QEnterEvent, QIcon, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QToolButton, QWidget

from gui import theme

SIDE = 28


class OverlayButton(QToolButton):
    """An icon on a ground that shows hover, press, check and focus in the theme's colours."""

    def __init__(self, icon: str, name: str, shortcut: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon_name = icon
        self.setIcon(theme.icon(icon, self))
        self.setAccessibleName(name)
        self.setToolTip(f"{name} ({shortcut})")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFixedSize(QSize(SIDE, SIDE))

    def enterEvent(self, event: QEnterEvent) -> None:
        """Show the hover."""
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """End the hover."""
        super().leaveEvent(event)
        self.update()

    def changeEvent(self, event: QEvent) -> None:
        """Take the colours of a new theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self.setIcon(theme.icon(self._icon_name, self))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ground and the icon."""
        c = theme.colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(c.accent), 1.5) if self.hasFocus() else Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._ground()) if self._ground() else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 4, 4)
        mode = QIcon.Mode.Normal if self.isEnabled() else QIcon.Mode.Disabled
        self.icon().paint(painter, self.rect().adjusted(4, 4, -4, -4), mode=mode)

    def _ground(self) -> str:
        c = theme.colours()
        if self.isChecked() or self.isDown():
            return c.accent_soft
        return c.window if self.underMouse() and self.isEnabled() else ""
