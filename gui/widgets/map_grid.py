"""Feature maps as a grid of tiles that flows with the width, and what a person does with it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QToolTip, QWidget

from core.types import ActivationGrid
from gui.facts.map_look import DEFAULT_SIDE, MAX_SIDE, MIN_SIDE
from gui.widgets.map_canvas import MapCanvas, Numbers
from gui.widgets.map_words import describe_units, describe_value

__all__ = ["DEFAULT_SIDE", "MAX_SIDE", "MIN_SIDE", "MapGrid"]

_PAGE = 0.9


class MapGrid(MapCanvas):
    """The arrow keys, Home, End and Page keys move the current map in the order shown, a click chooses it.

    Sorted by similarity, the maps are compared with the one that was clicked, or chosen elsewhere; a walk with the keys leaves
    them in place until Return is pressed.
    """

    current_changed = Signal(int)
    pixel_hovered = Signal(object)  # (channel, row, column) of the map pixel under the pointer, or None

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pixel: tuple[int, int, int] | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.viewport().setMouseTracking(True)
        self.setAccessibleName("Feature maps")

    def set_grid(
        self, grid: ActivationGrid, contributions: Numbers | None = None, peer: ActivationGrid | None = None
    ) -> None:
        """Show other maps, see :class:`MapCanvas`; the pointer has to be moved before its pixel is told again."""
        self._pixel = None
        super().set_grid(grid, contributions, peer)

    def set_current(self, channel: int, *, compare: bool = True) -> None:
        """Choose the current channel and bring it onto the screen; ``compare`` the others with it, if sorted by similarity."""
        if self._grid is None or not 0 <= channel < self._grid.count:
            return
        changed = channel != self._current
        before, self._current = self._current, channel
        if changed and compare:
            self._compare_with_current()
        self._show_current()
        self._update_marks((before, channel))
        if changed:
            self.announce()
            self.current_changed.emit(channel)

    def step(self, places: int) -> None:
        """Make another channel current, so many places on in the order shown; the ends stop it."""
        if self._grid is not None:
            index = max(0, min(self._grid.count - 1, self._index(self._current) + places))
            self.set_current(self._order.channels[index], compare=False)

    def announce(self) -> None:
        """Say in the accessible description which map is current, and what the pointer is over."""
        if self._grid is not None:
            words = [self.describe(self._current), f"one of {self._grid.count} maps", self._order.explanation()]
            words += [describe_value(self._grid, *self._pixel)] if self._pixel is not None else []
            words += [describe_units(self._lit)] if self._lit is not None else []
            self.setAccessibleDescription(", ".join(filter(None, words)))

    def pixel_at(self, position: QPoint) -> tuple[int, int, int] | None:
        """Return channel, row and column of the map pixel at a point of the viewport; None beside the maps."""
        channel = self.channel_at(position)
        if channel < 0 or self._grid is None:
            return None
        tile = self.tile_rect(channel)
        if not tile.contains(position):
            return None
        row = (position.y() - tile.top()) * self._grid.tile_height // tile.height()
        column = (position.x() - tile.left()) * self._grid.tile_width // tile.width()
        return channel, row, column

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Move what is drawn already; only the strip that comes in is drawn anew."""
        self._point_at(None)
        self.viewport().scroll(0, dy)

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
            self._point_at(None)
        return super().viewportEvent(event)

    def _point_at(self, position: QPoint | None) -> None:
        """Mark the map at a point of the viewport, and tell which of its pixels it is."""
        self.hover(self.channel_at(position) if position is not None else -1)
        pixel = self.pixel_at(position) if position is not None else None
        if pixel != self._pixel:
            self._pixel = pixel
            self.announce()
            self.pixel_hovered.emit(pixel)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Mark the map under the pointer, and tell which of its pixels it is."""
        self._point_at(event.position().toPoint())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the map under the pointer; before a context menu it stays where it is."""
        channel = self.channel_at(event.position().toPoint())
        if channel >= 0 and event.button() == Qt.MouseButton.RightButton:
            self.set_current(channel, compare=False)
        elif channel >= 0 and event.button() == Qt.MouseButton.LeftButton:
            self.set_current(channel)
            self._compare_with_current()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll; with Ctrl change the size of the tiles."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.set_side(self._side + (8 if event.angleDelta().y() > 0 else -8))
            event.accept()
            return
        super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the current channel; Return compares the others with it."""
        step = self._step(event.key())
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._compare_with_current()
        elif step is None or self._grid is None or event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            super().keyPressEvent(event)
        elif event.key() not in (Qt.Key.Key_Up, Qt.Key.Key_Down) or self._has_index(self._index(self._current) + step):
            self.step(step)

    def _has_index(self, index: int) -> bool:
        return self._grid is not None and 0 <= index < self._grid.count

    def _step(self, key: int) -> int | None:
        columns = self._layout.columns
        page = columns * max(1, int(_PAGE * self.viewport().height()) // max(1, self._layout.pitch.height()))
        steps: dict[Any, int] = {
            Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: -columns, Qt.Key.Key_Down: columns,
            Qt.Key.Key_PageUp: -page, Qt.Key.Key_PageDown: page,
            Qt.Key.Key_Home: -self._index(self._current), Qt.Key.Key_End: 10**9,
        }  # fmt: skip
        return steps.get(key)
