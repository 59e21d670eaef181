"""One feature map, large, with its values: canvas, readout, legend, overlay, histogram and statistics."""

from __future__ import annotations

import itertools

from PySide6.QtCore import QEvent, QSize, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from core.insight.channel_heat import channel_heat
from core.insight.field import units_seeing
from core.types import ActivationGrid, Heat
from gui import theme
from gui.facts.channel_facts import BESIDE
from gui.state import AppState
from gui.widgets.channel.crop_canvas import CropCanvas
from gui.widgets.channel.histogram_view import HistogramView
from gui.widgets.channel.map_canvas import WHOLE, MapCanvas
from gui.widgets.channel.map_image import describe_extreme, describe_unit
from gui.widgets.channel.overlay_controls import OverlayControls
from gui.widgets.channel.statistics_view import StatisticsView
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.heat_overlay import colour_map_of
from gui.widgets.map_legend import MapLegend

_LARGEST = 480
_LEAST = 120


class MapBody(QWidget):
    """Shows the chosen channel of :attr:`AppState.activations`, where that is a grid."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._grid: ActivationGrid | None = None
        self._channel = 0
        self._heat: Heat | None = None
        self._room = _LARGEST
        self.crop = CropCanvas(state, self)
        self.canvas = MapCanvas(self)
        self.readout = ElidedLabel(self)
        self.readout.setAccessibleName("Value under the cursor")
        self.legend = MapLegend(self)
        self.controls = OverlayControls(state, self)
        self.histogram = HistogramView(self)
        self.log = QCheckBox("Log", self)
        self.log.setAccessibleName("Logarithmic counts")
        self.log.setToolTip("Draw the logarithm of the counts (Space)")
        self._bar = ElidedLabel(self, muted=True)
        self.statistics = StatisticsView(self)
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        self._pictures = QHBoxLayout()
        self._pictures.setSpacing(2 * theme.GRID)
        self._pictures.addStretch(1)
        self._pictures.addWidget(self.crop)
        self._pictures.addWidget(self.canvas)
        self._pictures.addStretch(1)
        title = QLabel("Histogram", self)
        title.setProperty("heading", True)
        above = QHBoxLayout()
        above.setSpacing(2 * theme.GRID)
        above.addWidget(title)
        above.addWidget(self._bar, 1)
        above.addWidget(self.log)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2 * theme.GRID)
        column.addLayout(self._pictures)
        column.addWidget(self.readout)
        column.addWidget(self.legend)
        column.addWidget(self.controls)
        column.addSpacing(theme.GRID)
        column.addLayout(above)
        column.addWidget(self.histogram)
        column.addWidget(self.statistics)
        self._use_figures()

    def _connect(self) -> None:
        state = self._state
        self.canvas.unit_hovered.connect(state.hover_unit)
        self.canvas.unit_clicked.connect(state.channel.choose_unit)
        self.histogram.bar_marked.connect(self._bar.setText)
        self.log.toggled.connect(self.histogram.set_log)
        state.unit_hovered.connect(self._follow_unit)
        state.channel.unit_chosen.connect(self._follow_chosen)
        state.channel.mode_changed.connect(self._show_heat)
        state.network_input_changed.connect(self._show_heat)
        state.selection.point_hovered.connect(self._follow_point)
        chain = (self.canvas, self.controls.mode, self.controls.opacity, self.log, self.histogram)
        for first, second in itertools.pairwise(chain):
            self.setTabOrder(first, second)

    def show_channel(self, grid: ActivationGrid, channel: int) -> None:
        """Show another map."""
        if grid is self._grid and channel == self._channel:
            return
        self._grid, self._channel = grid, channel
        values = grid.values[channel]
        self._show_heat()
        self.histogram.set_values(values)
        self.statistics.set_values(values)

    @Slot()
    def _show_heat(self, *_: object) -> None:
        grid = self._state.activations
        if not isinstance(grid, ActivationGrid) or grid is not self._grid:
            return
        seen = self._state.network_input
        self._heat = heat = channel_heat(grid, self._channel, seen)
        beside = self._state.channel.mode == BESIDE and seen is not None
        self.crop.setVisible(beside)
        place = WHOLE
        if beside and seen is not None:
            left, top, right, bottom = seen.box
            wide, high = right - left, bottom - top
            one, two, three, four = heat.box
            place = ((one - left) / wide, (two - top) / high, (three - left) / wide, (four - top) / high)
        self.canvas.set_heat(heat, place)
        self.legend.show_ends(*heat.ends, colour_map_of(heat), heat.words)
        self.canvas.set_chosen(self._state.channel.unit)
        self._follow_unit(self._state.hovered_unit)
        self._fit()

    @Slot(object)
    def _follow_unit(self, unit: tuple[int, int] | None) -> None:
        self.canvas.set_cursor_unit(unit)
        self._read_out()

    @Slot(object)
    def _follow_chosen(self, unit: tuple[int, int] | None) -> None:
        self.canvas.set_chosen(unit)
        self._read_out()

    @Slot(object)
    def _follow_point(self, point: tuple[float, float] | None) -> None:
        """Light up the units that see the point of the picture under the pointer."""
        grid, seen = self._state.activations, self._state.network_input
        if point is None or seen is None or not isinstance(grid, ActivationGrid) or self._heat is None:
            self.canvas.set_seeing(None)
            return
        found = units_seeing(grid.layer, grid.tile_height, grid.tile_width, point, seen)
        self.canvas.set_seeing(found)

    def _read_out(self) -> None:
        if self._heat is None:
            return
        unit = self.canvas.cursor_unit
        chosen, shape = self._state.channel.unit, self._heat.values.shape
        if unit is not None:
            words = describe_unit(self._heat, unit)
        elif chosen is not None and chosen[0] < shape[0] and chosen[1] < shape[1]:
            words = f"chosen: {describe_unit(self._heat, chosen)}"
        else:
            words = describe_extreme(self._heat)
        self.readout.setText(words)

    def set_room(self, height: int) -> None:
        """Keep the map so low that it and what is directly below it fit into a view of this height."""
        self._room = height
        self._fit()

    def _fit(self) -> None:
        """Give the map, or picture and map, their size: as wide as there is room, as high as the view."""
        if self._heat is None:
            return
        below = self.readout.sizeHint().height() + self.legend.sizeHint().height() + 6 * theme.GRID
        highest = max(_LEAST, min(_LARGEST, self._room - below))
        if self.crop.isVisibleTo(self):
            seen = self._state.network_input
            assert seen is not None
            wide = max(_LEAST // 2, (self.width() - self._pictures.spacing()) // 2)
            size = self._sized(wide, highest, *seen.pixels.shape[:2])
            self.crop.setFixedSize(size)
        else:
            size = self._sized(self.width(), highest, *self._heat.values.shape)
        self.canvas.setFixedSize(size)

    @staticmethod
    def _sized(wide: int, high: int, rows: int, columns: int) -> QSize:
        scale = min(wide / columns, high / rows)
        return QSize(max(16, int(columns * scale)), max(16, int(rows * scale)))

    def minimumSizeHint(self) -> QSize:
        """Narrow: the map follows the width, and must not hold it."""
        return QSize(200, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the map to the width."""
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        """Write in tabular figures, whatever the font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_bar"):
            self._use_figures()

    def _use_figures(self) -> None:
        for label in (self.readout, self._bar):
            label.setFont(theme.tabular(self.font()))
