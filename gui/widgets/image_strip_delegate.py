"""How one row of the strip is drawn."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPainterPath, QPen, QPixmap, QPixmapCache
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from gui import imaging, theme
from gui.itemmodels.image_list_model import DOUBT, ImageListModel
from gui.widgets.image_strip_badge import paint_badge
from gui.widgets.placeholder import heading_font

AnyIndex = QModelIndex | QPersistentModelIndex

TILE = 56
"""Side of a thumbnail in device-independent pixels."""

_MARGIN = 3 * theme.GRID
_INSET = theme.GRID
_RADIUS = 4
_LEADING = 2
_MIN_WORDS = 40
"""A column narrower than this many pixels is left empty: no word can be read in it."""


class ImageStripDelegate(QStyledItemDelegate):
    """Draws a thumbnail, and beside it name, top-1 and its probability; every row is equally high."""

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        """The same for every row, whatever it holds."""
        words = 3 * option.fontMetrics.height() + 2 * _LEADING
        return QSize(TILE + 2 * _MARGIN, max(TILE, words) + 4 * theme.GRID)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        """Draw one row."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        row = option.rect
        tile = QRect(row.left() + _MARGIN, row.top() + (row.height() - TILE) // 2, TILE, TILE)
        left = row.left() + TILE + 2 * _MARGIN
        words = QRect(left, row.top(), row.left() + row.width() - _MARGIN - left, row.height())
        self._paint_ground(painter, option, index)
        self._paint_tile(painter, tile, index)
        self._paint_words(painter, words, option, index)
        painter.restore()

    def _paint_ground(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        c = theme.colours()
        ground = QRectF(option.rect).adjusted(_INSET, 2, -_INSET, -2)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.setPen(Qt.PenStyle.NoPen)
        if selected or option.state & QStyle.StateFlag.State_MouseOver:
            painter.setBrush(QColor(c.accent_soft if selected else c.window))
            painter.drawRoundedRect(ground, 6, 6)
        if not _is_current(option, index):
            return
        painter.setBrush(QColor(c.accent))
        painter.drawRoundedRect(QRectF(ground.left(), ground.top() + 8, 3, ground.height() - 16), 1.5, 1.5)
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(QColor(c.accent), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(ground.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)

    def _paint_tile(self, painter: QPainter, tile: QRect, index: AnyIndex) -> None:
        c = theme.colours()
        failed = bool(index.data(ImageListModel.FAILED))
        thumbnail = index.data(Qt.ItemDataRole.DecorationRole)
        shape = QPainterPath()
        shape.addRoundedRect(QRectF(tile), _RADIUS, _RADIUS)
        painter.fillPath(shape, QColor(c.error_soft if failed else c.canvas))
        if thumbnail is not None:
            painter.save()
            painter.setClipPath(shape)
            painter.drawPixmap(tile, _square(thumbnail, painter.device().devicePixelRatioF()))
            painter.restore()
        elif failed:
            _paint_cross(painter, tile, c.error)
        paint_badge(painter, tile, index.data(ImageListModel.LABEL))

    def _paint_words(self, painter: QPainter, column: QRect, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        if column.width() < _MIN_WORDS:
            return
        c = theme.colours()
        probability = _that_fits(index.data(ImageListModel.PROBABILITY), column.width(), theme.tabular(option.font))
        top1 = index.data(ImageListModel.TOP1)
        # Muted text would be too faint on the ground of a selected row.
        plain = c.text if option.state & QStyle.StateFlag.State_Selected else c.muted
        answer = c.error if index.data(ImageListModel.FAILED) else plain
        height = option.fontMetrics.height()
        # Three places always, so that the name stays where it is when the answer arrives.
        top = column.top() + (column.height() - 3 * height - 2 * _LEADING) // 2
        line = QRect(column.left(), top, column.width(), height)
        painter.setFont(heading_font(option.font) if _is_current(option, index) else option.font)
        _elided(painter, line, index.data(), c.text, Qt.TextElideMode.ElideMiddle)
        painter.setFont(theme.tabular(option.font))
        line.translate(0, height + _LEADING)
        trained = index.data(ImageListModel.TRAINED)
        if trained is None:
            _elided(painter, line, top1, answer, Qt.TextElideMode.ElideRight)
            line.translate(0, height + _LEADING)
            _elided(painter, line, probability, plain, Qt.TextElideMode.ElideRight)
            return
        _with_number(painter, line, "", top1, probability, answer)
        line.translate(0, height + _LEADING)
        epoch, category, share = trained
        for mark in (f"epoch {epoch}: ", f"e{epoch}: "):
            if painter.fontMetrics().horizontalAdvance(f"{mark}{category} {share}") <= line.width():
                break
        _with_number(painter, line, mark, category, share, c.text if plain == c.text else c.accent)


def _is_current(option: QStyleOptionViewItem, index: AnyIndex) -> bool:
    view = option.widget
    return isinstance(view, QAbstractItemView) and view.currentIndex() == index


def _that_fits(probability: str, width: int, font: QFont) -> str:
    """A probability with any doubt in words, or where there is no room with a question mark."""
    fits = QFontMetrics(font).horizontalAdvance(probability) <= width
    return probability if fits else probability.replace(DOUBT, " ?")


def _elided(painter: QPainter, line: QRect, text: str, colour: str, mode: Qt.TextElideMode) -> None:
    painter.setPen(QColor(colour))
    shown = painter.fontMetrics().elidedText(text, mode, line.width())
    painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)


def _with_number(painter: QPainter, line: QRect, mark: str, words: str, number: str, colour: str) -> None:
    """Write mark, words and number; where the room ends, it is the words that give way."""
    metrics = painter.fontMetrics()
    room = line.width() - metrics.horizontalAdvance(f"{mark} {number}")
    shown = metrics.elidedText(words, Qt.TextElideMode.ElideRight, room)
    painter.setPen(QColor(colour))
    flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
    painter.drawText(line, flags, f"{mark}{shown} {number}".rstrip())


def _paint_cross(painter: QPainter, tile: QRect, colour: str) -> None:
    """Tell by shape as well as by colour that a picture cannot be read."""
    painter.setPen(QPen(QColor(colour), 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    cross = QRectF(tile).adjusted(22, 22, -22, -22)
    painter.drawLine(cross.topLeft(), cross.bottomRight())
    painter.drawLine(cross.topRight(), cross.bottomLeft())


def _square(thumbnail: QPixmap, ratio: float) -> QPixmap:
    """The middle square of a thumbnail at the tile's size, made once for each device pixel ratio."""
    key = f"strip-tile-{thumbnail.cacheKey()}-{ratio}"
    found = QPixmap()
    if not QPixmapCache.find(key, found):
        side = min(thumbnail.width(), thumbnail.height())
        middle = QRect((thumbnail.width() - side) // 2, (thumbnail.height() - side) // 2, side, side)
        found = imaging.fitted(thumbnail.copy(middle), QSize(TILE, TILE), ratio)
        QPixmapCache.insert(key, found)
    return found
