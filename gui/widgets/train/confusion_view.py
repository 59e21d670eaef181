"""What was said of which category: the confusion matrix, from 2 categories to hundreds."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui import imaging, theme

Cell = tuple[int, int]
"""Row: the true category; column: the one that was said."""

_GAP = theme.GRID
_PADDING = 2 * theme.GRID
"""Between the card and what is on it."""
_LARGEST = 72
_APART = 8
"""Pixels from which on cells are drawn apart from each other."""
_NAMES = 0.3
"""Share of the width that the names of the rows take at most."""


class ConfusionView(QWidget):
    """Cells as dark as the share of their row; the pointer or arrow keys mark one, and ``cell_words`` names it."""

    cell_marked = Signal(str)  # the marked cell in words, "" for none

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names: tuple[str, ...] = ()
        self._counts: tuple[tuple[int, ...], ...] = ()
        self._marked: Cell | None = None
        self._picture: tuple[bool, QImage] | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Confusion matrix")
        self.setToolTip("Rows are the true categories, columns what was said. Point at a cell, or use the arrow keys")
        self._describe()

    def set_matrix(self, names: tuple[str, ...], counts: tuple[tuple[int, ...], ...]) -> None:
        """Show counts: row by row the true category, column by column the one that was said; as many as there are names."""
        self._names, self._counts, self._picture = names, counts, None
        self.mark(None)
        self._describe()
        self.update()

    @property
    def marked(self) -> Cell | None:
        """The marked cell."""
        return self._marked

    def mark(self, cell: Cell | None) -> None:
        """Mark a cell."""
        if cell != self._marked:
            self._marked = cell
            self.cell_marked.emit(self.cell_words(cell))
            self.update()

    def cell_words(self, cell: Cell | None) -> str:
        """Say what a cell counts: "rose taken for tulip: 12 of 130 (9.2 %)"."""
        if cell is None or not self._counts:
            return ""
        (row, column), counts = cell, self._counts
        total, count = sum(counts[row]), counts[row][column]
        what = f"{self._names[row]} recognised" if row == column else f"{self._names[row]} taken for {self._names[column]}"
        share = f" ({100 * count / total:.1f} %)" if total else ""
        return f"{what}: {count:,} of {total:,}{share}"

    def confused(self, most: int) -> list[Cell]:
        """The cells beside the diagonal with the highest counts, highest first."""
        cells = [
            (count, row, column)
            for row, counts in enumerate(self._counts)
            for column, count in enumerate(counts)
            if count and row != column
        ]
        return [(row, column) for _, row, column in sorted(cells, key=lambda one: (-one[0], one[1:]))[:most]]

    def _describe(self) -> None:
        if not self._counts:
            self.setAccessibleDescription("There is no result yet")
            return
        right = sum(row[index] for index, row in enumerate(self._counts))
        total = sum(map(sum, self._counts))
        worst = self.confused(1)
        most = f"; most often {self.cell_words(worst[0])}" if worst else ""
        self.setAccessibleDescription(f"{len(self._names)} categories, {right:,} of {total:,} pictures recognised{most}")

    # --- where things are

    def sizeHint(self) -> QSize:
        """A square."""
        return QSize(400, 400)

    def minimumSizeHint(self) -> QSize:
        """Room for two hundred categories of a pixel each, nearly."""
        return QSize(220, 180)

    def _side(self) -> float:
        left, top = self._margins()
        count = max(1, len(self._names))
        return max(0.5, min(_LARGEST, (self.width() - left - _PADDING) / count, (self.height() - top - _PADDING) / count))

    def _breadth(self) -> float:
        """How broad a cell is: up to twice its height, where the names of the columns need it and there is room."""
        side, left = self._side(), self._margins()[0]
        if side < _APART:
            return side
        longest = max(map(self.fontMetrics().horizontalAdvance, self._names), default=0) + 2 * _GAP
        return max(side, min(2 * side, longest, (self.width() - left - _PADDING) / max(1, len(self._names))))

    def _margins(self) -> tuple[float, float]:
        """Room for the names of the rows, and for the line above that says what is what."""
        metrics = self.fontMetrics()
        line = metrics.height() + _GAP
        if not self._named(line):
            return _PADDING + 2 * _GAP + metrics.height(), _PADDING + 2.0 * line
        wide = max((metrics.horizontalAdvance(name) for name in self._names), default=0)
        return _PADDING + min(_NAMES * self.width(), wide) + 3 * _GAP + metrics.height(), _PADDING + 2.0 * line

    def _named(self, line: float) -> bool:
        """Whether the rows are high enough for their names."""
        return bool(self._names) and (self.height() - 2 * line - 2 * _PADDING) / len(self._names) >= self.fontMetrics().height()

    def cell_at(self, position: QPointF) -> Cell | None:
        """The cell under a point."""
        left, top = self._margins()
        side = self._side()
        column, row = int((position.x() - left) // self._breadth()), int((position.y() - top) // side)
        inside = 0 <= row < len(self._counts) and 0 <= column < len(self._counts)
        return (row, column) if inside else None

    def cell_rect(self, cell: Cell) -> QRectF:
        """Where a cell is drawn."""
        left, top = self._margins()
        side, breadth = self._side(), self._breadth()
        return QRectF(left + cell[1] * breadth, top + cell[0] * side, breadth, side)

    # --- drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw cells, names and the mark."""
        painter = QPainter(self)
        painter.setFont(theme.tabular(self.font()))
        colours = theme.colours()
        self._paint_card(painter)
        if not self._counts:
            painter.setPen(QColor(colours.muted))
            painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignCenter), "The matrix comes with the result")
        else:
            self._paint_cells(painter)
            self._paint_names(painter)
            if self._marked is not None:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                painter.setPen(QPen(QColor(colours.text), 2))
                painter.drawRect(self.cell_rect(self._marked).adjusted(-1, -1, 1, 1))

    def _paint_card(self, painter: QPainter) -> None:
        colours = theme.colours()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(colours.accent if self.hasFocus() else colours.line), 1))
        painter.setBrush(QColor(colours.panel))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        painter.restore()

    def _paint_cells(self, painter: QPainter) -> None:
        colours, side = theme.colours(), self._side()
        if side < _APART:
            last = self.cell_rect((len(self._counts) - 1,) * 2).bottomRight()
            painter.drawImage(QRectF(self.cell_rect((0, 0)).topLeft(), last), self._small_picture())
            return
        widest = max(max(map(max, self._counts)), 1)
        written = painter.fontMetrics().horizontalAdvance(f"{widest}") + 4 <= side
        for row, counts in enumerate(self._counts):
            total = sum(counts)
            for column, count in enumerate(counts):
                place = self.cell_rect((row, column)).adjusted(0, 0, -1, -1)
                share = count / total if total else 0.0
                painter.fillRect(place, _ground(count, share, right=row == column))
                if written and (count or side > 24):
                    light = _ground(count, share, right=row == column).lightnessF() > 0.5
                    painter.setPen(QColor(colours.muted if not count else "#000000" if light else "#ffffff"))
                    painter.drawText(place, int(Qt.AlignmentFlag.AlignCenter), f"{count:,}" if count else "·")

    def _small_picture(self) -> QImage:
        """A pixel a cell, made once for each matrix and theme: painting cells one by one takes too long by the thousand."""
        if self._picture is None or self._picture[0] != theme.is_dark():
            count = len(self._counts)
            pixels = np.empty((count, count), np.uint32)
            for row, counts in enumerate(self._counts):
                total = sum(counts) or 1
                pixels[row] = [_ground(one, one / total, right=row == at).rgb() for at, one in enumerate(counts)]
            self._picture = theme.is_dark(), imaging.from_rgb32(pixels)
        return self._picture[1]

    def _paint_names(self, painter: QPainter) -> None:
        colours, metrics = theme.colours(), painter.fontMetrics()
        left, top = self._margins()
        side, breadth, line = self._side(), self._breadth(), metrics.height() + _GAP
        painter.setPen(QColor(colours.muted))
        painter.drawText(QRectF(left, _PADDING, self.width() - left, line), int(Qt.AlignmentFlag.AlignVCenter), "said →")
        painter.save()
        painter.translate(_PADDING, top)
        painter.rotate(90)
        painter.drawText(QRectF(0, -line, side * len(self._names), line), int(Qt.AlignmentFlag.AlignVCenter), "true →")
        painter.restore()
        painter.setPen(QColor(colours.text))
        for index, name in enumerate(self._names):
            if side >= metrics.height() - 2:
                box = QRectF(_PADDING + line, top + index * side, left - _PADDING - line - 2 * _GAP, side)
                text = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, int(box.width()))
                painter.drawText(box, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), text)
            if breadth >= 28:
                box = QRectF(left + index * breadth + 1, _PADDING + line, breadth - 3, line)
                text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, int(box.width()))
                painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), text)

    # --- a person

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Mark the cell under the pointer."""
        self.mark(self.cell_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """Take the mark away."""
        super().leaveEvent(event)
        self.mark(None)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the frame."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Hide the frame."""
        super().focusOutEvent(event)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the mark."""
        steps = {Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0)}
        step = steps.get(Qt.Key(event.key()))
        if step is None or not self._counts:
            super().keyPressEvent(event)
            return
        row, column = self._marked or (-step[0], -step[1])
        last = len(self._counts) - 1
        self.mark((max(0, min(last, row + step[0])), max(0, min(last, column + step[1]))))


def _ground(count: int, share: float, *, right: bool) -> QColor:
    """The colour of a cell; the root keeps a few mistakes among many pictures visible."""
    colours = theme.colours()
    if not count:
        return QColor(colours.canvas)
    one, two = QColor(colours.canvas), QColor(colours.accent if right else colours.warning)
    much = 0.15 + 0.85 * share**0.5
    mixed = (a + (b - a) * much for a, b in zip(one.getRgb()[:3], two.getRgb()[:3], strict=True))
    return QColor(*(round(part) for part in mixed))
