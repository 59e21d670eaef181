"""A small picture shown pixel by pixel."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui import imaging, theme
from gui.widgets.placeholder import paint_hint


class PixelCanvas(QWidget):
    """Enlarges by a whole number with nearest neighbour where the picture fits, shrinks by averaging where it does not.

    Parameters
    ----------
    title, detail
        What is said while there is no picture.
    """

    def __init__(self, title: str, detail: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._hint = (title, detail)
        self._pixmap: QPixmap | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def set_pixmap(self, pixmap: QPixmap | None) -> None:
        """Show a picture, or the hint."""
        self._pixmap = pixmap
        self.update()

    def sizeHint(self) -> QSize:
        """A common input size."""
        return QSize(224, 224)

    def minimumSizeHint(self) -> QSize:
        """Small, but still a picture."""
        return QSize(64, 64)

    def picture_rect(self) -> QRectF:
        """Where the picture lies in this widget, in device-independent pixels; empty without one."""
        if self._pixmap is None:
            return QRectF()
        ratio = self.devicePixelRatioF()
        room, size = self.size() * ratio, self._pixmap.size()
        fit = min(room.width() / size.width(), room.height() / size.height())
        factor = float(int(fit)) if fit >= 1 else fit
        width, height = max(1, int(size.width() * factor)), max(1, int(size.height() * factor))
        place = QRect((room.width() - width) // 2, (room.height() - height) // 2, width, height)
        return QRectF(place.x() / ratio, place.y() / ratio, width / ratio, height / ratio)

    def changeEvent(self, event: QEvent) -> None:
        """Repaint in the colours of a new theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the picture or the hint."""
        painter = QPainter(self)
        if self._pixmap is None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.colours().canvas))
            painter.drawRoundedRect(self.rect(), 6, 6)
            paint_hint(painter, self.rect().adjusted(8, 8, -8, -8), *self._hint)
            return
        place = self.picture_rect()
        shown = (place.size() * self.devicePixelRatioF()).toSize()
        pixmap = self._pixmap
        if shown.width() < pixmap.width():
            pixmap = imaging.stretched(pixmap, shown)
        painter.drawPixmap(place, pixmap, QRectF(pixmap.rect()))
