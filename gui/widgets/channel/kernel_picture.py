"""The weights of a kernel as a picture."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from core.types import Kernel, Pixels, frozen
from gui import colourmaps, imaging, theme
from gui.widgets.map_words import format_number

_HIGHEST = 168
"""Device-independent pixels that a grid of kernels may be high."""
_WIDEST_KERNEL = 112
_MOST_A_WEIGHT = 28
RGB_INPUTS = 3


def is_rgb(kernel: Kernel) -> bool:
    """Whether a kernel reads three channels, which are then shown as red, green and blue."""
    return len(kernel.weights) == RGB_INPUTS and kernel.first_input == 0 and kernel.groups == 1 and not kernel.is_linear


def rgb_pixels(kernel: Kernel) -> Pixels:
    """Return weights (3, height, width) as uint8 (height, width, 3): grey is 0, both ends are the largest magnitude."""
    reach = float(np.abs(kernel.weights).max()) or 1.0
    return frozen(np.rint(127.5 + 127.5 * kernel.weights.transpose(1, 2, 0) / reach).astype(np.uint8))


class KernelPicture(QWidget):
    """One kernel for each input channel, the largest norm first: blue below zero, orange above, all on one scale.

    A kernel that reads three channels is one picture in red, green and blue. The pointer or the arrow keys mark a kernel.
    """

    kernel_marked = Signal(str)  # the marked kernel in words, "" for none

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kernel: Kernel | None = None
        self._order: npt.NDArray[np.intp] = np.zeros(0, np.intp)
        self._norms: npt.NDArray[np.float64] = np.zeros(0)
        self._image = QImage()
        self._cell, self._gap, self._columns = 1, 1, 1
        self._marked = -1
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Kernel")

    def set_kernel(self, kernel: Kernel | None) -> None:
        """Show other weights."""
        self._kernel = kernel
        if kernel is not None:
            self._norms = kernel.norms
            self._order = np.zeros(1, np.intp) if is_rgb(kernel) else np.argsort(-self._norms, kind="stable")
            self.setAccessibleDescription(self._words(kernel))
        self._mark(-1)
        self._arrange()

    def _words(self, kernel: Kernel) -> str:
        count, height, width = kernel.weights.shape
        if is_rgb(kernel):
            return f"{height} by {width} weights of three input channels, shown as red, green and blue"
        strongest = kernel.first_input + int(self._order[0])
        return f"{count} kernels of {height} by {width} weights; input channel {strongest} has the largest norm"

    def kernel_words(self, place: int) -> str:
        """Say which input channel is drawn at a place in the grid, and its norm."""
        if self._kernel is None or is_rgb(self._kernel) or not 0 <= place < len(self._order):
            return ""
        index = int(self._order[place])
        total = format_number(float(self._kernel.weights[index].sum()))
        return f"input channel {self._kernel.first_input + index}: norm {format_number(float(self._norms[index]))}, sum {total}"

    # --- where things are, in device-independent pixels

    def _arrange(self) -> None:
        """Choose the largest cell with which the grid stays low enough."""
        self._image = QImage()
        if self._kernel is not None:
            _, height, width = self._kernel.weights.shape
            count = len(self._order)
            most = min(_MOST_A_WEIGHT, max(1, _WIDEST_KERNEL // max(height, width)))
            for cell in range(most, 0, -1):
                gap = 2 if cell > 1 else 1
                columns = max(1, min(count, (self.width() + gap) // (width * cell + gap)))
                if math.ceil(count / columns) * (height * cell + gap) - gap <= _HIGHEST or cell == 1:
                    self._cell, self._gap, self._columns = cell, gap, columns
                    break
            self._image = self._draw()
        self.updateGeometry()
        self.update()

    def kernel_rect(self, place: int) -> QRect:
        """Where the kernel at a place in the grid is drawn."""
        assert self._kernel is not None
        _, height, width = self._kernel.weights.shape
        row, column = divmod(place, self._columns)
        wide, high = width * self._cell, height * self._cell
        return QRect(column * (wide + self._gap), row * (high + self._gap), wide, high)

    def place_at(self, position: QPoint) -> int:
        """The place in the grid under a point; -1 beside the kernels."""
        if self._kernel is None:
            return -1
        _, height, width = self._kernel.weights.shape
        column, row = position.x() // (width * self._cell + self._gap), position.y() // (height * self._cell + self._gap)
        place = row * self._columns + column
        inside = 0 <= column < self._columns and 0 <= place < len(self._order)
        return place if inside and self.kernel_rect(place).contains(position) else -1

    def sizeHint(self) -> QSize:
        """All kernels."""
        if self._kernel is None:
            return QSize(0, 0)
        last = self.kernel_rect(len(self._order) - 1)
        return QSize(self.kernel_rect(min(self._columns, len(self._order)) - 1).right() + 1, last.bottom() + 1)

    def minimumSizeHint(self) -> QSize:
        """All lines must be seen whole."""
        return QSize(32, self.sizeHint().height())

    # --- drawing

    def _draw(self) -> QImage:
        """Colour all kernels, one pixel a weight with a grid of gaps of one pixel; they are enlarged when painted."""
        assert self._kernel is not None
        weights = self._kernel.weights
        if is_rgb(self._kernel):
            return imaging.to_qimage(rgb_pixels(self._kernel))
        colours = theme.colours()
        coloured = colourmaps.diverging(weights[self._order], zero=colours.panel, dark=theme.is_dark())
        _, height, width = weights.shape
        lines = -(-len(self._order) // self._columns)
        cells = np.full((lines * self._columns, height, width, 3), QColor(colours.panel).getRgb()[:3], np.uint8)
        cells[: len(coloured)] = coloured
        grid = cells.reshape(lines, self._columns, height, width, 3).transpose(0, 2, 1, 3, 4)
        return imaging.to_qimage(frozen(grid.reshape(lines * height, self._columns * width, 3)))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the kernels; a hairline around each tells small weights from the ground."""
        if self._kernel is None or self._image.isNull():
            return
        painter = QPainter(self)
        _, height, width = self._kernel.weights.shape
        line = QColor(theme.colours().line)
        for place in range(len(self._order)):
            row, column = divmod(place, self._columns)
            target = self.kernel_rect(place)
            if self._gap > 1:
                painter.fillRect(target.adjusted(-1, -1, 1, 1), line)
            painter.drawImage(QRectF(target), self._image, QRectF(column * width, row * height, width, height))
        if 0 <= self._marked < len(self._order):
            pen = QPen(QColor(theme.colours().text), 2)
            pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
            painter.setPen(pen)
            painter.drawRect(self.kernel_rect(self._marked).adjusted(1, 1, -1, -1))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Wrap the lines anew."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._arrange()

    def changeEvent(self, event: QEvent) -> None:
        """Take the colours of a new theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange) and self._kernel is not None:
            self._image = self._draw()
            self.update()

    # --- a person

    def _mark(self, place: int) -> None:
        if place != self._marked:
            self._marked = place
            self.kernel_marked.emit(self.kernel_words(place))
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Mark the kernel under the pointer."""
        self._mark(self.place_at(event.position().toPoint()))

    def leaveEvent(self, event: QEvent) -> None:
        """Take the mark away."""
        super().leaveEvent(event)
        self._mark(-1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the mark."""
        steps = {
            Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: -self._columns, Qt.Key.Key_Down: self._columns,
            Qt.Key.Key_Home: -self._marked, Qt.Key.Key_End: len(self._order) - 1 - self._marked,
        }  # fmt: skip
        step = steps.get(Qt.Key(event.key()))
        if step is None or self._kernel is None or event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            super().keyPressEvent(event)
        elif self._marked < 0:
            self._mark(0)
        elif 0 <= self._marked + step < len(self._order):
            self._mark(self._marked + step)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show that the keys are heard here."""
        super().focusInEvent(event)
        if self._marked < 0 and event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self._mark(0)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the mark away."""
        super().focusOutEvent(event)
        self._mark(-1)
