"""A layer without a spatial extent as a figure: its strongest units as bars, and all of them as a strip."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter

from core.types import ActivationVector
from gui import colourmaps, imaging
from gui.figures.figure import Figure, Words
from gui.figures.paper import INSIDE, MARGIN, WIDTH, Paper
from gui.figures.pieces import (
    LEGEND_HEIGHT,
    Scale,
    draw_heading,
    draw_legend,
    draw_line,
    draw_map,
    fill,
    frame,
    heading_height,
    width_of,
    write,
    write_right,
)
from gui.widgets.map_words import format_number

_ROW = 19
_CELLS = 64
"""Units of the layer in a line of the strip."""
_BARE = 8
_BELOW_BARS = 34


class UnitsFigure(Figure):
    """Bars from zero, and a strip in reading order coloured around zero; with ``bare`` only the strip."""

    def __init__(self, words: Words, vector: ActivationVector, paper: Paper, *, bare: bool = False) -> None:
        self._words, self._vector, self._paper, self._bare = words, vector, paper, bare
        self._columns = min(_CELLS, vector.values.size)
        self._lines = -(-vector.values.size // self._columns)
        cell = _BARE if bare else min(14.0, INSIDE / self._columns)
        self._strip = QRectF(0, 0, self._columns * cell, self._lines * cell)
        if bare:
            size = self._strip.size().toSize()
        else:
            self._strip.moveTo(MARGIN, heading_height(words) + len(vector.strongest) * _ROW + _BELOW_BARS)
            size = QSize(WIDTH, math.ceil(self._strip.bottom() + 16 + LEGEND_HEIGHT + MARGIN))
        super().__init__(words, self._describe(), size)

    def _name(self, place: int) -> str:
        unit = self._vector.strongest[place]
        return f"{unit}  {self._vector.labels[place]}" if self._vector.labels else str(unit)

    def _describe(self) -> str:
        values = self._vector.values
        strongest = ", ".join(
            f"{self._name(place)} {format_number(float(values[unit]))}" for place, unit in enumerate(self._vector.strongest[:5])
        )
        return f"{values.size} units; the strongest are {strongest}."

    def paint(self, painter: QPainter) -> None:
        """Draw heading, bars, strip and legend."""
        fill(painter, self.size, self._paper)
        self._draw_strip(painter)
        if self._bare:
            return
        draw_heading(painter, self._words, self._paper)
        self._draw_bars(painter, heading_height(self._words))
        above = QRectF(MARGIN, self._strip.top() - 20, INSIDE, 14)
        write(painter, above, f"All {self._vector.values.size:,} units, {self._columns} a line", self._paper.muted, Paper.SMALL)
        reach = self._reach()
        table = np.array(colourmaps.table(colourmaps.AROUND_ZERO, dark=self._paper.dark), np.uint32)
        corner = QPointF(MARGIN, self._strip.bottom() + 16)
        draw_legend(painter, corner, Scale(table, -reach, reach, zero=True), self._paper, "Colours around zero", INSIDE)

    def _reach(self) -> float:
        finite = self._vector.values[np.isfinite(self._vector.values)]
        return float(np.abs(finite).max()) if finite.size else 0.0

    def _draw_bars(self, painter: QPainter, top: float) -> None:
        values, paper = self._vector.values, self._paper
        shown = [float(values[unit]) for unit in self._vector.strongest]
        finite = [value for value in shown if math.isfinite(value)]
        low, high = min([0.0, *finite]), max([0.0, *finite])
        names = min(260.0, max(width_of(self._name(place), Paper.SMALL) for place in range(len(shown))) + 4)
        room = QRectF(MARGIN + names + 10, top, INSIDE - names - 10 - 64, len(shown) * _ROW)
        zero = room.left() + room.width() * (-low / (high - low) if high > low else 0.0)
        for place, value in enumerate(shown):
            line = QRectF(MARGIN, top + place * _ROW, names, _ROW)
            write(painter, line, self._name(place), paper.text, Paper.SMALL)
            number = QRectF(WIDTH - MARGIN - 60, line.top(), 60, _ROW)
            write_right(painter, number, format_number(value), paper.text, Paper.SMALL)
            end = zero + room.width() * value / (high - low) if high > low and math.isfinite(value) else zero
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(paper.bar))
            painter.drawRect(QRectF(QPointF(zero, line.top() + 4), QPointF(end, line.bottom() - 4)).normalized())
        draw_line(painter, QPointF(zero, room.top()), QPointF(zero, room.bottom()), paper.muted)

    def _draw_strip(self, painter: QPainter) -> None:
        values, reach = self._vector.values.astype(np.float64), self._reach()
        table = np.array(colourmaps.table(colourmaps.AROUND_ZERO, dark=self._paper.dark), np.uint32)
        last = len(table) - 1
        share = np.nan_to_num(values / reach, nan=0.0, posinf=1.0, neginf=-1.0) if reach else np.zeros(values.shape)
        colours = np.full(self._lines * self._columns, QColor(self._paper.background).rgb(), np.uint32)
        colours[: values.size] = table[np.rint((share + 1) / 2 * last).astype(np.intp)]
        image = imaging.from_rgb32(colours.reshape(self._lines, self._columns))
        draw_map(painter, self._strip, image)
        if not self._bare:
            frame(painter, self._strip, self._paper.line)
