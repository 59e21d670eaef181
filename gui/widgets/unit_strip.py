"""A whole vector as a strip of coloured cells."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from gui import colourmaps, imaging, theme
from gui.itemmodels.unit_model import format_value

_CELLS = (16, 12, 10, 8, 6, 5, 4, 3, 2)
_HIGHEST = 160
_MARGIN = 2
"""Room for the frame of a marked unit at the edge."""


class UnitStrip(QWidget):
    """Each unit is a cell, in reading order; blue below zero, orange above, as strong as the value is large.

    A click, or the arrow keys, choose a unit; it is for others to mark it.
    """

    unit_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._values: npt.NDArray[np.float32] = np.zeros(0, np.float32)
        self._marked = -1
        self._image = QImage()
        self._cell, self._columns = _CELLS[0], 1
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("All units")

    def set_values(self, values: npt.NDArray[np.float32]) -> None:
        """Show another vector, float32 (units,)."""
        self._values = values
        self._marked = -1
        finite = values[np.isfinite(values)]
        self.setAccessibleDescription(_describe(values, finite))
        self._arrange()

    def set_marked(self, unit: int) -> None:
        """Frame one unit; -1 for none."""
        self._marked = unit
        self.update()

    def cell_rect(self, unit: int) -> QRect:
        """Where a unit is drawn."""
        line, column = divmod(unit, self._columns)
        return QRect(_MARGIN + column * self._cell, _MARGIN + line * self._cell, self._cell, self._cell)

    def unit_at(self, position: QPoint) -> int:
        """Return the unit at a point; -1 where there is none."""
        column, line = (position.x() - _MARGIN) // self._cell, (position.y() - _MARGIN) // self._cell
        unit = line * self._columns + column
        return unit if 0 <= column < self._columns and 0 <= unit < self._values.size else -1

    def sizeHint(self) -> QSize:
        """As high as its lines."""
        return QSize(320, max(1, -(-self._values.size // self._columns)) * self._cell + 2 * _MARGIN)

    def minimumSizeHint(self) -> QSize:
        """Its lines must be seen whole."""
        return QSize(80, self.sizeHint().height())

    def _arrange(self) -> None:
        """Choose the largest cell with which the strip stays low enough, and colour the cells."""
        count = self._values.size
        for cell in _CELLS:
            self._cell, self._columns = cell, max(1, min(max(1, count), (self.width() - 2 * _MARGIN) // cell))
            if -(-count // self._columns) * cell <= _HIGHEST:
                break
        self._colour()
        self.updateGeometry()
        self.update()

    def _colour(self) -> None:
        if not self._values.size:
            self._image = QImage()
            return
        colours = theme.colours()
        coloured = colourmaps.diverging(self._values, zero=colours.panel, dark=theme.is_dark())
        lines = -(-self._values.size // self._columns)
        cells = np.full((lines * self._columns, 3), QColor(colours.canvas).getRgb()[:3], np.uint8)
        cells[: self._values.size] = coloured
        self._image = imaging.to_qimage(cells.reshape(lines, self._columns, 3))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Wrap the lines anew."""
        super().resizeEvent(event)
        self._arrange()

    def changeEvent(self, event: QEvent) -> None:
        """Take the colours of the new theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self._colour()
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the unit under the pointer."""
        unit = self.unit_at(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and unit >= 0:
            self.unit_chosen.emit(unit)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose the unit beside the marked one, or in the line above or below."""
        steps = {
            Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: -self._columns, Qt.Key.Key_Down: self._columns,
            Qt.Key.Key_Home: -self._marked, Qt.Key.Key_End: self._values.size - 1 - self._marked,
        }  # fmt: skip
        step = steps.get(Qt.Key(event.key()))
        if step is None or event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            super().keyPressEvent(event)
        elif 0 <= self._marked + step < self._values.size:
            self.unit_chosen.emit(self._marked + step)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Mark in the accent's colour."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Mark in the colour of text again."""
        super().focusOutEvent(event)
        self.update()

    def event(self, event: QEvent) -> bool:
        """Explain the unit under the pointer."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            unit = self.unit_at(event.pos())
            if unit >= 0:
                text = f"unit {unit}: {format_value(float(self._values[unit]))}"
                QToolTip.showText(event.globalPos(), text, self, self.cell_rect(unit))
            else:
                QToolTip.hideText()
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the cells and the frame of the marked one."""
        if self._image.isNull():
            return
        painter = QPainter(self)
        whole = QRect(_MARGIN, _MARGIN, self._columns * self._cell, self._image.height() * self._cell)
        painter.drawImage(whole, self._image)
        if 0 <= self._marked < self._values.size:
            colours = theme.colours()
            pen = QPen(QColor(colours.accent if self.hasFocus() else colours.text), 2)
            pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
            painter.setPen(pen)
            painter.drawRect(self.cell_rect(self._marked).adjusted(-1, -1, 1, 1))
        painter.end()


def _describe(values: npt.NDArray[np.float32], finite: npt.NDArray[np.float32]) -> str:
    if not finite.size:
        return f"{values.size} units, none of which is a number" if values.size else "No units"
    low, high = format_value(float(finite.min())), format_value(float(finite.max()))
    words = f"{values.size} units between {low} and {high}"
    return words if finite.size == values.size else f"{words}; {values.size - finite.size} are not finite"
