"""Feature maps as a grid of tiles that flows with the width."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QHelpEvent,
    QImage,
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
from gui import colourmaps, imaging, theme
from gui.widgets.map_layout import MapLayout

MIN_SIDE, MAX_SIDE, DEFAULT_SIDE = 32, 256, 64
_SCALED_KEPT = 2048
_PAGE = 0.9


def describe_range(low: float, high: float) -> str:
    """Write the values of a map: "min -0.31 · max 4.2", or that they are all one."""
    return f"constant {low:.3g}" if low == high else f"min {low:.3g} · max {high:.3g}"


class MapGrid(QAbstractScrollArea):
    """Draws each map of an :class:`ActivationGrid` as a tile; only those on the screen cost anything.

    One map is current: the arrow keys, Home, End and Page keys move it, a click chooses it.
    """

    current_changed = Signal(int)
    side_changed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid: ActivationGrid | None = None
        self._mosaic = QImage()
        self._scaled: OrderedDict[int, QImage] = OrderedDict()
        self._colour_map = colourmaps.NAMES[0]
        self._side = DEFAULT_SIDE
        self._current = 0
        self._hovered = -1
        self._layout = MapLayout()
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

    def set_grid(self, grid: ActivationGrid) -> None:
        """Show other maps; place and current channel stay where they can."""
        self._grid = grid
        self._current = min(self._current, max(0, grid.count - 1))
        self._hovered = -1
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

    def describe(self, channel: int) -> str:
        """Say which channel it is and between which values it lies."""
        grid = self._grid
        if grid is None:
            return ""
        values = describe_range(float(grid.minimum[channel]), float(grid.maximum[channel]))
        return f"channel {channel} · {values}"

    def tile_rect(self, channel: int) -> QRect:
        """Where a map is drawn, in pixels of the viewport."""
        return self._layout.tile(channel).translated(0, -self.verticalScrollBar().value())

    def channel_at(self, position: QPoint) -> int:
        """Return the channel under a point of the viewport; -1 between tiles."""
        return self._layout.channel_at(position + QPoint(0, self.verticalScrollBar().value()))

    def _announce(self) -> None:
        if self._grid is not None:
            self.setAccessibleDescription(f"{self.describe(self._current)}, one of {self._grid.count} maps")

    def _colour(self) -> None:
        self._scaled.clear()
        if self._grid is not None:
            self._mosaic = imaging.to_mapped_qimage(self._grid.mosaic, colourmaps.table(self._colour_map))

    def _arrange(self) -> None:
        grid = self._grid
        if grid is None:
            return
        self._scaled.clear()
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
        self.viewport().update()

    def _show_current(self) -> None:
        bar = self.verticalScrollBar()
        row = self._layout.cell(self._current)
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
            for channel in self._layout.channels_between(event.rect().top() + offset, event.rect().bottom() + offset):
                self._draw_tile(painter, channel)
            self._draw_marks(painter)
        painter.end()

    def _source(self, channel: int) -> QRect:
        grid = self._grid
        assert grid is not None
        row, column = divmod(channel, grid.columns)
        left, top = column * (grid.tile_width + grid.gap), row * (grid.tile_height + grid.gap)
        return QRect(left, top, grid.tile_width, grid.tile_height)

    def _draw_tile(self, painter: QPainter, channel: int) -> None:
        target = self._layout.target(channel)
        if self._layout.shrinks:
            painter.drawImage(target, self._shrunk(channel))
        else:
            painter.drawImage(target, self._mosaic, QRectF(self._source(channel)))
        if self._layout.labelled:
            colours = theme.colours()
            painter.setPen(QColor(colours.accent if channel == self._current else colours.muted))
            painter.drawText(self._layout.label(channel), int(Qt.AlignmentFlag.AlignCenter), str(channel))

    def _shrunk(self, channel: int) -> QImage:
        """Return the map averaged down to the pixels of the screen."""
        image = self._scaled.get(channel)
        if image is None:
            tile = self._mosaic.copy(self._source(channel))
            mode = Qt.TransformationMode.SmoothTransformation
            image = tile.scaled(self._layout.device_size, Qt.AspectRatioMode.IgnoreAspectRatio, mode)
            self._scaled[channel] = image
            if len(self._scaled) > _SCALED_KEPT:
                self._scaled.popitem(last=False)
        return image

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
        painter.drawRect(self._layout.target(channel).adjusted(-reach, -reach, reach, reach))

    def _chip(self, painter: QPainter, channel: int) -> None:
        """Write the number of a tile that is too small for a label onto its lower edge."""
        colours = theme.colours()
        tile = self._layout.tile(channel)
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
        return super().viewportEvent(event)

    def _hover(self, channel: int) -> None:
        if channel != self._hovered:
            self._hovered = channel
            self.viewport().update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Mark the map under the pointer."""
        self._hover(self.channel_at(event.position().toPoint()))

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
        wanted = self._current + step
        if abs(step) > 1 and not 0 <= wanted < self._grid.count and event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            return
        self.set_current(max(0, min(self._grid.count - 1, wanted)))

    def _step(self, key: int) -> int | None:
        columns = self._layout.columns
        page = columns * max(1, int(_PAGE * self.viewport().height()) // max(1, self._layout.pitch.height()))
        steps: dict[Any, int] = {
            Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: -columns, Qt.Key.Key_Down: columns,
            Qt.Key.Key_PageUp: -page, Qt.Key.Key_PageDown: page,
            Qt.Key.Key_Home: -self._current, Qt.Key.Key_End: 10**9,
        }  # fmt: skip
        return steps.get(key)
