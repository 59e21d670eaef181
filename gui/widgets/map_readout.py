"""The numbers of the current map, and what its colours stand for."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QWidget

from core.types import ActivationGrid
from gui import theme
from gui.facts.map_look import ALIKE
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.map_gamma import GammaControl
from gui.widgets.map_grid import MapGrid
from gui.widgets.map_legend import MapLegend
from gui.widgets.map_words import describe_map, describe_nans, explain_map

_ONE_LINE_FROM = 860
_RANGE_FROM = 500
_MARGIN = 24
_NUMBERS_FROM_HEIGHT = 220
_LEGEND_FROM_HEIGHT = 150


class MapReadout(QWidget):
    """Legend and statistics, side by side or below each other; a low view keeps the legend, a very low one neither."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.legend = MapLegend(self)
        self.gamma = GammaControl(self)
        self.numbers = ElidedLabel(self, muted=True)
        self.nans = ElidedLabel(self)
        self.nans.setProperty("tone", "error")
        self._brief = False
        self._width = 0
        self._about_channel = ""
        self._pointed = ""
        colours = QHBoxLayout()
        colours.setSpacing(3 * theme.GRID)
        colours.addWidget(self.legend, 0, Qt.AlignmentFlag.AlignVCenter)
        colours.addWidget(self.gamma, 0, Qt.AlignmentFlag.AlignVCenter)
        colours.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(2 * theme.GRID)
        row.addWidget(self.numbers, 1)
        row.addWidget(self.nans)
        self._parts = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._parts.setContentsMargins(0, 0, 0, 0)
        self._parts.addLayout(colours)
        self._parts.addLayout(row, 1)
        self._use_figures()

    def show_channel(self, grid: ActivationGrid, maps: MapGrid, remark: str = "") -> None:
        """Show what there is to say about the current one of the maps, or a remark about all of them."""
        channel, alike = maps.current, maps.scaling == ALIKE
        self.legend.show_ends(
            *maps.ends(),
            maps.colour_map,
            "all maps of the layer" if alike else f"channel {channel}",
            gamma=maps.gamma,
            nans=bool(grid.nans.any() if alike else grid.nans[channel]),
            infinities=bool(np.isinf(grid.values[channel]).any()),
        )
        sorted_by = maps.sorted_words(channel)
        self._about_channel = remark or describe_map(grid, channel, sorted_by, brief=self._brief)
        self.numbers.setAccessibleDescription(remark or explain_map(grid, channel, sorted_by))
        self.nans.setText(describe_nans(grid, channel))
        self._make_room_for_legend()
        self._show_words()

    def point_at(self, words: str) -> None:
        """Show what is under the pointer in the place of the numbers; "" brings them back."""
        if words != self._pointed:
            self._pointed = words
            self._show_words()

    def _show_words(self) -> None:
        self.numbers.setText(self._pointed or self._about_channel)
        self.nans.setVisible(bool(self.nans.text()) and not self._pointed and not self.numbers.isHidden())

    def set_room(self, width: int, height: int) -> None:
        """Give up what does not fit into a view so large."""
        self._brief = width < _RANGE_FROM
        one_line = width >= _ONE_LINE_FROM
        direction = QBoxLayout.Direction
        self._parts.setDirection(direction.LeftToRight if one_line else direction.TopToBottom)
        self._parts.setSpacing(4 * theme.GRID if one_line else theme.GRID)
        side = Qt.AlignmentFlag.AlignRight if one_line else Qt.AlignmentFlag.AlignLeft
        self.numbers.setAlignment(side | Qt.AlignmentFlag.AlignVCenter)
        self.numbers.setVisible(height >= (_LEGEND_FROM_HEIGHT if one_line else _NUMBERS_FROM_HEIGHT))
        self.legend.setVisible(height >= _LEGEND_FROM_HEIGHT)
        self._width = width
        self._make_room_for_legend()
        self._show_words()

    def _make_room_for_legend(self) -> None:
        needed = self.legend.sizeHint().width() + 3 * theme.GRID + self.gamma.sizeHint().width() + _MARGIN
        self.gamma.setVisible(not self.legend.isHidden() and self._width >= needed)

    def minimumSizeHint(self) -> QSize:
        """What it can live with once the rest has given way, not what is shown now: a splitter must be able to go there."""
        return QSize(self.legend.minimumSizeHint().width(), super().minimumSizeHint().height())

    def changeEvent(self, event: QEvent) -> None:
        """Write in tabular figures, whatever the font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_parts"):
            self._use_figures()

    def _use_figures(self) -> None:
        for label in (self.numbers, self.nans):
            label.setFont(theme.tabular(self.font()))
