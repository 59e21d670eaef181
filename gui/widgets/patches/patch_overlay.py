"""The outline of the opened patch on the picture."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QWidget

from gui import theme
from gui.state import AppState
from gui.widgets.picture_viewport import PictureViewport

_SHADE = QColor(0, 0, 0, 150)
_STROKES = ((_SHADE, 5, Qt.PenStyle.SolidLine), (None, 2, Qt.PenStyle.DashLine))


class PatchOverlay(QObject):
    """Outlines what the unit of the opened patch sees, dashed, until a unit under the pointer is outlined instead."""

    def __init__(self, state: AppState, view: QWidget) -> None:
        super().__init__(view)
        self._state, self._view = state, view
        self.visible = True
        state.patches.opened_changed.connect(self._follow)

    @Slot()
    def _follow(self) -> None:
        self._view.update()

    def paint(self, painter: QPainter, viewport: PictureViewport) -> None:
        """Draw it once its picture is there: a dark line below, a bright one above, to be seen on any picture."""
        opened, picture = self._state.patches.opened, self._state.picture
        if opened is None or opened.patch.box is None or self._state.hovered_unit is not None:
            return
        if picture is None or picture.image != opened.patch.image:
            return
        place = viewport.box_to_view(opened.patch.box)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, width, style in _STROKES:
            stroke = colour or QColor(theme.colours().field)
            painter.setPen(QPen(stroke, width, style, Qt.PenCapStyle.SquareCap, Qt.PenJoinStyle.MiterJoin))
            painter.drawRect(place)
