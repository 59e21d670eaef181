"""What a recipe makes of a picture: the picture, and beside it what the network is shown in the first epochs."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from core.types import AugmentPreview, Failure
from gui import imaging, theme
from gui.widgets.placeholder import paint_failure, paint_hint

_GAP = theme.GRID
_MOST = 128
"""Side of a tile at most, in device-independent pixels."""


class PreviewStrip(QWidget):
    """Tiles as large as the room allows; a click asks for another picture."""

    another_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._preview: AugmentPreview | Failure | None = None
        self._pixmaps: list[QPixmap] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Augmentation")
        self._describe()

    @property
    def variants(self) -> tuple[QPixmap, ...]:
        """The changed pictures that are shown."""
        return tuple(self._pixmaps[1:])

    def show_preview(self, preview: AugmentPreview | Failure | None) -> None:
        """Show another preview, or why there is none."""
        self._preview = preview
        pictures = (preview.picture, *preview.variants) if isinstance(preview, AugmentPreview) else ()
        self._pixmaps = [imaging.to_pixmap(pixels) for pixels in pictures]
        self._describe()
        self.update()

    def _describe(self) -> None:
        shown = self._preview
        if isinstance(shown, AugmentPreview):
            words = f"{shown.name} ({shown.category}), and {len(shown.variants)} pictures that the network is shown of it"
        else:
            words = shown.message if shown is not None else "No picture yet"
        self.setAccessibleDescription(words)
        self.setToolTip(f"{words}. Click for another picture" if isinstance(shown, AugmentPreview) else words)

    def sizeHint(self) -> QSize:
        """Two rows of five."""
        return QSize(5 * 80, 2 * 64 + _GAP)

    def minimumSizeHint(self) -> QSize:
        """One row."""
        return QSize(200, 64)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Ask for another picture."""
        if self._pixmaps and event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.another_wanted.emit()
        super().mouseReleaseEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the tiles, or why there are none."""
        painter = QPainter(self)
        if isinstance(self._preview, Failure):
            paint_failure(painter, self.rect(), "No preview", self._preview.message)
        elif not self._pixmaps:
            paint_hint(painter, self.rect(), "", "What the recipe makes of a picture is shown here.")
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        for place, pixmap in enumerate(self._pixmaps):
            tile = self._tile(place)
            painter.fillRect(tile, QColor(theme.colours().canvas))
            _paint_whole(painter, tile, pixmap)
            if place == 0 and len(self._pixmaps) > 1:
                painter.setPen(QPen(QColor(theme.colours().accent), 2))
                painter.drawRect(QRectF(tile).adjusted(1, 1, -1, -1))
        painter.end()

    def _tile(self, place: int) -> QRect:
        count = len(self._pixmaps)
        side, columns = max((self._side(columns), columns) for columns in range(1, count + 1))
        row, column = divmod(place, columns)
        return QRect(column * (side + _GAP), row * (side + _GAP), side, side)

    def _side(self, columns: int) -> int:
        rows = -(-len(self._pixmaps) // columns)
        across = (self.width() - (columns - 1) * _GAP) // columns
        return max(1, min(_MOST, across, (self.height() - (rows - 1) * _GAP) // rows))


def _paint_whole(painter: QPainter, tile: QRect, pixmap: QPixmap) -> None:
    factor = min(tile.width() / pixmap.width(), tile.height() / pixmap.height())
    place = QRectF(0, 0, pixmap.width() * factor, pixmap.height() * factor)
    place.moveCenter(QRectF(tile).center())
    painter.drawPixmap(place, pixmap, QRectF(pixmap.rect()))
