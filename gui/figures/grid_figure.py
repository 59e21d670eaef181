"""The maps of a layer as a figure: in the order, colours and scaling in which they are shown."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF
from PySide6.QtGui import QImage, QPainter

from core.insight.mosaic import choose_columns
from core.types import ActivationGrid
from gui import colourmaps, imaging
from gui.figures.figure import Figure, Words
from gui.figures.grid_layout import NUMBER, RANGE, GridLayout
from gui.figures.paper import HIGHEST, INSIDE, MARGIN, WIDTH, Paper
from gui.figures.pieces import (
    LEGEND_HEIGHT,
    Scale,
    draw_heading,
    draw_legend,
    draw_map,
    fill,
    heading_height,
    width_of,
    write_centred,
)
from gui.widgets.map_words import format_number

_ABOVE_LEGEND = 20
_RANGES_TO = 256
"""Maps that there may be for their values to have room below them."""


class Colours(Protocol):
    """What a figure wants to know of the colours of maps; :class:`gui.widgets.map_colours.MapColours` knows it."""

    grid: ActivationGrid
    palette: npt.NDArray[np.uint32]
    diverging: bool
    alike: bool
    shared: tuple[float, float]
    gamma: float

    def ends(self, channel: int) -> tuple[float, float]:
        """The values of the first and the last colour."""

    def coloured(self, channels: Sequence[int], values: npt.NDArray[np.float32]) -> npt.NDArray[np.uint32]:
        """The maps of some channels as ``QRgb``, in the shape of ``values``: (channels, height, width)."""


def map_image(colours: Colours, channel: int) -> QImage:
    """A map in its colours, a pixel a value."""
    return imaging.from_rgb32(colours.coloured((channel,), colours.grid.values[channel][None])[0])


def ramp(colours: Colours) -> npt.NDArray[np.uint32]:
    """The colours in even steps of the values from the first to the second end."""
    shares = colourmaps.bend(np.linspace(0.0, 1.0, 257), colours.gamma, around_zero=colours.diverging)
    return colours.palette[np.rint(shares * (len(colours.palette) - 1)).astype(np.intp)]


def remarks(colours: Colours, channels: Sequence[int]) -> str:
    """What else there is to know of the colours: "; gamma 0.5; pure blue is not a number"; "" if nothing."""
    bent = f"; gamma {colours.gamma:.2f}" if colours.gamma != 1.0 else ""
    return bent + ("; pure blue is not a number" if colours.grid.nans[list(channels)].any() else "")


class GridFigure(Figure):
    """All maps, each with its number and, where it fits, the values its colours stand for; below them the legend.

    Parameters
    ----------
    words
        The heading.
    colours
        The maps and their colours.
    channels
        The channels in the order in which they are shown, and ``order`` that order in words ("sorted by mean").
    paper
        What to draw with.
    bare
        Leave out all but the maps, a pixel of a map a unit.
    """

    def __init__(
        self, words: Words, colours: Colours, channels: Sequence[int], order: str, paper: Paper, *, bare: bool = False
    ) -> None:
        self._words, self._colours, self._channels, self._order = words, colours, tuple(channels), order
        self._paper, self._bare, self._digits = paper, bare, 3
        grid = colours.grid
        if bare:
            columns = _columns_of_bare(len(self._channels), grid)
            self._layout = GridLayout.bare(len(self._channels), grid.tile_width, grid.tile_height, columns)
            size = QSize(round(self._layout.width), round(self._layout.height))
        else:
            top = heading_height(words)
            room = QSizeF(INSIDE, HIGHEST - top - _ABOVE_LEGEND - LEGEND_HEIGHT - MARGIN)
            size_of = (len(self._channels), grid.tile_width, grid.tile_height)
            self._layout = self._lay_out(size_of, room)
            height = top + self._layout.height + _ABOVE_LEGEND + LEGEND_HEIGHT + MARGIN
            size = QSize(WIDTH, math.ceil(height))
        super().__init__(words, self._describe(), size)

    def _describe(self) -> str:
        low, high = self._colours.shared
        count = len(self._channels)
        noun = "feature map" if count == 1 else "feature maps"
        return (
            f"{count} {noun}, {self._order}; {self._caption()}. "
            f"The values of the layer lie between {format_number(low)} and {format_number(high)}."
        )

    def _caption(self) -> str:
        more = remarks(self._colours, self._channels)
        if self._colours.alike:
            return f"colours over the values of the whole layer{more}"
        around = ", zero in the middle" if self._colours.diverging else ""
        return f"colours over each map's own values{around}{more}"

    def paint(self, painter: QPainter) -> None:
        """Draw heading, maps and legend."""
        fill(painter, self.size, self._paper)
        if self._bare:
            self._draw_maps(painter, QPointF(0, 0))
            return
        draw_heading(painter, self._words, self._paper)
        corner = QPointF(MARGIN, heading_height(self._words))
        self._draw_maps(painter, corner)
        below = corner + QPointF(0, math.ceil(self._layout.height) + _ABOVE_LEGEND)
        draw_legend(painter, below, self._legend(), self._paper, self._legend_words(), INSIDE)

    def _legend(self) -> Scale:
        low, high = self._colours.shared
        around = self._colours.diverging
        if around:
            reach = max(abs(low), abs(high))
            low, high = -reach, reach
        each = ("−largest", "largest") if around else ("least", "greatest")
        return Scale(ramp(self._colours), low, high, around, None if self._colours.alike else each)

    def _legend_words(self) -> str:
        if self._colours.alike:
            return f"{_begun(self._caption())}\n{_begun(self._order)}"
        low, high = self._colours.shared
        whole = f"values of the layer: {format_number(low)} to {format_number(high)}"
        return f"{_begun(self._caption())}; {whole}\n{_begun(self._order)}"

    def _draw_maps(self, painter: QPainter, corner: QPointF) -> None:
        for index, channel in enumerate(self._channels):
            place = self._layout.place(index).translated(corner)
            draw_map(painter, place, map_image(self._colours, channel))
            if self._layout.label:
                self._draw_label(painter, place, channel)

    def _draw_label(self, painter: QPainter, place: QRectF, channel: int) -> None:
        line = QRectF(place.center().x() - self._layout.across / 2, place.bottom() + 1, self._layout.across, NUMBER)
        write_centred(painter, line, str(channel), self._paper.text, Paper.TINY)
        if self._layout.label > NUMBER:
            write_centred(painter, line.translated(0, RANGE), self._range(channel), self._paper.muted, Paper.TINY)

    def _range(self, channel: int) -> str:
        low, high = self._colours.ends(channel)
        return f"{_short(low, self._digits)} … {_short(high, self._digits)}" if low != high else _short(low, self._digits)

    def _lay_out(self, size_of: tuple[int, int, int], room: QSizeF) -> GridLayout:
        """Lay out the maps, with their values below them where those fit with three digits, or at least with two."""
        if self._colours.alike or len(self._channels) > _RANGES_TO:
            return GridLayout.of(*size_of, room=room, widest=0.0)
        for self._digits in (3, 2):
            widest = max(width_of(self._range(channel), Paper.TINY) for channel in self._channels)
            layout = GridLayout.of(*size_of, room=room, widest=widest)
            if layout.label > NUMBER:
                break
        return layout


def _begun(words: str) -> str:
    """With a capital letter at the beginning, and the rest as it is."""
    return words[:1].upper() + words[1:]


def _begun(words: str) -> str:
    """With a capital letter at the beginning, and the rest as it is."""
    return words[:1].upper() + words[1:]


def _short(value: float, digits: int) -> str:
    return f"{value:.{digits}g}".replace("-", "−")


def _columns_of_bare(count: int, grid: ActivationGrid) -> int:
    """As many maps in a row as in a mosaic, whose proportions are about 4:3."""
    return choose_columns(count, grid.tile_height, grid.tile_width)
