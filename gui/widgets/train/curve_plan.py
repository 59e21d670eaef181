"""Where curves are drawn: levels, the reach of the axis of epochs, and the room for names around."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QFontMetricsF

from gui import theme
from gui.widgets.train.curve_scale import Kind, epochs_shown, tick_text, ticks, value_text

Point = tuple[float, float]
"""An epoch, which may be broken, and a value."""

EPOCH = "epoch"
"""What stands at the left of the axis of epochs."""

_GAP = theme.GRID
_NAMES = 0.36
"""Share of the width that the names of the curves take at most."""


@dataclass(frozen=True, slots=True)
class Curve:
    """A curve: its name, and its points by rising epochs; those that are no numbers leave gaps."""

    name: str
    points: tuple[Point, ...]

    @property
    def last(self) -> Point | None:
        """The last point that is a number."""
        return next((point for point in reversed(self.points) if math.isfinite(point[1])), None)

    def end_label(self, kind: Kind) -> str:
        """What stands at its end: name and last value."""
        return f"{self.name} {value_text(self.last[1], kind)}" if self.last is not None else self.name


@dataclass(frozen=True)
class CurvePlan:
    """Curves in a widget of a size, in device-independent pixels.

    ``faint`` are values of single batches; ``epochs`` is how many the run has at most; ``metrics`` are those of the font that
    everything but the title is written in, ``head`` is the height of the title.
    """

    curves: tuple[Curve, ...]
    faint: tuple[Point, ...]
    epochs: int
    kind: Kind
    size: QSizeF
    metrics: QFontMetricsF
    head: float

    @cached_property
    def known(self) -> list[int]:
        """The epochs that have values."""
        return known_epochs(self.curves)

    @cached_property
    def values(self) -> list[float]:
        """All numbers that are to be in sight."""
        values = [value for one in self.curves for _, value in one.points if math.isfinite(value)]
        if len(self.known) > 1:  # the first batches of a run are far above all that follows
            return values
        return values + [value for _, value in self.faint if math.isfinite(value)]

    @cached_property
    def levels(self) -> list[float]:
        """Where the lines of the grid stand, lowest first."""
        values, line = self.values, self.metrics.height()
        low, high = (min(values), max(values)) if values else (0.0, 1.0)
        room = max(2, int((self.size.height() - self.head - 2 * line) / (2.2 * line)))
        if self.kind == "share":
            low, high = max(0.0, min(low, 0.999)), min(1.0, max(high, low + 0.01))
            return [one for one in ticks(low, high, room) if -1e-9 <= one <= 1 + 1e-9]
        return ticks(min(low, max(0.0, low - 0.05 * (high - low))), high, room)

    @cached_property
    def reach(self) -> int:
        """The last epoch on the axis."""
        known = self.known
        furthest = max(known[-1] if known else 0, self.faint[-1][0] if self.faint else 0)
        return epochs_shown(furthest, self.epochs)

    @cached_property
    def level_texts(self) -> list[str]:
        """The levels as they are written."""
        levels = self.levels
        step = levels[1] - levels[0] if len(levels) > 1 else 1.0
        return [tick_text(one, step, self.kind) for one in levels]

    @cached_property
    def plot(self) -> QRectF:
        """The rectangle of the curves themselves."""
        wide, line = self.metrics.horizontalAdvance, self.metrics.height()
        below = wide(EPOCH) + wide("0") / 2 + _GAP
        left = max(below, *(wide(text) for text in self.level_texts)) + 3 * _GAP
        ends = [wide(one.end_label(self.kind)) + 1 for one in self.curves if one.last is not None]
        right = min(_NAMES * self.size.width(), max(ends, default=0)) + 4 * _GAP
        top, bottom = self.head + line / 2 + 2 * _GAP, line + 4 * _GAP
        return QRectF(
            left, top, max(1.0, self.size.width() - left - right), max(1.0, self.size.height() - top - bottom)
        )

    def x(self, epoch: float) -> float:
        """Where an epoch is."""
        plot = self.plot
        return plot.left() + epoch / self.reach * plot.width()

    def y(self, value: float) -> float:
        """Where a value is."""
        plot, levels = self.plot, self.levels
        return plot.bottom() - (value - levels[0]) / ((levels[-1] - levels[0]) or 1.0) * plot.height()

    def points(self, points: tuple[Point, ...] | list[Point]) -> list[QPointF]:
        """Where points are; those that are no numbers are left out."""
        plot, levels, reach = self.plot, self.levels, self.reach
        across, up = plot.width() / reach, plot.height() / ((levels[-1] - levels[0]) or 1.0)
        return [
            QPointF(plot.left() + epoch * across, plot.bottom() - (value - levels[0]) * up)
            for epoch, value in points
            if math.isfinite(value)
        ]

    def epoch_at(self, x: float) -> int | None:
        """The epoch with values that is nearest to a place from the left."""
        known, plot = self.known, self.plot
        there = (x - plot.left()) / plot.width() * self.reach
        return min(known, key=lambda epoch: abs(epoch - there)) if known else None


def known_epochs(curves: tuple[Curve, ...]) -> list[int]:
    """The epochs at which any curve has a point."""
    return sorted({int(epoch) for one in curves for epoch, _ in one.points})


def pieces(points: tuple[Point, ...]) -> list[list[Point]]:
    """Cut at what is no number."""
    found: list[list[Point]] = [[]]
    for point in points:
        if math.isfinite(point[1]):
            found[-1].append(point)
        elif found[-1]:
            found.append([])
    return found


def spread(wanted: list[float], distance: float, low: float, high: float) -> list[float]:
    """Places as near to the wanted ones as can be, at least ``distance`` apart and within bounds while there is room."""
    order = sorted(range(len(wanted)), key=lambda index: wanted[index])
    places = list(wanted)
    floor = low + distance / 2
    for index in order:
        places[index] = floor = max(wanted[index], floor)
        floor += distance
    ceiling = high - distance / 2
    for index in reversed(order):
        places[index] = ceiling = min(places[index], ceiling)
        ceiling -= distance
    return places
