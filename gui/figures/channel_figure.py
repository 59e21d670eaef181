"""One channel as a figure: large, with its rows and columns, its values and how they are spread."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QColor, QPainter

from gui import imaging
from gui.figures.figure import Figure, Words
from gui.figures.grid_figure import Colours, map_image, ramp, remarks
from gui.figures.paper import MARGIN, WIDTH, Paper
from gui.figures.pieces import (
    draw_heading,
    draw_line,
    draw_map,
    fill,
    frame,
    heading_height,
    write,
    write_centred,
    write_right,
)
from gui.widgets.map_words import explain_map, format_number, format_share

LARGEST = 416
_AXIS, _BAR, _BAR_GAP, _BAR_NUMBERS = 34, 14, 18, 68
_WIDEST_SIDE = 240
"""Units of the column of numbers at the right."""
_BINS = 40
_HISTOGRAM = 96
LEAST_BARE = 256


class ChannelFigure(Figure):
    """A map with axes, a colour bar, statistics and a histogram; with ``bare`` only the map, at least 256 units long."""

    def __init__(self, words: Words, colours: Colours, channel: int, paper: Paper, *, bare: bool = False) -> None:
        self._words, self._colours, self._channel, self._paper, self._bare = words, colours, channel, paper, bare
        grid = colours.grid
        self._tile = _bare_size(grid.tile_width, grid.tile_height) if bare else _size(grid.tile_width, grid.tile_height)
        if bare:
            size = self._tile.toSize()
        else:
            height = max(self._tile.height() + _AXIS, 320)
            size = QSize(WIDTH, math.ceil(heading_height(words) + 8 + height + MARGIN))
        super().__init__(words, f"Map of {explain_map(grid, channel)}{remarks(colours, [channel])}.", size)

    @property
    def map_place(self) -> QRectF:
        """Where the map lies."""
        if self._bare:
            return QRectF(QPointF(0, 0), self._tile)
        return QRectF(QPointF(MARGIN + _AXIS, heading_height(self._words) + 8), self._tile)

    def paint(self, painter: QPainter) -> None:
        """Draw heading, map, axes, colour bar, numbers."""
        fill(painter, self.size, self._paper)
        place = self.map_place
        draw_map(painter, place, map_image(self._colours, self._channel))
        if self._bare:
            return
        draw_heading(painter, self._words, self._paper)
        frame(painter, place, self._paper.line)
        self._draw_axes(painter, place)
        self._draw_bar(painter, QRectF(place.right() + _BAR_GAP, place.top(), _BAR, place.height()))
        width = min(_WIDEST_SIDE, WIDTH - MARGIN - (place.right() + _BAR_GAP + _BAR + _BAR_NUMBERS))
        left = WIDTH - MARGIN - width
        below = self._draw_statistics(painter, QRectF(left, place.top() - 3, width, 14))
        self._draw_histogram(painter, QRectF(left, below + 28, width, _HISTOGRAM))

    def _draw_axes(self, painter: QPainter, place: QRectF) -> None:
        grid, paper = self._colours.grid, self._paper
        for column in ticks(grid.tile_width, place.width() / grid.tile_width):
            x = place.left() + (column + 0.5) * place.width() / grid.tile_width
            draw_line(painter, QPointF(x, place.bottom() + 1), QPointF(x, place.bottom() + 5), paper.muted)
            write_centred(painter, QRectF(x - 20, place.bottom() + 6, 40, 12), str(column), paper.text, Paper.SMALL)
        for row in ticks(grid.tile_height, place.height() / grid.tile_height):
            y = place.top() + (row + 0.5) * place.height() / grid.tile_height
            draw_line(painter, QPointF(place.left() - 5, y), QPointF(place.left() - 1, y), paper.muted)
            write_right(painter, QRectF(place.left() - 40, y - 6, 32, 12), str(row), paper.text, Paper.SMALL)
        write_centred(painter, QRectF(place.left(), place.bottom() + 20, place.width(), 13), "column", paper.muted, Paper.SMALL)
        painter.save()
        painter.translate(place.left() - _AXIS + 2, place.center().y())
        painter.rotate(-90)
        write_centred(painter, QRectF(-60, -6, 120, 13), "row", paper.muted, Paper.SMALL)
        painter.restore()

    def _draw_bar(self, painter: QPainter, bar: QRectF) -> None:
        colours, paper = self._colours, self._paper
        low, high = colours.ends(self._channel)
        strip = imaging.from_rgb32(np.ascontiguousarray(ramp(colours)[::-1, None]))
        painter.drawImage(bar, strip)
        frame(painter, bar, paper.line)
        values = [low] if low == high else [low, low + (high - low) / 2, high]
        for value in values:
            share = 0.5 if low == high else (value - low) / (high - low)
            y = bar.bottom() - share * bar.height()
            draw_line(painter, QPointF(bar.right() + 1, y), QPointF(bar.right() + 5, y), paper.muted)
            write(painter, QRectF(bar.right() + 8, y - 7, 60, 14), format_number(value), paper.text, Paper.SMALL)

    def _draw_statistics(self, painter: QPainter, line: QRectF) -> float:
        grid, channel, paper = self._colours.grid, self._channel, self._paper
        rows = [
            (name, format_number(float(numbers[channel])))
            for name, numbers in (("mean", grid.mean), ("std", grid.std), ("minimum", grid.minimum), ("maximum", grid.maximum))
        ]
        rows += [("zeros", format_share(float(grid.zeros[channel])))]
        rows += [("NaN", f"{int(grid.nans[channel]):,}")] if grid.nans[channel] else []
        write(painter, line, f"Channel {channel}", paper.text, Paper.TEXT, bold=True)
        line = line.translated(0, 22)
        for name, value in rows:
            write(painter, line, name, paper.muted, Paper.SMALL)
            write_right(painter, line, value, paper.text, Paper.SMALL)
            below = QPointF(0, 2)
            draw_line(painter, line.bottomLeft() + below, line.bottomRight() + below, paper.line, 0.4)
            line = line.translated(0, 20)
        return line.top()

    def _draw_histogram(self, painter: QPainter, place: QRectF) -> None:
        values = self._colours.grid.values[self._channel]
        values = values[np.isfinite(values)].astype(np.float64)
        if not values.size or values.min() == values.max():
            return
        counts, edges = np.histogram(values, _BINS)
        paper = self._paper
        above = QRectF(place.left(), place.top() - 18, place.width(), 13)
        write(painter, above, "values", paper.muted, Paper.SMALL)
        write_right(painter, above, f"highest bar {counts.max():,}", paper.muted, Paper.TINY)
        step = place.width() / _BINS
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(paper.bar))
        for number, count in enumerate(counts.tolist()):
            # Half a unit at least: what is rare must be seen.
            height = max(0.5, place.height() * count / counts.max()) if count else 0.0
            painter.drawRect(QRectF(place.left() + number * step, place.bottom() - height, step * 0.86, height))
        draw_line(painter, place.bottomLeft(), place.bottomRight(), paper.muted)
        below = QRectF(place.left(), place.bottom() + 3, place.width(), 13)
        write(painter, below, format_number(float(edges[0])), paper.text, Paper.SMALL)
        write_right(painter, below, format_number(float(edges[-1])), paper.text, Paper.SMALL)


def ticks(count: int, cell: float, apart: float = 34.0) -> range:
    """Return the rows or columns that carry a number: 0, and every 1st, 2nd, 5th, 10th ... so that they stand well apart."""
    for power in range(7):
        for leading in (1, 2, 5):
            step = leading * 10**power
            if step * cell >= apart or step >= count:
                return range(0, count, step)
    return range(0, count, count)


def _size(width: int, height: int) -> QSizeF:
    """As large as fits, a map pixel a whole number of units, or a whole number of them a unit."""
    longest = max(width, height)
    if longest <= LARGEST:
        return QSizeF(width, height) * (LARGEST // longest)
    return QSizeF(width, height) / math.ceil(longest / LARGEST)


def _bare_size(width: int, height: int) -> QSizeF:
    return QSizeF(width, height) * max(1, math.ceil(LEAST_BARE / max(width, height)))
