"""The heat map of an explanation by itself, with its legend."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from core.types import Explanation, Heat
from gui import theme
from gui.widgets.heat_scale import end_words, heat_image, paint_gradient
from gui.widgets.placeholder import paint_hint

_GRADIENT = 10
_GAP = theme.GRID
_LEAST = 88


class HeatView(QWidget):
    """Draws the values in the proportions of the part of the picture that they cover, and below them the colours in words."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._found: Explanation | None = None
        self._heat: Heat | None = None
        self._image: tuple[bool, QImage] | None = None
        self._hint = ("Nothing yet", "")
        self.setObjectName("heatView")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_explanation(self, found: Explanation) -> None:
        """Show the values of an explanation."""
        self._found, self._heat, self._image = found, found.heat, None
        self.update()

    def show_hint(self, title: str, detail: str) -> None:
        """Show words instead."""
        self._found = self._heat = self._image = None
        self._hint = (title, detail)
        self.update()

    def sizeHint(self) -> QSize:
        """A square picture and the legend."""
        return QSize(200, 200 + self._legend_height())

    def minimumSizeHint(self) -> QSize:
        """A small picture and the legend."""
        return QSize(120, _LEAST + self._legend_height())

    def _legend_height(self) -> int:
        return 2 * _GAP + _GRADIENT + 2 * self.fontMetrics().height()

    def picture_rect(self) -> QRectF:
        """Where the values are drawn; empty without any."""
        if self._heat is None:
            return QRectF()
        left, top, right, bottom = self._heat.box
        room = QRectF(0, 0, self.width(), self.height() - self._legend_height())
        scale = min(room.width() / max(1e-6, right - left), room.height() / max(1e-6, bottom - top))
        width, height = round((right - left) * scale), round((bottom - top) * scale)
        return QRectF((self.width() - width) // 2, 0, max(1, width), max(1, height))

    def changeEvent(self, event: QEvent) -> None:
        """Take the colours of a new theme."""
        super().changeEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the values and the legend, or the words."""
        painter = QPainter(self)
        if self._heat is None or self._found is None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.colours().canvas))
            painter.drawRoundedRect(self.rect(), 6, 6)
            paint_hint(painter, self.rect().adjusted(12, 8, -12, -8), *self._hint)
            return
        place = self.picture_rect()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self._heat.smooth)
        image = self._coloured(self._heat)
        painter.drawImage(place, image, QRectF(image.rect()))
        painter.setPen(QColor(theme.colours().line))
        painter.drawRect(place.toRect().adjusted(0, 0, -1, -1))
        self._paint_legend(painter, self._heat, self._found)

    def _coloured(self, heat: Heat) -> QImage:
        dark = theme.is_dark()
        if self._image is None or self._image[0] != dark:
            self._image = (dark, heat_image(heat))
        return self._image[1]

    def _paint_legend(self, painter: QPainter, heat: Heat, found: Explanation) -> None:
        c, line = theme.colours(), self.fontMetrics().height()
        top = self.height() - self._legend_height() + _GAP
        paint_gradient(painter, QRect(0, top, self.width(), _GRADIENT), heat)
        painter.setFont(theme.tabular(self.font()))
        sides = (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight)
        for number, words, side in zip(end_words(heat), (found.about.low, found.about.high), sides, strict=True):
            row = QRect(0, top + _GRADIENT + _GAP, self.width(), line)
            painter.setPen(QColor(c.text))
            painter.drawText(row, int(side | Qt.AlignmentFlag.AlignVCenter), number)
            painter.setPen(QColor(c.muted))
            painter.drawText(row.translated(0, line), int(side | Qt.AlignmentFlag.AlignVCenter), words)
