"""The picture with what lies over it, as a figure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QColor, QPaintEngine, QPainter

from core.types import Picture
from gui import colourmaps, theme
from gui.facts.overlays import Overlay
from gui.figures.figure import Figure, Words
from gui.figures.paper import HIGHEST, INSIDE, MARGIN, WIDTH, Paper
from gui.figures.pieces import LEGEND_HEIGHT, Scale, draw_heading, draw_legend, fill, frame, heading_height, write
from gui.widgets.heat_overlay import colour_map_of
from gui.widgets.picture_layer import PictureLayer
from gui.widgets.picture_overlay import PictureOverlay
from gui.widgets.picture_viewport import PictureViewport

_DOCUMENT_RATIO = 3.0
"""Pixels a unit that a picture has at most in a document: 288 an inch."""
_KEY = 20
_LEGEND = LEGEND_HEIGHT + 10
_MOST_ENLARGED = 4.0


@dataclass(frozen=True, slots=True)
class Outline:
    """A line over the picture that a legend has to explain."""

    colour: str
    words: str


class PictureFigure(Figure):
    """The picture as the window paints it, overlays included, with a legend for each of them.

    Parameters
    ----------
    words
        The heading.
    picture
        The picture.
    overlays
        What is painted over it, in this order.
    heats
        The heat maps among them, for the legends.
    outlines
        The lines among them.
    paper
        What to draw with.
    bare
        Leave out all but the picture, a pixel of it (as it was decoded for the screen) a unit.
    """

    # The overlays paint what is so at this moment.
    in_any_thread = False

    def __init__(
        self,
        words: Words,
        picture: Picture,
        overlays: Sequence[PictureOverlay],
        heats: Sequence[Overlay],
        outlines: Sequence[Outline],
        paper: Paper,
        *,
        bare: bool = False,
    ) -> None:
        self._words, self._picture, self._overlays = words, picture, tuple(overlays)
        self._heats, self._outlines, self._paper, self._bare = tuple(heats), tuple(outlines), paper, bare
        legends = len(self._heats) * _LEGEND + (_KEY if self._outlines else 0)
        below = 14 + legends if legends else 0
        if bare:
            rows, columns = picture.pixels.shape[:2]
            self.picture_place = QRectF(0, 0, columns, rows)
            size = QSize(columns, rows)
        else:
            top = heading_height(words)
            self.picture_place = _fitted(picture, QRectF(MARGIN, top, INSIDE, HIGHEST - top - below - MARGIN))
            size = QSize(WIDTH, math.ceil(self.picture_place.bottom() + below + MARGIN))
        super().__init__(words, self._describe(), size)

    def _describe(self) -> str:
        over = [heat.heat.words for heat in self._heats if heat.heat is not None]
        over += [outline.words for outline in self._outlines]
        return f"Over the picture: {'; '.join(over)}." if over else "The picture with nothing over it."

    def paint(self, painter: QPainter) -> None:
        """Draw heading, picture, overlays and legends."""
        fill(painter, self.size, self._paper)
        self._draw_picture(painter)
        if self._bare:
            return
        draw_heading(painter, self._words, self._paper)
        frame(painter, self.picture_place, self._paper.line, 0.5)
        self._draw_legends(painter, self.picture_place.bottom() + 14)

    def _draw_picture(self, painter: QPainter) -> None:
        engine = painter.paintEngine()
        on_pixels = engine is not None and engine.type() == QPaintEngine.Type.Raster
        ratio = abs(painter.deviceTransform().m11()) if on_pixels else _DOCUMENT_RATIO
        viewport = PictureViewport()
        viewport.set_picture(*self._picture.size)
        viewport.set_area(self.picture_place, ratio)
        # Not fitted: that would leave a margin.
        viewport.set_zoom(self.picture_place.width() / self._picture.size[0] * ratio)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setClipRect(self.picture_place)
        PictureLayer(self._picture.pixels).paint(painter, viewport)
        for overlay in self._overlays:
            if overlay.visible:
                overlay.paint(painter, viewport)
        painter.restore()

    def _draw_legends(self, painter: QPainter, top: float) -> None:
        for overlay in self._heats:
            if overlay.heat is not None:
                # Overlays are painted in the colours of the window's theme.
                name = colour_map_of(overlay.heat)
                table = np.array(colourmaps.table(name, dark=theme.is_dark()), np.uint32)
                scale = Scale(table, *overlay.heat.ends, zero=overlay.heat.diverging)
                words = f"{overlay.heat.words}\n{overlay.opacity:.0%} opaque".replace("%", " %")
                draw_legend(painter, QPointF(MARGIN, top), scale, self._paper, words, INSIDE)
                top += _LEGEND
        left = float(MARGIN)
        for outline in self._outlines:
            swatch = QRectF(left, top + 3, 14, 10)
            painter.setPen(QColor(outline.colour))
            frame(painter, swatch, outline.colour, 2)
            place = QRectF(swatch.right() + 8, top, INSIDE / max(1, len(self._outlines)) - 40, 16)
            write(painter, place, outline.words, self._paper.muted, Paper.SMALL)
            left += INSIDE / len(self._outlines)


def _fitted(picture: Picture, room: QRectF) -> QRectF:
    """Where a picture lies in a room: at the upper left, as large as fits, but its pixels not too large."""
    size = QSizeF(*picture.size).scaled(room.size(), Qt.AspectRatioMode.KeepAspectRatio)
    factor = size.width() / picture.size[0]
    if factor > _MOST_ENLARGED:
        size *= _MOST_ENLARGED / factor
    return QRectF(room.left(), room.top(), max(1, round(size.width())), max(1, round(size.height())))
