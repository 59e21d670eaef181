"""A slider for the scale Q, with marks at the usual ones."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QSlider, QStyle, QStyleOptionSlider, QWidget

from gui import theme

_PAGE = 32
_TALL = 5


class ScaleSlider(QSlider):
    """Pixels of the short side; Left and Right a pixel, Page Up and Page Down 32, and marks below the groove."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._marks: tuple[int, ...] = ()
        self.setPageStep(_PAGE)
        self.setMinimumWidth(64)

    def set_marks(self, marks: tuple[int, ...]) -> None:
        """Mark these values."""
        if marks != self._marks:
            self._marks = marks
            self.update()

    def sizeHint(self) -> QSize:
        """Room for the marks below the handle."""
        return QSize(120, 24)

    def minimumSizeHint(self) -> QSize:
        """The same, narrower."""
        return QSize(64, 24)

    def mark_position(self, value: int) -> int:
        """Where a value stands, in pixels of this widget."""
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        handle = self.style().subControlRect(QStyle.ComplexControl.CC_Slider, option, QStyle.SubControl.SC_SliderHandle, self)
        room = self.width() - handle.width()
        place = QStyle.sliderPositionFromValue(self.minimum(), self.maximum(), value, room, option.upsideDown)
        return place + handle.width() // 2

    def changeEvent(self, event: QEvent) -> None:
        """Take the colours of a new theme."""
        super().changeEvent(event)
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to what lies around."""
        event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the marks below the slider."""
        painter = QPainter(self)
        for mark in self._marks:
            if self.minimum() <= mark <= self.maximum():
                painter.fillRect(self.mark_position(mark), self.height() - _TALL, 1, _TALL, QColor(theme.colours().muted))
        painter.end()
        super().paintEvent(event)
