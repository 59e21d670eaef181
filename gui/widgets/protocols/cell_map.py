"""The dense map by itself: each cell a square that can be chosen."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFocusEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from core.types import frozen
from gui import colourmaps, imaging, theme
from gui.state import AppState

_LARGEST = 28
_SHADE = QColor(0, 0, 0, 170)
_PLAIN = Qt.KeyboardModifier.NoModifier

STEPS = {
    Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0),
}  # fmt: skip
"""The keys that walk over the cells: rows down and columns to the right."""


class CellMap(QWidget):
    """Probabilities of the chosen category; a click or the arrow keys choose a cell, Home the strongest, Escape none."""

    cell_chosen = Signal(object)  # (row, column) | None

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._look = state.protocols.look
        self._image: QImage | None = None
        self.setObjectName("cellMap")
        self.setAccessibleName("Dense score map")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setToolTip("A click or the arrow keys choose a cell, Home the strongest one, Esc none")
        facts = (
            state.protocols.answer_changed, state.selection.category_changed, state.classification_changed,
            self._look.cell_changed,
        )  # fmt: skip
        for fact in facts:
            fact.connect(self._refresh)
        self._refresh()

    @Slot()
    def _refresh(self) -> None:
        category = self._state.category
        values = self._look.probabilities(category) if category is not None else None
        self._image = None
        if values is not None:
            steps = frozen((values * (255 / max(1e-12, float(values.max())))).astype("uint8"))
            self._image = imaging.to_mapped_qimage(steps, colourmaps.table(colourmaps.HEAT, dark=theme.is_dark()))
        self._describe(values)
        self.updateGeometry()
        self.update()

    def _describe(self, values: npt.NDArray[np.float32] | None) -> None:
        model, category = self._state.model, self._state.category
        if values is None or category is None or model is None or category >= len(model.categories):
            self.setAccessibleDescription("No map yet")
            return
        rows, columns = values.shape
        row, column = self._look.strongest(category) or (0, 0)
        strongest = f"strongest {theme.format_probability(float(values.max()))} in row {row + 1}, column {column + 1}"
        words = f"{model.categories[category]} in {rows} by {columns} cells, {strongest}"
        if self._look.cell is not None:
            _, row, column = self._look.cell
            here = theme.format_probability(float(values[row, column]))
            words += f"; chosen: row {row + 1}, column {column + 1}, {here}"
        self.setAccessibleDescription(words)

    def sizeHint(self) -> QSize:
        """A few rows of cells."""
        return QSize(200, 112)

    def minimumSizeHint(self) -> QSize:
        """Fewer."""
        return QSize(80, 56)

    def map_rect(self) -> QRectF:
        """Where the cells are drawn; they are square, or as their steps are."""
        found = self._look.map
        if found is None:
            return QRectF()
        rows, columns = found.shape
        across, down = found.stride
        scale = min(self.width() / (columns * across), self.height() / (rows * down), _LARGEST / max(across, down))
        width, height = columns * across * scale, rows * down * scale
        return QRectF((self.width() - width) / 2, (self.height() - height) / 2, width, height)

    def cell_rect(self, row: int, column: int) -> QRectF:
        """Where a cell is drawn."""
        found, place = self._look.map, self.map_rect()
        assert found is not None
        rows, columns = found.shape
        width, height = place.width() / columns, place.height() / rows
        return QRectF(place.left() + column * width, place.top() + row * height, width, height)

    def cell_at(self, position: QPointF) -> tuple[int, int] | None:
        """The cell that is drawn there."""
        found, place = self._look.map, self.map_rect()
        if found is None or not place.contains(position):
            return None
        rows, columns = found.shape
        row = int((position.y() - place.top()) * rows / place.height())
        column = int((position.x() - place.left()) * columns / place.width())
        return min(rows - 1, row), min(columns - 1, column)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the cell under the pointer."""
        cell = self.cell_at(event.position()) if event.button() == Qt.MouseButton.LeftButton else None
        if cell is not None:
            self.cell_chosen.emit(cell)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the chosen cell; the first arrow begins at the strongest one."""
        found, category, cell = self._look.map, self._state.category, self._look.cell
        key = Qt.Key(event.key())
        if found is None or category is None or event.modifiers() not in (_PLAIN, Qt.KeyboardModifier.KeypadModifier):
            super().keyPressEvent(event)
        elif key == Qt.Key.Key_Escape and cell is not None:
            self.cell_chosen.emit(None)
        elif key == Qt.Key.Key_Home or (key in STEPS and cell is None):
            self.cell_chosen.emit(self._look.strongest(category))
        elif key in STEPS and cell is not None:
            rows, columns = found.shape
            down, across = STEPS[key]
            self.cell_chosen.emit((min(rows - 1, max(0, cell[1] + down)), min(columns - 1, max(0, cell[2] + across))))
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show that the keyboard is here."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show that it is not."""
        super().focusOutEvent(event)
        self.update()

    def changeEvent(self, event: QEvent) -> None:
        """Take the colours of a new theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self._refresh()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the cells, and the frame of the chosen one."""
        c, painter, place = theme.colours(), QPainter(self), self.map_rect()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(c.accent), 2) if self.hasFocus() else Qt.PenStyle.NoPen)
        painter.setBrush(QColor(c.canvas))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 4, 4)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        if self._image is None:
            return
        painter.drawImage(place, self._image, QRectF(self._image.rect()))
        if self._look.cell is not None:
            _, row, column = self._look.cell
            cell = self.cell_rect(row, column)
            for colour, width in ((_SHADE, 4), (QColor(c.field), 2)):
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.SquareCap, Qt.PenJoinStyle.MiterJoin))
                painter.drawRect(cell)
