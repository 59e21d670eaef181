"""Curves over the epochs of a run, told apart by dashes and names as well as by colour."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, QSizeF, Qt, Slot
from PySide6.QtGui import (
    QAction,
    QColor,
    QFocusEvent,
    QFontMetricsF,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui import theme
from gui.widgets.placeholder import heading_font
from gui.widgets.train.curve_painting import paint_plan
from gui.widgets.train.curve_plan import Curve, CurvePlan, Point, known_epochs
from gui.widgets.train.curve_scale import Kind, value_text

_GAP = theme.GRID


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
        if self._marked is not None and self._marked not in known_epochs(self._curves):
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
        for epoch in known_epochs(self._curves):
            rows.append(",".join((str(epoch), *(f"{table[epoch]:.6g}" if epoch in table else "" for table in tables))))
        return "\n".join(rows) + "\n"

    @Slot()
    def copy(self) -> None:
        """Put all values onto the clipboard as CSV."""
        QGuiApplication.clipboard().setText(self.as_csv())

    def _describe(self) -> None:
        ends = [one.end_label(self._kind) for one in self._curves if one.last is not None]
        known = known_epochs(self._curves)
        words = f"After epoch {known[-1]} of {self._epochs}: {', '.join(ends)}" if known and ends else self._empty
        self.setAccessibleDescription(words)

    # --- where things are

    def sizeHint(self) -> QSize:
        """Wide and low."""
        return QSize(400, 200)

    def minimumSizeHint(self) -> QSize:
        """Room for a few ticks."""
        return QSize(200, 110)

    def plan(self) -> CurvePlan:
        """Where everything is, as the widget is now."""
        metrics = QFontMetricsF(theme.tabular(self.font()))
        return CurvePlan(
            self._curves, self._faint, self._epochs, self._kind, QSizeF(self.size()), metrics, self._head() + 2 * _GAP
        )

    def _head(self) -> float:
        return QFontMetricsF(heading_font(self.font())).height()

    # --- drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the title, and on a card below it axes, curves and the marked epoch."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours, plan = theme.colours(), self.plan()
        card = QRectF(self.rect()).adjusted(0.5, self._head() + _GAP + 0.5, -0.5, -0.5)
        painter.setPen(QPen(QColor(colours.accent if self.hasFocus() else colours.line), 1))
        painter.setBrush(QColor(colours.panel))
        painter.drawRoundedRect(card, 6, 6)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        self._paint_title(painter)
        painter.setFont(theme.tabular(self.font()))
        if plan.values:
            paint_plan(painter, plan, self._marked)
            return
        painter.setPen(QColor(colours.muted))
        place = card.adjusted(4 * _GAP, _GAP, -4 * _GAP, -_GAP)
        painter.drawText(place, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), self._empty)

    def _paint_title(self, painter: QPainter) -> None:
        line, said = QRectF(0, 0, self.width(), self._head()), self.readout()
        painter.setPen(QColor(theme.colours().text))
        painter.setFont(theme.tabular(self.font()))
        reserved = min(painter.fontMetrics().horizontalAdvance(said) + 3 * _GAP, 0.75 * self.width()) if said else 0.0
        painter.setFont(heading_font(self.font()))
        title = painter.fontMetrics().elidedText(self._title, Qt.TextElideMode.ElideMiddle, int(line.width() - reserved))
        painter.drawText(line, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), title)
        room = line.adjusted(painter.fontMetrics().horizontalAdvance(title) + 3 * _GAP, 0, 0, 0)
        painter.setFont(theme.tabular(self.font()))
        fitting = painter.fontMetrics().elidedText(said, Qt.TextElideMode.ElideRight, int(room.width()))
        painter.drawText(room, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), fitting)

    # --- a person

    def _mark(self, epoch: int | None) -> None:
        if epoch != self._marked:
            self._marked = epoch
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Mark the epoch under the pointer."""
        self._mark(self.plan().epoch_at(event.position().x()))

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
        known = known_epochs(self._curves)
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
