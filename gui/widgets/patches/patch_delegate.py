"""How a patch is drawn in the grid."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from gui import theme
from gui.itemmodels.patch_model import PatchModel, key_of
from gui.state import AppState
from gui.widgets.placeholder import heading_font

AnyIndex = QModelIndex | QPersistentModelIndex

GAP = theme.GRID
"""Pixels around a tile."""

_COARSE = 4.0
"""A patch that is enlarged more than this is drawn as the pixels it has, not blurred."""


class PatchDelegate(QStyledItemDelegate):
    """A square with the patch in its middle, and the value below; the patch that was opened has a frame."""

    def __init__(self, state: AppState, parent: QStyledItemDelegate | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.cell = QSize(92, 112)

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        """The same for every patch."""
        return self.cell

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        """Draw one patch."""
        c = theme.colours()
        side = option.rect.width() - 2 * GAP
        tile = QRect(option.rect.left() + GAP, option.rect.top() + GAP, side, side)
        opened = self._is_opened(index)
        painter.save()
        painter.fillRect(tile, QColor(c.canvas))
        pixmap = index.data(Qt.ItemDataRole.DecorationRole)
        if pixmap is not None:
            self._paint_pixels(painter, tile, pixmap)
        self._paint_frame(painter, tile, option, opened)
        words = QRect(option.rect.left(), tile.bottom() + 1, option.rect.width(), option.rect.bottom() - tile.bottom())
        painter.setFont(theme.tabular(heading_font(option.font) if opened else option.font))
        painter.setPen(QColor(c.text))
        painter.drawText(words, int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter), index.data())
        painter.restore()

    def _is_opened(self, index: AnyIndex) -> bool:
        opened, answer, patch = self._state.patches.opened, self._state.patches.answer, index.data(PatchModel.PATCH)
        if opened is None or answer is None or patch is None:
            return False
        alike = (opened.layer, opened.channel) == (answer.layer.key, answer.channel)
        return alike and key_of(opened.patch) == key_of(patch)

    def _paint_pixels(self, painter: QPainter, tile: QRect, pixmap: QPixmap) -> None:
        factor = min(tile.width() / pixmap.width(), tile.height() / pixmap.height())
        place = QRectF(0, 0, pixmap.width() * factor, pixmap.height() * factor)
        place.moveCenter(QRectF(tile).center())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, factor <= _COARSE)
        painter.drawPixmap(place, pixmap, QRectF(pixmap.rect()))

    def _paint_frame(self, painter: QPainter, tile: QRect, option: QStyleOptionViewItem, opened: bool) -> None:
        c = theme.colours()
        focused = bool(option.state & QStyle.StateFlag.State_HasFocus)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        if not (opened or focused or hovered):
            return
        width = 3 if opened else 2 if focused else 1
        painter.setBrush(Qt.BrushStyle.NoBrush)
        pen = QPen(QColor(c.accent if opened or focused else c.muted), width)
        pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        painter.setPen(pen)
        painter.drawRect(QRectF(tile).adjusted(-width / 2, -width / 2, width / 2, width / 2))
