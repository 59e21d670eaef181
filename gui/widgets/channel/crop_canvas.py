"""What the network saw, at the scale of the map beside it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Slot
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from core.insight.field import field_box
from core.types import Box, NetworkInput
from gui import imaging, theme
from gui.state import AppState
from gui.widgets.channel.pixel_frame import paint_outline


class CropCanvas(QWidget):
    """Fills itself with :attr:`AppState.network_input`; outlines what the hovered unit sees, and tells the hovered point."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._pixmap = QPixmap()
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Picture beside the map")
        state.network_input_changed.connect(self._show)
        state.unit_hovered.connect(self._follow)
        self._show(state.network_input)

    @Slot(object)
    def _show(self, seen: NetworkInput | None) -> None:
        self._pixmap = imaging.to_pixmap(seen.pixels) if seen is not None else QPixmap()
        words = f"What the network saw, {self._pixmap.width()} by {self._pixmap.height()} pixels"
        self.setAccessibleDescription(words if seen is not None else "No picture")
        self.update()

    @Slot(object)
    def _follow(self, _unit: object) -> None:
        self.update()

    def sizeHint(self) -> QSize:
        """A square."""
        return QSize(140, 140)

    def minimumSizeHint(self) -> QSize:
        """Small, but still a picture."""
        return QSize(48, 48)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the picture, and what the hovered unit sees of it."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.colours().canvas))
        if self._pixmap.isNull():
            return
        wanted = (QRectF(self.rect()).size() * self.devicePixelRatioF()).toSize()
        pixmap = imaging.stretched(self._pixmap, wanted)
        painter.drawPixmap(QRectF(self.rect()), pixmap, QRectF(pixmap.rect()))
        state = self._state
        if state.hovered_unit is None or state.activations is None or state.network_input is None:
            return
        box = field_box(state.activations.layer, *state.hovered_unit, state.network_input)
        if box is not None:
            paint_outline(painter, self._to_view(box, state.network_input).adjusted(1, 1, -1, -1), theme.colours().field)

    def _to_view(self, box: Box, seen: NetworkInput) -> QRectF:
        left, top, right, bottom = seen.box
        across, down = self.width() / (right - left), self.height() / (bottom - top)
        corner = QPointF((box[0] - left) * across, (box[1] - top) * down)
        return QRectF(corner, QPointF((box[2] - left) * across, (box[3] - top) * down))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell the point of the picture under the pointer."""
        seen = self._state.network_input
        if seen is None or not QRectF(self.rect()).contains(event.position()):
            return
        left, top, right, bottom = seen.box
        across, down = event.position().x() / self.width(), event.position().y() / self.height()
        self._state.selection.hover_point((left + across * (right - left), top + down * (bottom - top)))

    def leaveEvent(self, event: QEvent) -> None:
        """There is no such point any more."""
        super().leaveEvent(event)
        self._state.selection.hover_point(None)

    def changeEvent(self, event: QEvent) -> None:
        """Repaint in the colours of a new theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self.update()
