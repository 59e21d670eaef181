"""A view that is zoomed and panned with wheel, pinch, mouse and keys."""

from __future__ import annotations

import sys

from PySide6.QtCore import QEvent, QPointF, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QMouseEvent, QNativeGestureEvent, QWheelEvent
from PySide6.QtWidgets import QGestureEvent, QPinchGesture, QWidget

from gui.widgets.picture_viewport import PictureViewport

ZOOM_STEP = 1.25
PAN_STEP = 48.0
_WHEEL_STEP = 120.0
"""What one notch of a wheel reports."""

_PAN_KEYS = {
    Qt.Key.Key_Left: QPointF(PAN_STEP, 0),
    Qt.Key.Key_Right: QPointF(-PAN_STEP, 0),
    Qt.Key.Key_Up: QPointF(0, PAN_STEP),
    Qt.Key.Key_Down: QPointF(0, -PAN_STEP),
}


class ZoomPanView(QWidget):
    """Moves a :class:`PictureViewport` as a person asks; what is painted is the subclass's affair.

    The wheel and a pinch zoom around the pointer; ``+ - 0 1`` zoom in, out, to fit and to 100 %; a double click goes
    between fitted and 100 %; dragging and the arrow keys pan where there is something to pan to, and otherwise leave
    the keys to the window.
    """

    zoom_changed = Signal(float)  # device pixels a picture pixel; 1.0 is 100 %
    moved = Signal()  # another part of the picture is shown, or the same in another size

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.viewport = PictureViewport()
        self._dragged_from: QPointF | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        # On macOS the trackpad's pinch comes as a native gesture; grabbing it as well would zoom twice.
        if sys.platform != "darwin":
            self.grabGesture(Qt.GestureType.PinchGesture)

    def has_content(self) -> bool:
        """Whether there is something to zoom; for the subclass to say."""
        return False

    @property
    def zoom(self) -> float:
        """Device pixels a picture pixel."""
        return self.viewport.zoom

    def to_view(self, point: QPointF) -> QPointF:
        """From pixels of the original to device-independent pixels of this widget."""
        return self.viewport.to_view(point)

    def to_picture(self, point: QPointF) -> QPointF:
        """From device-independent pixels of this widget to pixels of the original."""
        return self.viewport.to_picture(point)

    @Slot()
    def zoom_in(self) -> None:
        """Zoom in around the middle."""
        self._zoom_to(self.zoom * ZOOM_STEP)

    @Slot()
    def zoom_out(self) -> None:
        """Zoom out around the middle."""
        self._zoom_to(self.zoom / ZOOM_STEP)

    @Slot()
    def zoom_to_fit(self) -> None:
        """Show all of the picture."""
        self.viewport.fit()
        self._after_move()

    @Slot()
    def zoom_to_actual(self) -> None:
        """Show one picture pixel a device pixel."""
        self._zoom_to(1.0)

    def look_at(self, point: QPointF, zoom: float) -> None:
        """Show a pixel of the original in the middle, as near as that can be."""
        if self.has_content():
            self.viewport.set_zoom(zoom)
            self.viewport.pan(self.viewport.area.center() - self.viewport.to_view(point))
            self._after_move()

    def _zoom_to(self, zoom: float, anchor: QPointF | None = None) -> None:
        if self.has_content():
            self.viewport.set_zoom(zoom, anchor)
            self._after_move()

    def _pan(self, delta: QPointF) -> None:
        self.viewport.pan(delta)
        self.moved.emit()
        self.update()

    def _after_move(self) -> None:
        """Tell the zoom that the viewport now has."""
        self._set_hand()
        self.zoom_changed.emit(self.zoom)
        self.moved.emit()
        self.update()

    def _can_pan(self) -> bool:
        return self.has_content() and self.viewport.can_pan()

    def _set_hand(self) -> None:
        if self._dragged_from is not None:
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        elif self._can_pan():
            self.setCursor(Qt.CursorShape.OpenHandCursor)
        else:
            self.unsetCursor()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom around the pointer."""
        turned = event.angleDelta().y()
        if turned and self.has_content():
            self._zoom_to(self.zoom * ZOOM_STEP ** (turned / _WHEEL_STEP), event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to pan."""
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton) and self._can_pan():
            self._dragged_from = event.position()
            self._set_hand()
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Pan."""
        if self._dragged_from is not None:
            self._pan(event.position() - self._dragged_from)
            self._dragged_from = event.position()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End panning."""
        if self._dragged_from is None:
            super().mouseReleaseEvent(event)
        self._dragged_from = None
        self._set_hand()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Go between the fitted picture and 100 % around the pointer."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        if self.viewport.fitted:
            self._zoom_to(1.0, event.position())
        else:
            self.zoom_to_fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Zoom or pan; other keys go to the window."""
        key = event.key()
        if key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom_in()
        elif key in (Qt.Key.Key_Minus, Qt.Key.Key_Underscore):
            self.zoom_out()
        elif key == Qt.Key.Key_0:
            self.zoom_to_fit()
        elif key == Qt.Key.Key_1:
            self.zoom_to_actual()
        elif key in _PAN_KEYS and self._can_pan():
            self._pan(_PAN_KEYS[Qt.Key(key)])
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Take the pinch of a trackpad or a touch screen, and a move to a screen of another resolution."""
        if isinstance(event, QNativeGestureEvent) and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
            self._zoom_to(self.zoom * (1 + event.value()), event.position())
            return True
        if isinstance(event, QGestureEvent):
            return self._pinch(event)
        return super().event(event)

    def _pinch(self, event: QGestureEvent) -> bool:
        gesture = event.gesture(Qt.GestureType.PinchGesture)
        if not isinstance(gesture, QPinchGesture):
            return False
        middle = QPointF(self.mapFromGlobal(gesture.centerPoint().toPoint()))
        self._zoom_to(self.zoom * gesture.scaleFactor(), middle)
        event.accept(gesture)
        return True
