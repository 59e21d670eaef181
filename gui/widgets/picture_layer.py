"""The picture itself, drawn sharply at any zoom."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPixmap

from core.types import Pixels
from gui import imaging
from gui.widgets.picture_viewport import PictureViewport

NEAREST_FROM = 3.0
"""Zoom from which single pixels are shown as squares."""


class PictureLayer:
    """Pixels, maybe fewer than the original has; shrunk by averaging, enlarged smoothly, from 300 % up as squares."""

    def __init__(self, pixels: Pixels) -> None:
        self._pixmap = imaging.to_pixmap(pixels)
        self._shrunk: QPixmap | None = None

    def paint(self, painter: QPainter, viewport: PictureViewport) -> None:
        """Fill the viewport's picture rectangle."""
        target = viewport.picture_rect()
        shown = (target.size() * viewport.ratio).toSize()
        if shown.width() < self._pixmap.width() or shown.height() < self._pixmap.height():
            shrunk = self._shrunk_to(shown, viewport.ratio)
            painter.drawPixmap(target, shrunk, QRectF(shrunk.rect()))
            return
        smooth = shown != self._pixmap.size() and viewport.zoom < NEAREST_FROM
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        painter.drawPixmap(target, self._pixmap, QRectF(self._pixmap.rect()))
        painter.restore()

    def _shrunk_to(self, size: QSize, ratio: float) -> QPixmap:
        if self._shrunk is None or self._shrunk.size() != size:
            self._shrunk = imaging.stretched(self._pixmap, size)
        return self._shrunk
