"""The receptive field of the unit under the pointer, on the picture."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPen

from core.insight.field import field_box
from gui import theme
from gui.state import AppState
from gui.widgets.picture_viewport import PictureViewport

_SHADE = QColor(0, 0, 0, 150)


class FieldOverlay:
    """Outlines what the hovered unit can see (:attr:`AppState.hovered_unit` of the layer now shown).

    While none is hovered, it is the unit whose effective field lies over the picture.
    """

    def __init__(self, state: AppState) -> None:
        self._state = state
        self.visible = True

    def paint(self, painter: QPainter, viewport: PictureViewport) -> None:
        """Draw the outline, dark below and bright above, so that it is seen on any picture."""
        unit, seen, shown = self._unit(), self._state.network_input, self._state.activations
        if unit is None or seen is None or shown is None:
            return
        box = field_box(shown.layer, *unit, seen)
        if box is None:
            return
        place = viewport.box_to_view(box)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, width in ((_SHADE, 4), (QColor(theme.colours().field), 2)):
            painter.setPen(QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.SquareCap, Qt.PenJoinStyle.MiterJoin))
            painter.drawRect(place)

    def _unit(self) -> tuple[int, int] | None:
        measured = self._state.channel.field
        if self._state.hovered_unit is None and measured is not None and measured.heat is not None:
            return measured.row, measured.column
        return self._state.hovered_unit
