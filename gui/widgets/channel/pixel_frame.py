"""A picture of few pixels, enlarged crisply into a place on a widget."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPixmap

from gui import imaging

FREE_FROM = 4.0
"""From so many device pixels a value on, cells that differ by one pixel are not noticed; below, all are of one size."""

_SHADE = QColor(0, 0, 0, 150)


def fitted_rect(room: QRectF, columns: int, rows: int, ratio: float) -> QRectF:
    """Return where columns x rows pixels lie in a room, as large as they fit, in whole device pixels."""
    fit = min(room.width() / columns, room.height() / rows) * ratio
    factor = float(int(fit)) if 1 <= fit < FREE_FROM else fit
    width, height = max(1, round(columns * factor)), max(1, round(rows * factor))
    left = round((room.left() + (room.width() - width / ratio) / 2) * ratio)
    top = round((room.top() + (room.height() - height / ratio) / 2) * ratio)
    return QRectF(left / ratio, top / ratio, width / ratio, height / ratio)


def paint_pixels(painter: QPainter, target: QRectF, image: QImage, ratio: float) -> None:
    """Enlarge with nearest neighbour; shrink by averaging."""
    wanted = (target.size() * ratio).toSize()
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
    if wanted.width() < image.width() or wanted.height() < image.height():
        shrunk = imaging.stretched(QPixmap.fromImage(image), wanted)
        painter.drawPixmap(target, shrunk, QRectF(shrunk.rect()))
    else:
        painter.drawImage(target, image, QRectF(image.rect()))


def paint_outline(painter: QPainter, rect: QRectF, colour: str, width: float = 2) -> None:
    """Outline a place, dark below and bright above, so that it is seen on any colour."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for shade, wide in ((_SHADE, width + 2), (QColor(colour), width)):
        painter.setPen(QPen(shade, wide, Qt.PenStyle.SolidLine, Qt.PenCapStyle.SquareCap, Qt.PenJoinStyle.MiterJoin))
        painter.drawRect(rect)
