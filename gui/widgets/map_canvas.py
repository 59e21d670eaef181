"""Feature maps drawn as tiles: which, in what order and colours, and where. What a person does with them is in ``map_grid``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from core.types import ActivationGrid
from gui import colourmaps, theme
from gui.facts.map_look import CONTRIBUTION, DEFAULT_GAMMA, DEFAULT_SIDE, EACH, INDEX, MAX_SIDE, MIN_SIDE, SIMILARITY
from gui.widgets.lesions.muted_marks import paint_muted
from gui.widgets.map_colours import Ends, MapColours
from gui.widgets.map_labels import MapLabels
from gui.widgets.map_layout import MapLayout
from gui.widgets.map_lit import Units, paint_lit
from gui.widgets.map_marks import mark_rect, paint_chip, paint_frame
from gui.widgets.map_order import MapOrder
from gui.widgets.map_tiles import MapTiles
from gui.widgets.map_words import explain_map

Numbers = npt.NDArray[np.floating]


class MapCanvas(QAbstractScrollArea):
    """Draws each map of an :class:`ActivationGrid` as a tile; only those on the screen cost anything.

    One map is current. A channel is always the layer's own number; an index is a place in the order shown.
    """

    side_changed = Signal(int)
    order_settled = Signal()  # the maps were sorted anew

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid: ActivationGrid | None = None
        self._peer: ActivationGrid | None = None
        self._tiles: MapTiles | None = None
        self._colours: MapColours | None = None
        self._colour_map = colourmaps.NAMES[0]
        self._scaling = EACH
        self._gamma = DEFAULT_GAMMA
        self._order_name = INDEX
        self._order = MapOrder()
        self._contributions: Numbers | None = None
        self._side = DEFAULT_SIDE
        self._current = 0
        self._anchor = 0
        self._hovered = -1
        self._muted: frozenset[int] = frozenset()
        self._lit: Units | None = None
        self._layout = MapLayout()
        self._labels = MapLabels(self._label_font())
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # Always there: tiles that reflow because a scroll bar comes would make it go again.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)

    @property
    def current(self) -> int:
        """The current channel."""
        return self._current

    @property
    def side(self) -> int:
        """The wanted side of a tile in device-independent pixels; a small map comes at the nearest whole multiple."""
        return self._side

    @property
    def colour_map(self) -> str:
        """One of :data:`gui.colourmaps.NAMES`."""
        return self._colour_map

    @property
    def scaling(self) -> str:
        """One of :data:`gui.facts.map_look.SCALINGS`."""
        return self._scaling

    @property
    def gamma(self) -> float:
        """The exponent of the colours."""
        return self._gamma

    @property
    def order(self) -> str:
        """One of :data:`gui.facts.map_look.ORDERS`."""
        return self._order_name

    @property
    def order_words(self) -> str:
        """What the maps are sorted by, in words; "" for the index."""
        return self._order.explanation()

    @property
    def channels(self) -> tuple[int, ...]:
        """All channels in the order shown."""
        return self._order.channels

    @property
    def lit(self) -> Units | None:
        """The block of map pixels that is marked on every tile."""
        return self._lit

    def set_grid(
        self, grid: ActivationGrid, contributions: Numbers | None = None, peer: ActivationGrid | None = None
    ) -> None:
        """Show other maps; place and current channel stay where they can.

        ``contributions`` as :meth:`set_contributions`; a ``peer`` shares the scale of all maps alike.
        """
        keeps_order = self._grid is not None and (self._grid.layer, self._grid.count) == (grid.layer, grid.count)
        was_seen = self._grid is None or self.viewport().rect().intersects(self.tile_rect(self._current))
        self._grid = grid
        self._peer = peer
        self._contributions = contributions
        self._current = min(self._current, max(0, grid.count - 1))
        self._anchor = self._anchor if self._anchor < grid.count else self._current
        self._hovered, self._lit = -1, None
        if not keeps_order:
            self._order = MapOrder.of(grid, INDEX)
        self._sort()
        self._colour()
        self._arrange()
        if was_seen or not keeps_order:
            self._show_current()  # other values may have sorted it elsewhere
        self.announce()

    def set_side(self, side: int) -> None:
        """Choose the side of a tile, :data:`MIN_SIDE` to :data:`MAX_SIDE`; the current map stays on the screen."""
        side = max(MIN_SIDE, min(MAX_SIDE, side))
        if side != self._side:
            self._side = side
            self._arrange()
            self._show_current()
            self.side_changed.emit(side)

    def set_colour_map(self, name: str) -> None:
        """Choose one of :data:`gui.colourmaps.NAMES`."""
        if name != self._colour_map:
            self._colour_map = name
            self._colour()

    def set_scaling(self, name: str) -> None:
        """Choose one of :data:`gui.facts.map_look.SCALINGS`."""
        if name != self._scaling:
            self._scaling = name
            self._colour()

    def set_gamma(self, gamma: float) -> None:
        """Choose the exponent of the colours."""
        if gamma != self._gamma:
            self._gamma = gamma
            self._colour()

    def set_order(self, name: str) -> None:
        """Choose one of :data:`gui.facts.map_look.ORDERS`; the current channel stays current, and on the screen."""
        if name != self._order_name:
            self._order_name = name
            self._anchor = self._current
            self._resort()

    def set_contributions(self, values: Numbers | None) -> None:
        """Take what each channel contributes to the category, (channels,); None while it is on its way: the order stays."""
        if values is not self._contributions:
            self._contributions = values
            if self._order_name == CONTRIBUTION:
                self._resort()

    def hover(self, channel: int) -> None:
        """Mark a map as the one under the pointer; -1 for none."""
        if channel != self._hovered:
            before, self._hovered = self._hovered, channel
            self._update_marks((before, channel))

    @property
    def muted(self) -> frozenset[int]:
        """The channels that are crossed out."""
        return self._muted

    def set_muted(self, channels: frozenset[int]) -> None:
        """Cross out the channels that are muted."""
        if channels != self._muted:
            self._muted = channels
            self.viewport().update()
            self.announce()

    def set_lit(self, units: Units | None) -> None:
        """Mark a block of map pixels on every tile."""
        if units != self._lit:
            self._lit = units
            # All of it: a clip of hundreds of rectangles costs more than the tiles do.
            self.viewport().update()
            self.announce()

    def ends(self) -> Ends:
        """Return the values that the first and the last colour stand for, in the current channel."""
        return self._colours.ends(self._current) if self._colours is not None else (0.0, 0.0)

    def sorted_words(self, channel: int) -> str:
        """Say what a channel was sorted by, where that is not in its statistics."""
        return self._order.words(channel)

    def describe(self, channel: int) -> str:
        """Say which channel it is, between which values it lies, how they are spread, and what it was sorted by."""
        if self._grid is None:
            return ""
        words = explain_map(self._grid, channel, self.sorted_words(channel))
        return f"{words} · muted" if channel in self._muted else words

    def tile_rect(self, channel: int) -> QRect:
        """Where a map is drawn, in pixels of the viewport."""
        return self._layout.tile(self._index(channel)).translated(0, -self.verticalScrollBar().value())

    def channel_at(self, position: QPoint) -> int:
        """Return the channel under a point of the viewport; -1 between tiles."""
        index = self._layout.index_at(position + QPoint(0, self.verticalScrollBar().value()))
        return self._order.channels[index] if index >= 0 else -1

    def _index(self, channel: int) -> int:
        return self._order.indices[channel] if channel < len(self._order.indices) else channel

    def _sort(self) -> None:
        assert self._grid is not None
        if self._order_name == CONTRIBUTION and self._contributions is None:
            self._order = self._order.waiting()
        else:
            self._order = MapOrder.of(self._grid, self._order_name, self._anchor, self._contributions)

    def _resort(self) -> None:
        if self._grid is None:
            return
        self._sort()
        self.hover(-1)
        self._show_current()
        self.announce()
        self.viewport().update()
        self.order_settled.emit()

    def _compare_with_current(self) -> None:
        if self._order_name == SIMILARITY and self._anchor != self._current:
            self._anchor = self._current
            self._resort()
        self._anchor = self._current

    def announce(self) -> None:
        """Say what there is to see as a text; here nothing."""

    # --- drawing

    def _colour(self) -> None:
        self._colours = self.colours_in(dark=theme.is_dark())
        if self._colours is not None:
            self._cut()

    def colours_in(self, *, dark: bool) -> MapColours | None:
        """Return the maps shown and their colours as they are in the dark theme or in the light one; None without maps."""
        if self._grid is None:
            return None
        colours = MapColours.of(self._grid, self._colour_map, self._scaling, self._gamma, dark=dark)
        return colours if self._peer is None else colours.beside(self._peer)

    def _cut(self) -> None:
        if self._colours is not None:
            self._tiles = MapTiles(self._colours, self._layout)
            self.viewport().update()

    def _arrange(self) -> None:
        grid = self._grid
        if grid is None:
            return
        bar = self.verticalScrollBar()
        before = self._layout
        first, beyond = before.place_of(bar.value())
        self._layout = MapLayout.of(
            count=grid.count,
            native=QSize(grid.tile_width, grid.tile_height),
            side=self._side,
            ratio=self.devicePixelRatioF(),
            width=self.viewport().width(),
            label=self._label_height(),
        )
        bar.setRange(0, max(0, self._layout.height - self.viewport().height()))
        bar.setPageStep(self.viewport().height())
        bar.setSingleStep(max(16, self._layout.pitch.height() // 3))
        # What was at the top stays at the top.
        bar.setValue(round(self._layout.position_of(first, beyond)))
        if self._layout.draws_as(before):
            self.viewport().update()
        else:
            self._cut()

    def _show_current(self) -> None:
        bar = self.verticalScrollBar()
        row = self._layout.cell(self._index(self._current))
        if row.top() - self._layout.margin < bar.value():
            bar.setValue(row.top() - self._layout.margin)
        elif row.bottom() + self._layout.margin > bar.value() + self.viewport().height():
            # Of a row that is higher than the view its top is shown.
            low = row.bottom() + self._layout.margin - self.viewport().height()
            bar.setValue(min(low, row.top() - self._layout.margin))

    def _label_font(self) -> QFont:
        font = theme.tabular(self.font())
        font.setPointSizeF(max(7.0, font.pointSizeF() * 0.85))
        return font

    def _label_height(self) -> int:
        return QFontMetrics(self._labels.font).height()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the tiles inside the part that is asked for."""
        painter = QPainter(self.viewport())
        try:
            painter.fillRect(event.rect(), QColor(theme.colours().canvas))
            if self._grid is not None:
                self._draw(painter, event, self._grid)
        finally:
            # A painter that outlives its event takes the process down.
            painter.end()

    def _draw(self, painter: QPainter, event: QPaintEvent, grid: ActivationGrid) -> None:
        painter.setFont(self._labels.font)
        offset = self.verticalScrollBar().value()
        painter.translate(0, -offset)
        region = event.region().translated(0, offset)
        shown: Sequence[int] = self._layout.indices_between(event.rect().top() + offset, event.rect().bottom() + offset)
        if region.rectCount() > 1:
            shown = [index for index in shown if region.intersects(self._layout.cell(index))]
        corners = self._layout.corners(shown)
        self._draw_tiles(painter, shown, corners)
        if self._lit is not None:
            paint_lit(painter, self._layout, corners, self._lit, grid.tile_height, grid.tile_width)
        self._draw_marks(painter)

    def _draw_tiles(self, painter: QPainter, indices: Sequence[int], corners: Sequence[QPoint]) -> None:
        assert self._tiles is not None
        channels = [self._order.channels[index] for index in indices]
        self._tiles.prepare(channels)
        for channel, corner in zip(channels, corners, strict=True):
            painter.drawImage(corner, self._tiles.image(channel))
        self._tiles.forget_oldest()
        for index, channel in zip(indices, channels, strict=True):
            if channel in self._muted:
                paint_muted(painter, self._layout.target(index))
        if self._layout.labelled:
            self._draw_labels(painter, indices)

    def _draw_labels(self, painter: QPainter, indices: Sequence[int]) -> None:
        colours, current = theme.colours(), self._index(self._current)
        painter.setPen(QColor(colours.muted))
        for index in indices:
            if index != current:
                self._labels.paint(painter, self._layout, index, self._order.channels[index])
        painter.setPen(QColor(colours.accent))
        self._labels.paint(painter, self._layout, current, self._current)

    def _draw_marks(self, painter: QPainter) -> None:
        marked = [self._current] if self._hovered in (-1, self._current) else [self._hovered, self._current]
        for channel in marked:
            paint_frame(painter, self._layout, self._index(channel), current=channel == self._current)
        for channel in [] if self._layout.labelled else marked:
            paint_chip(painter, self._layout, self._index(channel), str(channel), current=channel == self._current)

    def _update_marks(self, channels: Iterable[int]) -> None:
        """Draw anew what the marks of some maps cover."""
        for channel in set(channels) - {-1}:
            place = mark_rect(self._layout, self._index(channel), self._label_height())
            self.viewport().update(place.translated(0, -self.verticalScrollBar().value()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let the tiles flow."""
        super().resizeEvent(event)
        self._arrange()

    def changeEvent(self, event: QEvent) -> None:
        """Draw anew in another theme or font."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange, QEvent.Type.FontChange):
            self._labels = MapLabels(self._label_font())
            self._colour()
            self._arrange()
