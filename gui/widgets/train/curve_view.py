"""Curves over the epochs of a run, told apart by dashes and names as well as by colour."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Slot
from PySide6.QtGui import (
    QAction,
    QColor,
    QFocusEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui import theme
from gui.widgets.placeholder import heading_font
from gui.widgets.train.curve_scale import Kind, epochs_shown, tick_text, ticks, value_text

Point = tuple[float, float]
"""An epoch, which may be broken, and a value."""

DASHES: tuple[tuple[float, ...], ...] = ((), (5, 3), (1.5, 2.5), (8, 3, 1.5, 3), (3, 2))
_COLOURS = ("accent", "warning", "text", "error", "muted")
_GAP = theme.GRID
_DOTS = 40
"""Points of a curve that are still marked one by one."""


@dataclass(frozen=True, slots=True)
class Curve:
    """A curve: its name, and its points by rising epochs; those that are no numbers leave gaps."""

    name: str
    points: tuple[Point, ...]

    @property
    def last(self) -> Point | None:
        """The last point that is a number."""
        return next((point for point in reversed(self.points) if math.isfinite(point[1])), None)


class CurveView(QWidget):
    """Draws curves with axes; the pointer, or Left and Right, mark an epoch and tell its values.

    Parameters
    ----------
    title
        What the values are; the widget's accessible name.
    kind
        How values are written: "share" in per cent.
    empty
        What is said while there is nothing to draw.
    """

    def __init__(self, title: str, kind: Kind, empty: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title, self._kind, self._empty = title, kind, empty
        self._curves: tuple[Curve, ...] = ()
        self._faint: tuple[Point, ...] = ()
        self._epochs = 1
        self._marked: int | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(title)
        self.setToolTip("Point at an epoch, or press Left and Right, for its values; Ctrl+C copies them all as CSV")
        copy = QAction("&Copy as CSV", self)
        copy.triggered.connect(self.copy)
        self.addAction(copy)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self._describe()

    def set_title(self, title: str) -> None:
        """Name the values otherwise."""
        if title != self._title:
            self._title = title
            self.setAccessibleName(title)
            self.update()

    def set_empty(self, sentence: str) -> None:
        """Say something else while there is nothing to draw."""
        if sentence != self._empty:
            self._empty = sentence
            self._describe()
            self.update()

    def set_curves(self, curves: tuple[Curve, ...], epochs: int) -> None:
        """Draw these; ``epochs`` is how many the run has at most."""
        self._curves, self._epochs = curves, max(1, epochs)
        if self._marked is not None and self._marked not in self._known():
            self._marked = None
        self._describe()
        self.update()

    def set_faint(self, points: tuple[Point, ...]) -> None:
        """Draw these faintly behind the curves: values of single batches."""
        self._faint = points
        self.update()

    @property
    def curves(self) -> tuple[Curve, ...]:
        """What is drawn."""
        return self._curves

    @property
    def marked(self) -> int | None:
        """The epoch whose values are told, if there is one."""
        return self._marked

    def readout(self) -> str:
        """The values of the marked epoch in words, "" without one."""
        if self._marked is None:
            return ""
        said = [f"{one.name} {value_text(dict(one.points)[self._marked], self._kind)}"
                for one in self._curves if self._marked in dict(one.points)]  # fmt: skip
        return " · ".join((f"epoch {self._marked}", *said))

    def as_csv(self) -> str:
        """All values, a row an epoch."""
        names = ",".join(f'"{one.name.replace(chr(34), chr(34) * 2)}"' for one in self._curves)
        rows = [f"epoch,{names}"]
        tables = [dict(one.points) for one in self._curves]
        for epoch in self._known():
            rows.append(",".join((str(epoch), *(f"{table[epoch]:.6g}" if epoch in table else "" for table in tables))))
        return "\n".join(rows) + "\n"

    @Slot()
    def copy(self) -> None:
        """Put all values onto the clipboard as CSV."""
        QGuiApplication.clipboard().setText(self.as_csv())

    def _known(self) -> list[int]:
        return sorted({int(epoch) for one in self._curves for epoch, _ in one.points})

    def _describe(self) -> None:
        ends = [f"{one.name} {value_text(one.last[1], self._kind)}" for one in self._curves if one.last is not None]
        known = self._known()
        words = f"After epoch {known[-1]} of {self._epochs}: {', '.join(ends)}" if known and ends else self._empty
        self.setAccessibleDescription(words)

    # --- where things are

    def sizeHint(self) -> QSize:
        """Wide and low."""
        return QSize(400, 200)

    def minimumSizeHint(self) -> QSize:
        """Room for a few ticks."""
        return QSize(200, 110)

    def _values(self) -> list[float]:
        values = [value for one in self._curves for _, value in one.points if math.isfinite(value)]
        if len(self._known()) > 1:  # the first batches of a run are far above all that follows
            return values
        return values + [value for _, value in self._faint if math.isfinite(value)]

    def _levels(self) -> list[float]:
        values = self._values()
        low, high = (min(values), max(values)) if values else (0.0, 1.0)
        room = max(2, int((self.height() - 3 * self.fontMetrics().height()) / (2.2 * self.fontMetrics().height())))
        if self._kind == "share":
            low, high = max(0.0, min(low, 0.999)), min(1.0, max(high, low + 0.01))
            return [one for one in ticks(low, high, room) if -1e-9 <= one <= 1 + 1e-9]
        return ticks(min(low, max(0.0, low - 0.05 * (high - low))), high, room)

    def _end_label(self, one: Curve) -> str:
        assert one.last is not None
        return f"{one.name} {value_text(one.last[1], self._kind)}"

    def _plot(self, levels: list[float]) -> QRectF:
        metrics = self.fontMetrics()
        step = levels[1] - levels[0] if len(levels) > 1 else 1.0
        left = max(metrics.horizontalAdvance(tick_text(one, step, self._kind)) for one in levels) + 2 * _GAP + 1
        ends = [metrics.horizontalAdvance(self._end_label(one)) for one in self._curves if one.last is not None]
        right = min(int(0.36 * self.width()), max(ends, default=0)) + 3 * _GAP
        top, bottom = metrics.height() + 2 * _GAP, metrics.height() + 2 * _GAP
        return QRectF(left, top, max(1, self.width() - left - right), max(1, self.height() - top - bottom))

    def _reach(self) -> int:
        known = self._known()
        furthest = max(known[-1] if known else 0, self._faint[-1][0] if self._faint else 0)
        return epochs_shown(furthest, self._epochs)

    def epoch_at(self, x: float) -> int | None:
        """The known epoch nearest to a place from the left, in pixels."""
        known = self._known()
        if not known:
            return None
        plot = self._plot(self._levels())
        there = (x - plot.left()) / plot.width() * self._reach()
        return min(known, key=lambda epoch: abs(epoch - there))

    # --- drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw title, axes, curves and the marked epoch."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = theme.colours()
        painter.setPen(QColor(colours.text))
        painter.setFont(heading_font(self.font()))
        line = QRectF(_GAP, 0, self.width() - 2 * _GAP, self.fontMetrics().height() + _GAP)
        taken = painter.fontMetrics().horizontalAdvance(self._title) + 3 * _GAP
        title = painter.fontMetrics().elidedText(self._title, Qt.TextElideMode.ElideMiddle, int(line.width()))
        painter.drawText(line, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), title)
        painter.setFont(theme.tabular(self.font()))
        if not self._values():
            painter.setPen(QColor(colours.muted))
            place = QRectF(self.rect()).adjusted(4 * _GAP, line.height(), -4 * _GAP, 0)
            painter.drawText(place, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), self._empty)
        else:
            levels = self._levels()
            plot = self._plot(levels)
            self._paint_axes(painter, plot, levels)
            self._paint_curves(painter, plot, levels)
            room = line.adjusted(taken, 0, 0, 0)
            said = painter.fontMetrics().elidedText(self.readout(), Qt.TextElideMode.ElideRight, int(room.width()))
            painter.setPen(QColor(colours.text))
            painter.drawText(room, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), said)
        if self.hasFocus():
            painter.setPen(QColor(colours.accent))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)

    def _paint_axes(self, painter: QPainter, plot: QRectF, levels: list[float]) -> None:
        colours, metrics = theme.colours(), painter.fontMetrics()
        step = levels[1] - levels[0] if len(levels) > 1 else 1.0
        for level in levels:
            y = round(_place(plot, level, levels)) + 0.5
            painter.setPen(QPen(QColor(colours.line), 1))
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
            painter.setPen(QColor(colours.muted))
            box = QRectF(0, y - metrics.height() / 2, plot.left() - _GAP, metrics.height())
            flags = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            painter.drawText(box, flags, tick_text(level, step, self._kind))
        reach, below = self._reach(), plot.bottom() + _GAP
        name = "epoch"
        free = plot.right() + _GAP
        painter.drawText(QRectF(free, below, self.width() - free, metrics.height()), int(Qt.AlignmentFlag.AlignLeft), name)
        wide = metrics.horizontalAdvance(str(reach)) + 4 * _GAP
        whole = [one for one in ticks(0, reach, max(2, int(plot.width() / wide))) if one == int(one) and one <= reach]
        for one in whole:
            x = plot.left() + one / reach * plot.width()
            painter.drawText(QRectF(x - 40, below, 80, metrics.height()), int(Qt.AlignmentFlag.AlignHCenter), f"{int(one)}")

    def _paint_curves(self, painter: QPainter, plot: QRectF, levels: list[float]) -> None:
        colours, reach = theme.colours(), self._reach()

        def at(point: Point) -> QPointF:
            return QPointF(plot.left() + point[0] / reach * plot.width(), _place(plot, point[1], levels))

        painter.save()
        painter.setClipRect(plot.adjusted(-3, -3, 3, 3))
        faint = QColor(colours.muted)
        faint.setAlphaF(0.45)
        painter.setPen(QPen(faint, 1))
        painter.drawPolyline(QPolygonF([at(one) for one in self._faint if math.isfinite(one[1])]))
        if self._marked is not None:
            x = plot.left() + self._marked / reach * plot.width()
            painter.setPen(QPen(QColor(colours.muted), 1))
            painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))
        for number, one in enumerate(self._curves):
            colour = QColor(getattr(colours, _COLOURS[number % len(_COLOURS)]))
            pen = QPen(colour, 2)
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            if dashes := DASHES[number % len(DASHES)]:
                pen.setDashPattern(dashes)
            painter.setPen(pen)
            for piece in _pieces(one.points):
                painter.drawPolyline(QPolygonF([at(point) for point in piece]))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            for point in one.points:
                if math.isfinite(point[1]) and (len(one.points) <= _DOTS or point[0] == self._marked):
                    painter.drawEllipse(at(point), *((4, 4) if point[0] == self._marked else (2.5, 2.5)))
        painter.restore()
        self._paint_ends(painter, plot, levels)

    def _paint_ends(self, painter: QPainter, plot: QRectF, levels: list[float]) -> None:
        """Name each curve at its right, the names pushed apart where they would lie upon each other."""
        high = painter.fontMetrics().height()
        ended = [(number, one) for number, one in enumerate(self._curves) if one.last is not None]
        wanted = [_place(plot, one.last[1], levels) if one.last else 0.0 for _, one in ended]
        places = spread(wanted, high, plot.top() - high / 2, plot.bottom() + high / 2)
        left = plot.right() + 2 * _GAP
        for (number, one), y in zip(ended, places, strict=True):
            painter.setPen(QColor(getattr(theme.colours(), _COLOURS[number % len(_COLOURS)])))
            text = painter.fontMetrics().elidedText(
                self._end_label(one), Qt.TextElideMode.ElideMiddle, int(self.width() - left - _GAP)
            )
            box = QRectF(left, y - high / 2, self.width() - left, high)
            painter.drawText(box, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), text)

    # --- a person

    def _mark(self, epoch: int | None) -> None:
        if epoch != self._marked:
            self._marked = epoch
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Mark the epoch under the pointer."""
        self._mark(self.epoch_at(event.position().x()))

    def leaveEvent(self, event: QEvent) -> None:
        """Take the mark away."""
        super().leaveEvent(event)
        self._mark(None)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the frame."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the mark away."""
        super().focusOutEvent(event)
        self._mark(None)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the mark, or copy."""
        known = self._known()
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
            return
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Home: -len(known), Qt.Key.Key_End: len(known)}
        step = steps.get(Qt.Key(event.key()))
        if step is None or not known:
            super().keyPressEvent(event)
            return
        at = known.index(self._marked) + step if self._marked in known else len(known) - 1
        self._mark(known[max(0, min(len(known) - 1, at))])


def spread(wanted: list[float], distance: float, low: float, high: float) -> list[float]:
    """Places as near to the wanted ones as can be, at least ``distance`` apart and within bounds while there is room."""
    order = sorted(range(len(wanted)), key=lambda index: wanted[index])
    places = list(wanted)
    floor = low + distance / 2
    for index in order:
        places[index] = floor = max(wanted[index], floor)
        floor += distance
    ceiling = high - distance / 2
    for index in reversed(order):
        places[index] = ceiling = min(places[index], ceiling)
        ceiling -= distance
    return places


def _place(plot: QRectF, value: float, levels: list[float]) -> float:
    low, high = levels[0], levels[-1]
    return plot.bottom() - (value - low) / ((high - low) or 1.0) * plot.height()


def _pieces(points: tuple[Point, ...]) -> list[list[Point]]:
    """Cut at what is no number."""
    pieces: list[list[Point]] = [[]]
    for point in points:
        if math.isfinite(point[1]):
            pieces[-1].append(point)
        elif pieces[-1]:
            pieces.append([])
    return pieces
