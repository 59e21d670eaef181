"""Where the maps of a figure lie. Plain geometry, nothing is drawn here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSizeF

GAP = 8
LARGEST, SMALLEST = 240, 20
NUMBER, RANGE = 11, 10
"""Units that a channel's number takes below its map, and its values below that."""
_NUMBER_WIDTH = 20


@dataclass(frozen=True, slots=True)
class GridLayout:
    """Tiles of one size in rows, in units; ``tile`` is the map, ``label`` the room below it."""

    count: int
    columns: int
    tile: QSizeF
    label: int
    gap: int
    across: float
    """The way from one tile to the next."""

    @classmethod
    def of(cls, count: int, width: int, height: int, *, room: QSizeF, widest: float) -> GridLayout:
        """Lay out maps of so many pixels in a room: as large as fits, smaller than it is if they must, higher if that fails.

        A map pixel is a whole number of units wide, or a whole number of them make a unit. ``widest`` is how much the values
        below a map need, 0 where there are none; they are left out where they do not fit.
        """
        found = None
        for tile in _sizes(width, height):
            found = cls._with(tile, count, room.width(), widest)
            if found.height <= room.height() and found.columns * found.across - found.gap <= room.width() + 0.5:
                break
        assert found is not None
        return found

    @classmethod
    def bare(cls, count: int, width: int, height: int, columns: int) -> GridLayout:
        """Lay the maps out a pixel a unit, without labels."""
        gap = 2 if min(width, height) >= 32 else 1
        return cls(count, columns, QSizeF(width, height), 0, gap, width + gap)

    @classmethod
    def _with(cls, tile: QSizeF, count: int, room: float, widest: float) -> GridLayout:
        pitch = max(tile.width(), _NUMBER_WIDTH) + GAP
        columns = max(1, min(count, int((room + GAP) // pitch)))
        # What is left over goes between full rows, so that they end at both margins.
        across = pitch if columns == count else (room + GAP) / columns
        label = NUMBER + (RANGE if 0 < widest <= across - 4 else 0)
        return cls(count, columns, tile, label, GAP, across)

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return -(-self.count // self.columns)

    @property
    def down(self) -> float:
        """The way from one row to the next."""
        return self.tile.height() + self.label + self.gap

    @property
    def height(self) -> float:
        """The height of all rows."""
        return self.rows * self.down - self.gap

    @property
    def width(self) -> float:
        """The width of the longest row."""
        return (self.columns - 1) * self.across + self.tile.width()

    def place(self, index: int) -> QRectF:
        """Where a map lies; its left edge is on a whole unit."""
        row, column = divmod(index, self.columns)
        return QRectF(round(column * self.across), round(row * self.down), self.tile.width(), self.tile.height())


def _sizes(width: int, height: int) -> Iterator[QSizeF]:
    """Sizes of a tile from the largest to the smallest."""
    longest = max(width, height)
    for factor in range(max(1, LARGEST // longest), max(1, -(-SMALLEST // longest)) - 1, -1):
        yield QSizeF(width * factor, height * factor)
    for divisor in range(2, 1 + longest // SMALLEST):
        if longest / divisor <= LARGEST:
            yield QSizeF(width / divisor, height / divisor)
