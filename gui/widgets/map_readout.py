"""The numbers of the current map, and what its colours stand for."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QWidget

from core.types import ActivationGrid
from gui import theme
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.map_colours import ALIKE
from gui.widgets.map_grid import MapGrid
from gui.widgets.map_legend import MapLegend
from gui.widgets.map_words import describe_map, describe_nans, explain_map

_ONE_LINE_FROM = 700
_RANGE_FROM = 500
_NUMBERS_FROM_HEIGHT = 220
_LEGEND_FROM_HEIGHT = 150


class MapReadout(QWidget):
    """Legend and statistics, side by side or below each other; a low view keeps the legend, a very low one neither."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.legend = MapLegend(self)
        self.numbers = ElidedLabel(self, muted=True)
        self.nans = ElidedLabel(self)
        self.nans.setProperty("tone", "error")
        self._brief = False
        row = QHBoxLayout()
        row.setSpacing(2 * theme.GRID)
        row.addWidget(self.numbers, 1)
        row.addWidget(self.nans)
        self._parts = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._parts.setContentsMargins(0, 0, 0, 0)
        self._parts.addWidget(self.legend, 0, Qt.AlignmentFlag.AlignLeft)
        self._parts.addLayout(row, 1)
        self._use_figures()

    def show_channel(self, grid: ActivationGrid, maps: MapGrid) -> None:
        """Show what there is to say about the current one of the maps."""
        channel = maps.current
        whose = "all maps of the layer" if maps.scaling == ALIKE else f"channel {channel}"
        self.legend.show_ends(*maps.ends(), maps.colour_map, whose)
        self.numbers.setText(describe_map(grid, channel, brief=self._brief))
        self.numbers.setAccessibleDescription(explain_map(grid, channel))
        self.nans.setText(describe_nans(grid, channel))
        self.nans.setVisible(bool(self.nans.text()) and not self.numbers.isHidden())

    def set_room(self, width: int, height: int) -> None:
        """Give up what does not fit into a view so large."""
        self._brief = width < _RANGE_FROM
        one_line = width >= _ONE_LINE_FROM
        direction = QBoxLayout.Direction
        self._parts.setDirection(direction.LeftToRight if one_line else direction.TopToBottom)
        self._parts.setSpacing(4 * theme.GRID if one_line else theme.GRID)
        side = Qt.AlignmentFlag.AlignRight if one_line else Qt.AlignmentFlag.AlignLeft
        self.numbers.setAlignment(side | Qt.AlignmentFlag.AlignVCenter)
        numbers = height >= (_LEGEND_FROM_HEIGHT if one_line else _NUMBERS_FROM_HEIGHT)
        self.numbers.setVisible(numbers)
        self.nans.setVisible(numbers and bool(self.nans.text()))
        self.legend.setVisible(height >= _LEGEND_FROM_HEIGHT)

    def changeEvent(self, event: QEvent) -> None:
        """Write in tabular figures, whatever the font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_parts"):
            self._use_figures()

    def _use_figures(self) -> None:
        for label in (self.numbers, self.nans):
            label.setFont(theme.tabular(self.font()))
