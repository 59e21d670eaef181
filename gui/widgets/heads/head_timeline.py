"""The way through the network from left to right: where each head hangs, and how sure it is."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFont, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from core.types import HeadAnswer
from gui import theme
from gui.itemmodels.head_model import percent, place_words, sure_words
from gui.state import AppState
from gui.widgets.placeholder import heading_font

_SIDE = 16
_BAR = 36
_WIDE = 10
_DOT = 4.0
_REACH = 24
_TOP = 20


class HeadTimeline(QWidget):
    """A line from the input to the output, as long as the multiply-adds; on it, for each head, how sure its top-1 is."""

    head_chosen = Signal(object)  # HeadAnswer

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._facts = state.heads
        self._current = -1
        self.setObjectName("headTimeline")
        self.setAccessibleName("Heads along the network")
        self.setToolTip("Click a head to look at the layer that it hangs on (Left, Right, Return)")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._facts.changed.connect(self._show)
        state.layer_changed.connect(self._follow_layer)
        self._show()

    def sizeHint(self) -> QSize:
        """Bars, the line, and two lines of words below it."""
        return QSize(240, _TOP + _BAR + 2 * self.fontMetrics().lineSpacing() + 2 * theme.GRID + 2)

    def minimumSizeHint(self) -> QSize:
        """As high, and narrower."""
        return QSize(160, self.sizeHint().height())

    @property
    def heads(self) -> tuple[HeadAnswer, ...]:
        """What is drawn."""
        return self._facts.answer.heads if self._facts.answer is not None else ()

    @property
    def current(self) -> int:
        """The head that the keyboard is at; -1 for none."""
        return self._current

    @Slot()
    def _show(self) -> None:
        self._follow_layer()
        heads = self.heads
        said = "; ".join(f"{place_words(head)}, {sure_words(head)}" for head in heads)
        self.setAccessibleDescription(f"From input to output. {said}" if heads else "No head has been asked yet")
        self.update()

    @Slot()
    def _follow_layer(self) -> None:
        places = [place for place, head in enumerate(self.heads) if head.layer == self._state.layer]
        self._current = places[0] if places else min(self._current, len(self.heads) - 1)
        self.update()

    def spot(self, head: HeadAnswer) -> QPointF:
        """Where on the line a head hangs."""
        room = self.width() - 2 * _SIDE
        return QPointF(_SIDE + room * min(1.0, max(0.0, head.share)), _TOP + _BAR)

    def _at(self, x: float) -> int:
        """The head nearest to a place; -1 if none is near."""
        far = [abs(self.spot(head).x() - x) for head in self.heads]
        return far.index(min(far)) if far and min(far) <= _REACH else -1

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the head that is clicked."""
        place = self._at(event.position().x())
        if event.button() == Qt.MouseButton.LeftButton and place >= 0:
            self._choose(place)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say what the head under the pointer is."""
        place = self._at(event.position().x())
        self.setCursor(Qt.CursorShape.PointingHandCursor if place >= 0 else Qt.CursorShape.ArrowCursor)
        if place >= 0:
            head = self.heads[place]
            QToolTip.showText(event.globalPosition().toPoint(), f"{sure_words(head)} — {place_words(head)}", self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go from head to head with the arrow keys; look at its layer with Return or the space bar."""
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
        if step and self.heads:
            self._current = max(0, min(len(self.heads) - 1, self._current + step))
            self.update()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and 0 <= self._current < len(self.heads):
            self._choose(self._current)
        else:
            super().keyPressEvent(event)

    def _choose(self, place: int) -> None:
        self._current = place
        self.update()
        self.head_chosen.emit(self.heads[place])

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the line, then each head."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = theme.colours()
        left, right, height = _SIDE, self.width() - _SIDE, _TOP + _BAR
        painter.setPen(QPen(QColor(colours.muted), 2))
        painter.drawLine(QPointF(left, height), QPointF(right, height))
        painter.drawLine(QPointF(left, height - 4), QPointF(left, height + 4))
        below = QRect(0, height + 2 * theme.GRID, 60, self.fontMetrics().lineSpacing())
        painter.drawText(below.adjusted(4, 0, 0, 0), int(Qt.AlignmentFlag.AlignLeft), "input")
        for place, head in enumerate(self.heads):
            self._paint_head(painter, head, current=place == self._current)
        painter.end()

    def _paint_head(self, painter: QPainter, head: HeadAnswer, *, current: bool) -> None:
        colours, spot = theme.colours(), self.spot(head)
        sure = head.predictions[0].probability if head.predictions else 0.0
        track = QRectF(spot.x() - _WIDE / 2, spot.y() - _BAR, _WIDE, _BAR - _DOT)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.accent_soft))
        painter.drawRoundedRect(track, 2, 2)
        bar = QRectF(track)
        bar.setTop(track.bottom() - max(1.0, track.height() * sure))
        painter.setBrush(QColor(colours.bar))
        painter.drawRoundedRect(bar, 2, 2)
        painter.setPen(QPen(QColor(colours.accent), 2 if current else 1))
        painter.setBrush(QColor(colours.accent if current else colours.panel))
        painter.drawEllipse(spot, _DOT + current, _DOT + current)
        if current and self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(track.adjusted(-4, -2, 4, 2 * _DOT + 4), 4, 4)
        line = self.fontMetrics().lineSpacing()
        under = round(spot.y()) + 2 * theme.GRID
        self._write(painter, spot.x(), 0, percent(sure), colours.text, theme.tabular(self.font()))
        font = heading_font(self.font()) if current else self.font()
        self._write(painter, spot.x(), under, head.name, colours.text, font)
        self._write(painter, spot.x(), under + line, percent(head.share), colours.muted, theme.tabular(self.font()))

    def _write(self, painter: QPainter, middle: float, top: int, text: str, colour: str, font: QFont) -> None:
        """Write under or over a place on the line, but inside of the widget."""
        painter.setFont(font)
        painter.setPen(QColor(colour))
        width = painter.fontMetrics().horizontalAdvance(text) + 2
        left = max(0, min(self.width() - width, round(middle - width / 2)))
        painter.drawText(QRect(left, top, width, self.fontMetrics().lineSpacing()), int(Qt.AlignmentFlag.AlignCenter), text)
