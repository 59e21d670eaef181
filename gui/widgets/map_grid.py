"""Feature maps as a grid of tiles that flows with the width."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QToolTip, QWidget

from core.types import ActivationGrid
from gui import colourmaps, theme
from gui.widgets.lesions.muted_marks import paint_muted
from gui.widgets.map_colours import SCALINGS, Ends, MapColours
from gui.widgets.map_layout import MapLayout
from gui.widgets.map_order import ORDERS, MapOrder
from gui.widgets.map_tiles import MapTiles
from gui.widgets.map_words import explain_map

MIN_SIDE, MAX_SIDE, DEFAULT_SIDE = 32, 256, 64
_PAGE = 0.9


class MapGrid(QAbstractScrollArea):
    """Draws each map of an :class:`ActivationGrid` as a tile; only those on the screen cost anything.

    One map is current: the arrow keys, Home, End and Page keys move it in the order shown, a click chooses it. A channel is
    always the layer's own number; an index is a place in the order shown.
    """

    current_changed = Signal(int)
    side_changed = Signal(int)
    unit_hovered = Signal(object)  # (row, column) of the map pixel under the pointer, or None

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid: ActivationGrid | None = None
        self._tiles: MapTiles | None = None
        self._colours: MapColours | None = None
        self._colour_map = colourmaps.NAMES[0]
        self._scaling = SCALINGS[0]
        self._order_name = ORDERS[0]
        self._order = MapOrder()
        self._side = DEFAULT_SIDE
        self._current = 0
        self._hovered = -1
        self._layout = MapLayout()
        self.muted: frozenset[int] = frozenset()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # Always there: tiles that reflow because a scroll bar comes would make it go again.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.viewport().setMouseTracking(True)
        self.setAccessibleName("Feature maps")

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
        """One of :data:`gui.widgets.map_colours.SCALINGS`."""
        return self._scaling

    @property
    def order(self) -> str:
        """One of :data:`gui.widgets.map_order.ORDERS`."""
        return self._order_name

    @property
    def channels(self) -> tuple[int, ...]:
        """All channels in the order shown."""
        return self._order.channels

    def set_grid(self, grid: ActivationGrid) -> None:
        """Show other maps; place and current channel stay where they can."""
        self._grid = grid
        self._current = min(self._current, max(0, grid.count - 1))
        self._hovered = -1
        self._order = MapOrder.of(grid, self._order_name)
        self._colour()
        self._arrange()
        self._announce()

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
        """Choose one of :data:`gui.widgets.map_colours.SCALINGS`."""
        if name != self._scaling:
            self._scaling = name
            self._colour()

    def set_order(self, name: str) -> None:
        """Choose one of :data:`gui.widgets.map_order.ORDERS`; the current channel stays current, and on the screen."""
        if name == self._order_name:
            return
        self._order_name = name
        if self._grid is not None:
            self._order = MapOrder.of(self._grid, name)
            self._hovered = -1
            self._show_current()
            self._announce()
            self.viewport().update()

    def set_current(self, channel: int) -> None:
        """Choose the current channel and bring it onto the screen."""
        if self._grid is None or not 0 <= channel < self._grid.count:
            return
        changed = channel != self._current
        self._current = channel
        self._show_current()
        self.viewport().update()
        if changed:
            self._announce()
            self.current_changed.emit(channel)

    def ends(self) -> Ends:
        """Return the values that the first and the last colour stand for, in the current channel."""
        return self._colours.ends(self._current) if self._colours is not None else (0.0, 0.0)

    def describe(self, channel: int) -> str:
        """Say which channel it is, between which values it lies, and how they are spread."""
        muted = " · muted" if channel in self.muted else ""
        return explain_map(self._grid, channel) + muted if self._grid is not None else ""

    def tile_rect(self, channel: int) -> QRect:
        """Where a map is drawn, in pixels of the viewport."""
        return self._layout.tile(self._index(channel)).translated(0, -self.verticalScrollBar().value())

    def channel_at(self, position: QPoint) -> int:
        """Return the channel under a point of the viewport; -1 between tiles."""
        index = self._layout.index_at(position + QPoint(0, self.verticalScrollBar().value()))
        return self._order.channels[index] if index >= 0 else -1

    def _index(self, channel: int) -> int:
        return self._order.indices[channel] if channel < len(self._order.indices) else channel

    def _announce(self) -> None:
        if self._grid is not None:
            sorted_by = "" if self._order_name == ORDERS[0] else f", sorted by {self._order_name.lower()}"
            self.setAccessibleDescription(f"{self.describe(self._current)}, one of {self._grid.count} maps{sorted_by}")

    def _colour(self) -> None:
        if self._grid is not None:
            self._colours = MapColours.of(self._grid, self._colour_map, self._scaling, dark=theme.is_dark())
            self._cut()

    def _cut(self) -> None:
        if self._colours is not None:
            self._tiles = MapTiles(self._colours, self._layout.device_size if self._layout.shrinks else None)
            self.viewport().update()

    def _arrange(self) -> None:
        grid = self._grid
        if grid is None:
            return
        bar = self.verticalScrollBar()
        first, beyond = self._layout.place_of(bar.value())
        self._layout = MapLayout.of(
            count=grid.count,
            native=QSize(grid.tile_width, grid.tile_height),
            side=self._side,
            ratio=self.devicePixelRatioF(),
            width=self.viewport().width(),
            label=self._label_font_height(),
        )
        bar.setRange(0, max(0, self._layout.height - self.viewport().height()))
        bar.setPageStep(self.viewport().height())
        bar.setSingleStep(max(16, self._layout.pitch.height() // 3))
        # What was at the top stays at the top.
        bar.setValue(round(self._layout.position_of(first, beyond)))
        self._cut()

    def _show_current(self) -> None:
        bar = self.verticalScrollBar()
        row = self._layout.cell(self._index(self._current))
        if row.top() - self._layout.margin < bar.value():
            bar.setValue(row.top() - self._layout.margin)
        elif row.bottom() + self._layout.margin > bar.value() + self.viewport().height():
            bar.setValue(row.bottom() + self._layout.margin - self.viewport().height())

    # --- drawing

    def _label_font(self) -> QFont:
        font = theme.tabular(self.font())
        font.setPointSizeF(max(7.0, font.pointSizeF() * 0.85))
        return font

    def _label_font_height(self) -> int:
        return QFontMetrics(self._label_font()).height()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the tiles inside the part that is asked for."""
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), QColor(theme.colours().canvas))
        if self._grid is not None:
            painter.setFont(self._label_font())
            offset = self.verticalScrollBar().value()
            painter.translate(0, -offset)
            for index in self._layout.indices_between(event.rect().top() + offset, event.rect().bottom() + offset):
                self._draw_tile(painter, index)
            self._draw_marks(painter)
        painter.end()

    def _draw_tile(self, painter: QPainter, index: int) -> None:
        assert self._tiles is not None
        channel = self._order.channels[index]
        painter.drawImage(self._layout.target(index), self._tiles.image(channel))
        if channel in self.muted:
            paint_muted(painter, self._layout.target(index))
        if self._layout.labelled:
            colours = theme.colours()
            painter.setPen(QColor(colours.accent if channel == self._current else colours.muted))
            painter.drawText(self._layout.label(index), int(Qt.AlignmentFlag.AlignCenter), str(channel))

    def _draw_marks(self, painter: QPainter) -> None:
        colours = theme.colours()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self._hovered >= 0 and self._hovered != self._current:
            self._frame(painter, self._hovered, QColor(colours.muted), 1)
        self._frame(painter, self._current, QColor(colours.accent), 2)
        if not self._layout.labelled:
            for channel in {self._current, self._hovered} - {-1}:
                self._chip(painter, channel)

    def _frame(self, painter: QPainter, channel: int, colour: QColor, width: int) -> None:
        pen = QPen(colour, width)
        pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        painter.setPen(pen)
        reach = width / 2
        painter.drawRect(self._layout.target(self._index(channel)).adjusted(-reach, -reach, reach, reach))

    def _chip(self, painter: QPainter, channel: int) -> None:
        """Write the number of a tile that is too small for a label onto its lower edge."""
        colours = theme.colours()
        tile = self._layout.tile(self._index(channel))
        metrics = painter.fontMetrics()
        chip = QRect(0, 0, metrics.horizontalAdvance(str(channel)) + 8, metrics.height())
        chip.moveCenter(QPoint(tile.center().x(), tile.bottom() + 1))
        current = channel == self._current
        painter.fillRect(chip, QColor(colours.accent if current else colours.panel))
        painter.setPen(QColor(colours.on_accent if current else colours.text))
        painter.drawText(chip, int(Qt.AlignmentFlag.AlignCenter), str(channel))

    # --- a person

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Move what is drawn already; only the strip that comes in is drawn anew."""
        self._hover(-1)
        self.viewport().scroll(0, dy)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let the tiles flow."""
        super().resizeEvent(event)
        self._arrange()

    def changeEvent(self, event: QEvent) -> None:
        """Draw anew in another theme or font."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange, QEvent.Type.FontChange):
            self._colour()
            self._arrange()

    def event(self, event: QEvent) -> bool:
        """Lay out again for a screen of another pixel ratio; keep the page keys that the window uses too."""
        is_override = event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent)
        if is_override and not event.modifiers() and self._step(event.key()) is not None:
            event.accept()
            return True
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._arrange()
        return super().event(event)

    def viewportEvent(self, event: QEvent) -> bool:
        """Explain the map under the pointer."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            channel = self.channel_at(event.pos())
            if channel >= 0:
                QToolTip.showText(event.globalPos(), self.describe(channel), self, self.tile_rect(channel))
            else:
                QToolTip.hideText()
            return True
        if event.type() == QEvent.Type.Leave:
            self._hover(-1)
            self.unit_hovered.emit(None)
        return super().viewportEvent(event)

    def unit_at(self, position: QPoint) -> tuple[int, int] | None:
        """Return row and column of the map pixel at a point of the viewport; None beside the maps."""
        channel = self.channel_at(position)
        if channel < 0 or self._grid is None:
            return None
        tile = self.tile_rect(channel)
        if not tile.contains(position):
            return None
        row = (position.y() - tile.top()) * self._grid.tile_height // tile.height()
        column = (position.x() - tile.left()) * self._grid.tile_width // tile.width()
        return row, column

    def _hover(self, channel: int) -> None:
        if channel != self._hovered:
            self._hovered = channel
            self.viewport().update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Mark the map under the pointer, and tell which of its pixels it is."""
        self._hover(self.channel_at(event.position().toPoint()))
        self.unit_hovered.emit(self.unit_at(event.position().toPoint()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the map under the pointer."""
        channel = self.channel_at(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and channel >= 0:
            self.set_current(channel)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll; with Ctrl change the size of the tiles."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.set_side(self._side + (8 if event.angleDelta().y() > 0 else -8))
            event.accept()
            return
        super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the current channel."""
        step = self._step(event.key())
        if step is None or self._grid is None or event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            super().keyPressEvent(event)
            return
        wanted = self._index(self._current) + step
        if abs(step) > 1 and not 0 <= wanted < self._grid.count and event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            return
        self.set_current(self._order.channels[max(0, min(self._grid.count - 1, wanted))])

    def _step(self, key: int) -> int | None:
        columns = self._layout.columns
        page = columns * max(1, int(_PAGE * self.viewport().height()) // max(1, self._layout.pitch.height()))
        steps: dict[Any, int] = {
            Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: -columns, Qt.Key.Key_Down: columns,
            Qt.Key.Key_PageUp: -page, Qt.Key.Key_PageDown: page,
            Qt.Key.Key_Home: -self._index(self._current), Qt.Key.Key_End: 10**9,
        }  # fmt: skip
        return steps.get(key)
