"""How a category of a data set is drawn: name, counts as a bar in two parts, a few pictures."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QStyleOptionViewItem, QWidget

from core.types import CategoryLook
from gui import theme
from gui.itemmodels.survey_model import SurveyModel
from gui.widgets.text_delegate import CellDelegate

AnyIndex = QModelIndex | QPersistentModelIndex

LEAST, MOST = 44, 84
"""Sides of a sample in device-independent pixels, smallest and largest."""

PADDING = 3 * theme.GRID
"""What a row is higher than its samples."""

_GAP = theme.GRID
_SIDE = 3 * theme.GRID
_BAR = 6
_LEAST_WORDS, _WORDS_SHARE = 132, 0.42
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class SurveyRowDelegate(CellDelegate):
    """The bar is filled for pictures to train with and only outlined for those to validate with; the numbers say the same."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tile = LEAST

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        """The same for every row."""
        return QSize(240, self.tile + PADDING)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        """Draw one row."""
        name = self.paint_ground(painter, option, index)
        look: CategoryLook = index.data(SurveyModel.LOOK)
        room = option.rect.adjusted(_SIDE, 0, -_SIDE, 0)
        width = max(_LEAST_WORDS, round(room.width() * _WORDS_SHARE))
        words = QRect(room.left(), room.top(), min(width, room.width()), room.height())
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        self._paint_words(painter, words, option, name, look, index.data(SurveyModel.MOST))
        tiles = room.adjusted(words.width() + _SIDE, 0, 0, 0)
        for place, pixmap in enumerate(index.data(SurveyModel.SAMPLES)):
            side = self.tile
            tile = QRect(tiles.left() + place * (side + _GAP), room.center().y() - side // 2, side, side)
            if tile.right() > tiles.right() + 1:
                break
            _paint_square(painter, tile, pixmap)
        painter.restore()

    def _paint_words(
        self, painter: QPainter, room: QRect, option: QStyleOptionViewItem, name: str, look: CategoryLook, most: int
    ) -> None:
        c = theme.colours()
        line = option.fontMetrics.height()
        block = QRect(room.left(), 0, room.width(), line + _GAP + _BAR)
        block.moveCenter(QRect(room.left(), room.top(), room.width(), room.height()).center())
        upper = QRect(block.left(), block.top(), block.width(), line)
        numbers = f"{look.train:,} + {look.val:,}"
        painter.setFont(theme.tabular(option.font))
        painter.setPen(QColor(c.muted))
        painter.drawText(upper, int(_RIGHT), numbers)
        taken = painter.fontMetrics().horizontalAdvance(numbers) + 2 * _GAP
        painter.setFont(option.font)
        painter.setPen(QColor(c.text))
        fitting = option.fontMetrics.elidedText(name, Qt.TextElideMode.ElideRight, upper.width() - taken)
        painter.drawText(upper, int(_LEFT), fitting)
        track = QRectF(block.left(), block.bottom() - _BAR, block.width(), _BAR)
        if most:
            train, val = (track.width() * count / most for count in (look.train, look.val))
            painter.fillRect(QRectF(track.left(), track.top(), train, _BAR), QColor(c.bar))
            if val >= 1:
                painter.setPen(QPen(QColor(c.bar), 1))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(QRectF(track.left() + train, track.top() + 0.5, val - 0.5, _BAR - 1))


def _paint_square(painter: QPainter, tile: QRect, pixmap: QPixmap) -> None:
    """Draw the middle of a picture."""
    side = min(pixmap.width(), pixmap.height())
    source = QRectF((pixmap.width() - side) / 2, (pixmap.height() - side) / 2, side, side)
    painter.drawPixmap(QRectF(tile), pixmap, source)
