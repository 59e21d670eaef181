"""One feature map, large, with a cursor."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from core.types import Heat
from gui import theme
from gui.widgets.channel.map_image import coloured, describe_map, describe_unit, strongest_unit
from gui.widgets.channel.pixel_frame import fitted_rect, paint_outline, paint_pixels
from gui.widgets.placeholder import paint_frame

Unit = tuple[int, int]
Range = tuple[int, int, int, int]

WHOLE = (0.0, 0.0, 1.0, 1.0)
_LEAST_MARK = 7
_STEPS = {
    Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0),
    Qt.Key.Key_Home: (-(10**6), -(10**6)), Qt.Key.Key_End: (10**6, 10**6),
}  # fmt: skip


class MapCanvas(QWidget):
    """Draws a :class:`Heat` unit by unit. The pointer, or the arrow keys, move the cursor; a click or Enter chooses a unit.

    The map lies in a part of the canvas (``place``: left, top, right, bottom as shares), the whole of it by default.
    """

    unit_hovered = Signal(object)  # (row, column), or None
    unit_clicked = Signal(object)  # (row, column)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._heat: Heat | None = None
        self._image = QImage()
        self._place = WHOLE
        self._cursor: Unit | None = None
        self._chosen: Unit | None = None
        self._seeing: Range | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Map of the channel")
        self.setToolTip("Arrow keys move the cursor, a click or Enter chooses a unit")

    def set_heat(self, heat: Heat | None, place: tuple[float, float, float, float] = WHOLE) -> None:
        """Show another map."""
        self._heat, self._place = heat, place
        self._image = coloured(heat) if heat is not None else QImage()
        self._cursor, self._seeing = None, None
        self.setAccessibleDescription(describe_map(heat) if heat is not None else "No map")
        self.update()

    def set_cursor_unit(self, unit: Unit | None) -> None:
        """Outline the unit that is pointed at, here or elsewhere."""
        unit = unit if unit is not None and self._holds(unit) else None
        if unit != self._cursor:
            self._cursor = unit
            if unit is not None and self._heat is not None:
                self.setAccessibleDescription(f"{describe_unit(self._heat, unit)}; {describe_map(self._heat)}")
            self.update()

    def set_chosen(self, unit: Unit | None) -> None:
        """Mark the unit that was clicked last."""
        self._chosen = unit
        self.update()

    def set_seeing(self, units: Range | None) -> None:
        """Light up the units that see the hovered point: top, left, bottom and right, the last two exclusive."""
        if units != self._seeing:
            self._seeing = units
            self.update()

    @property
    def cursor_unit(self) -> Unit | None:
        """The outlined unit."""
        return self._cursor

    def _holds(self, unit: Unit) -> bool:
        return self._heat is not None and all(0 <= at < side for at, side in zip(unit, self._heat.values.shape, strict=True))

    # --- where things are

    def sizeHint(self) -> QSize:
        """A square."""
        return QSize(280, 280)

    def minimumSizeHint(self) -> QSize:
        """Small, but still a map."""
        return QSize(64, 64)

    def map_rect(self) -> QRectF:
        """Where the map is drawn."""
        if self._heat is None:
            return QRectF()
        rows, columns = self._heat.values.shape
        if self._place == WHOLE:
            return fitted_rect(QRectF(self.rect()), columns, rows, self.devicePixelRatioF())
        ratio = self.devicePixelRatioF()
        left, top, right, bottom = (
            round(share * side * ratio) / ratio
            for share, side in zip(self._place, (self.width(), self.height()) * 2, strict=True)
        )
        return QRectF(left, top, max(1.0, right - left), max(1.0, bottom - top))

    def units_rect(self, units: Range) -> QRectF:
        """Where a block of units is drawn: top, left, bottom and right, the last two exclusive."""
        assert self._heat is not None
        whole = self.map_rect()
        rows, columns = self._heat.values.shape
        wide, high = whole.width() / columns, whole.height() / rows
        top, left, bottom, right = units
        corner = QPointF(whole.left() + left * wide, whole.top() + top * high)
        return QRectF(corner, QPointF(whole.left() + right * wide, whole.top() + bottom * high))

    def unit_rect(self, unit: Unit) -> QRectF:
        """Where a unit is drawn."""
        row, column = unit
        return self.units_rect((row, column, row + 1, column + 1))

    def unit_at(self, position: QPointF) -> Unit | None:
        """The unit that is drawn at a point; None beside the map."""
        whole = self.map_rect()
        if self._heat is None or not (whole & QRectF(self.rect())).contains(position):
            return None
        rows, columns = self._heat.values.shape
        row = int((position.y() - whole.top()) * rows / whole.height())
        column = int((position.x() - whole.left()) * columns / whole.width())
        return min(row, rows - 1), min(column, columns - 1)

    # --- drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the map and its marks."""
        painter = QPainter(self)
        colours = theme.colours()
        painter.fillRect(self.rect(), QColor(colours.canvas))
        if self._heat is None:
            return
        paint_pixels(painter, self.map_rect(), self._image, self.devicePixelRatioF())
        # In the dark theme zero has nearly the colour of the ground.
        painter.setPen(QColor(colours.line))
        painter.drawRect(self.map_rect().adjusted(0, 0, -1, -1))
        if self._seeing is not None:
            self._paint_seeing(painter)
        if self._chosen is not None and self._holds(self._chosen):
            paint_outline(painter, self._mark(self._chosen), colours.accent)
        if self._cursor is not None:
            paint_outline(painter, self._mark(self._cursor), colours.field)
        if self.hasFocus():
            paint_frame(painter, self.rect(), colours.accent, dashed=False, width=2)

    def _paint_seeing(self, painter: QPainter) -> None:
        """Dim the units that do not see the point, and outline those that do."""
        assert self._seeing is not None
        lit = self.units_rect(self._seeing)
        painter.save()
        shade = QColor(0, 0, 0, 110)
        whole = self.map_rect()
        for part in (
            QRectF(whole.left(), whole.top(), whole.width(), lit.top() - whole.top()),
            QRectF(whole.left(), lit.bottom(), whole.width(), whole.bottom() - lit.bottom()),
            QRectF(whole.left(), lit.top(), lit.left() - whole.left(), lit.height()),
            QRectF(lit.right(), lit.top(), whole.right() - lit.right(), lit.height()),
        ):
            painter.fillRect(part, shade)
        paint_outline(painter, lit, theme.colours().field)
        painter.restore()

    def _mark(self, unit: Unit) -> QRectF:
        """The unit's place, or a larger one around it where that is too small to be seen."""
        cell = self.unit_rect(unit)
        grow_x, grow_y = (max(0.0, (_LEAST_MARK - side) / 2) for side in (cell.width(), cell.height()))
        return cell.adjusted(-grow_x, -grow_y, grow_x, grow_y)

    # --- a person

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the cursor."""
        self.unit_hovered.emit(self.unit_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """Take the cursor away."""
        super().leaveEvent(event)
        self.unit_hovered.emit(None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose a unit."""
        unit = self.unit_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and unit is not None:
            self.unit_clicked.emit(unit)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the cursor, or choose the unit under it."""
        key = Qt.Key(event.key())
        if self._heat is not None and key in _STEPS and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.unit_hovered.emit(self._stepped(*_STEPS[key]))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self._cursor is not None:
            self.unit_clicked.emit(self._cursor)
        else:
            super().keyPressEvent(event)

    def _stepped(self, down: int, across: int) -> Unit:
        assert self._heat is not None
        if self._cursor is None:
            start = self._chosen if self._chosen is not None and self._holds(self._chosen) else strongest_unit(self._heat)
            return start or (0, 0)
        rows, columns = self._heat.values.shape
        row, column = self._cursor
        return max(0, min(rows - 1, row + down)), max(0, min(columns - 1, column + across))

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the frame."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Let the cursor go, unless the pointer holds it."""
        super().focusOutEvent(event)
        if not self.underMouse():
            self.unit_hovered.emit(None)
        self.update()

    def changeEvent(self, event: QEvent) -> None:
        """Take the colours of a new theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange) and self._heat is not None:
            self._image = coloured(self._heat)
            self.update()
