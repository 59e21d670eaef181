"""What lies over the picture, and what its colours stand for: a small card on the picture."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from core.types import Heat
from gui import theme
from gui.state import AppState
from gui.widgets.heat_scale import end_words, paint_gradient

_WIDEST = 300
_NARROWEST = 120
_GRADIENT = 8
_PADDING = 2 * theme.GRID
_GROUND_ALPHA = 216
_LOW = 200
"""Below this height of the view only the gradients and their numbers are left."""


class OverlayLegend(QWidget):
    """For each overlay that is shown: its name, the gradient, and the values at both ends. It lets clicks through."""

    def __init__(self, state: AppState, parent: QWidget) -> None:
        super().__init__(parent)
        self._state = state
        self._brief = False
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setObjectName("overlayLegend")
        self.setAccessibleName("Legend of what lies over the picture")
        state.overlays.changed.connect(self._follow)
        self._follow()

    def heats(self) -> tuple[Heat, ...]:
        """The heat maps that are shown, the lowest first."""
        return tuple(overlay.heat for _, overlay in self._state.overlays.shown() if overlay.heat is not None)

    @Slot()
    def _follow(self) -> None:
        lines = []
        for heat in self.heats():
            low, high = end_words(heat)
            lines.append(f"{heat.words}: colours from {low} to {high}")
        self.setAccessibleDescription("; ".join(lines))
        self.update()

    def place(self, area: QRect, *, wanted: bool) -> None:
        """Take the lower left corner of ``area``, or go away where nothing is shown or not ``wanted``."""
        self._brief = area.height() < _LOW
        size = self.sizeHint()
        room = area.adjusted(_PADDING, _PADDING, -_PADDING, -_PADDING)
        width = min(size.width(), room.width())
        fits = width >= _NARROWEST and size.height() <= room.height()
        self.setVisible(wanted and bool(self.heats()) and fits)
        self.setGeometry(room.left(), room.bottom() + 1 - size.height(), width, size.height())
        self.update()

    def sizeHint(self) -> QSize:
        """Room for the longest name up to a limit, and for a gradient between two numbers."""
        heats, metrics = self.heats(), QFontMetrics(self._figures())
        words = max((metrics.horizontalAdvance(heat.words) for heat in heats if not self._brief), default=0)
        numbers = max((sum(map(metrics.horizontalAdvance, end_words(heat))) for heat in heats), default=0) + 72
        wide = min(_WIDEST, max(words, numbers, 160 - 2 * _PADDING) + 2 * _PADDING + theme.GRID)
        return QSize(wide, len(heats) * self._row_height() + max(0, len(heats) - 1) * theme.GRID + 2 * _PADDING - theme.GRID)

    def _row_height(self) -> int:
        return QFontMetrics(self._figures()).height() * (1 if self._brief else 2)

    def _figures(self) -> QFont:
        font = theme.tabular(self.font())
        font.setPointSizeF(max(7.0, font.pointSizeF() - 1))
        return font

    def changeEvent(self, event: QEvent) -> None:
        """Take the colours of a new theme."""
        super().changeEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the card and a row for each overlay."""
        c = theme.colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground, edge = QColor(c.panel), QColor(c.line)
        ground.setAlpha(_GROUND_ALPHA)
        painter.setPen(edge)
        painter.setBrush(ground)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setFont(self._figures())
        row = QRect(_PADDING, _PADDING - theme.GRID // 2, self.width() - 2 * _PADDING, self._row_height())
        for heat in self.heats():
            self._paint_row(painter, row, heat)
            row.translate(0, row.height() + theme.GRID)

    def _paint_row(self, painter: QPainter, row: QRect, heat: Heat) -> None:
        line, metrics = painter.fontMetrics().height(), painter.fontMetrics()
        left, right = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setPen(QColor(theme.colours().text))
        if not self._brief:
            words = metrics.elidedText(heat.words, Qt.TextElideMode.ElideMiddle, row.width())
            painter.drawText(QRect(row.left(), row.top(), row.width(), line), int(left | middle), words)
        scale = QRect(row.left(), row.bottom() + 1 - line, row.width(), line)
        low, high = end_words(heat)
        painter.drawText(scale, int(left | middle), low)
        painter.drawText(scale, int(right | middle), high)
        before, after = metrics.horizontalAdvance(low) + 6, metrics.horizontalAdvance(high) + 6
        top = scale.center().y() - _GRADIENT // 2 + 1
        gradient = QRect(scale.left() + before, top, row.width() - before - after, _GRADIENT)
        if gradient.width() > _GRADIENT:
            paint_gradient(painter, gradient, heat)
