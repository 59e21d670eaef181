"""Where the tiles of a map grid lie. Plain geometry, nothing is drawn here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, QSizeF

MARGIN = 12
GAP = 8
LABEL_FROM = 40
"""Tiles at least this wide carry their number below them."""


@dataclass(frozen=True, slots=True)
class MapLayout:
    """Tiles of one size in rows, counted as they are shown; all in device-independent pixels of the whole, unscrolled surface.

    ``size`` is that of a drawn map, ``device_size`` the same in pixels of the screen, ``pitch`` the way from one tile
    to the next; ``shrinks`` says that a map has more pixels than its tile.
    """

    count: int = 0
    columns: int = 1
    size: QSize = field(default_factory=QSize)
    device_size: QSize = field(default_factory=QSize)
    pitch: QSize = field(default_factory=lambda: QSize(1, 1))
    label_height: int = 0
    shrinks: bool = False
    ratio: float = 1.0
    margin: int = MARGIN

    @classmethod
    def of(cls, *, count: int, native: QSize, side: int, ratio: float, width: int, label: int) -> MapLayout:
        """Lay out ``count`` maps of ``native`` pixels with tiles about ``side`` long in a view ``width`` wide.

        A map smaller than its tile is enlarged by a whole number of screen pixels, so that its pixels stay even.
        """
        longest = max(native.width(), native.height())
        factor = side * ratio / longest
        if factor >= 1:
            factor = max(1, round(factor))
        device = QSize(max(1, round(native.width() * factor)), max(1, round(native.height() * factor)))
        size = QSize(max(1, round(device.width() / ratio)), max(1, round(device.height() / ratio)))
        label_height = label if size.width() >= LABEL_FROM else 0
        # A tile of a very flat map would be too small to be pointed at.
        pitch = QSize(max(16, size.width()) + GAP, max(8, size.height()) + GAP + label_height)
        columns = max(1, (width - 2 * MARGIN + GAP) // pitch.width())
        return cls(count, columns, size, device, pitch, label_height, factor < 1, ratio)

    @property
    def labelled(self) -> bool:
        """Whether each tile carries its number."""
        return self.label_height > 0

    def draws_as(self, other: MapLayout) -> bool:
        """Whether the image of a map is the same in another layout, wherever it lies."""
        return (self.device_size, self.ratio, self.shrinks) == (other.device_size, other.ratio, other.shrinks)

    @property
    def height(self) -> int:
        """The height of all rows with their margins."""
        rows = -(-self.count // self.columns)
        return rows * self.pitch.height() - GAP + 2 * MARGIN if rows else 0

    def cell(self, index: int) -> QRect:
        """The tile and its label."""
        row, column = divmod(index, self.columns)
        corner = QPoint(MARGIN + column * self.pitch.width(), MARGIN + row * self.pitch.height())
        return QRect(corner, QSize(self.pitch.width() - GAP, self.pitch.height() - GAP))

    def tile(self, index: int) -> QRect:
        """Where the map itself is drawn."""
        return QRect(self.corner(index), self.size)

    def corners(self, indices: Iterable[int]) -> list[QPoint]:
        """The upper left corners of :meth:`tile`, of a thousand tiles in a millisecond."""
        across, down, columns = self.pitch.width(), self.pitch.height(), self.columns
        left = MARGIN + (across - GAP - self.size.width()) // 2
        top = MARGIN + (down - GAP - self.label_height - self.size.height()) // 2
        return [QPoint(left + index % columns * across, top + index // columns * down) for index in indices]

    def corner(self, index: int) -> QPoint:
        """The upper left corner of :meth:`tile`."""
        return self.corners((index,))[0]

    def target(self, index: int) -> QRectF:
        """The same to the pixel of the screen."""
        exact = QSizeF(self.device_size.width() / self.ratio, self.device_size.height() / self.ratio)
        return QRectF(self.corner(index).toPointF(), exact)

    def label(self, index: int) -> QRect:
        """Where the number stands."""
        cell = self.cell(index)
        return QRect(cell.left(), cell.bottom() + 1 - self.label_height, cell.width(), self.label_height)

    def indices_between(self, top: int, bottom: int) -> range:
        """Return the indices of the tiles whose rows touch the lines ``top`` to ``bottom``."""
        first = max(0, (top - MARGIN) // self.pitch.height())
        last = max(0, (bottom - MARGIN) // self.pitch.height())
        return range(min(self.count, first * self.columns), min(self.count, (last + 1) * self.columns))

    def place_of(self, top: int) -> tuple[int, float]:
        """Return the index of the first tile of the row at a scroll position, and how much of the row lies above it, 0 to 1."""
        row, beyond = divmod(max(0, top), self.pitch.height())
        return row * self.columns, beyond / self.pitch.height()

    def position_of(self, index: int, beyond: float) -> float:
        """Return the scroll position of a place of :meth:`place_of`."""
        return (index // self.columns + beyond) * self.pitch.height()

    def index_at(self, position: QPoint) -> int:
        """Return the index of the tile that is, or whose label is, at a point; -1 where there is none."""
        x, y = position.x() - MARGIN, position.y() - MARGIN
        if x < 0 or y < 0 or x // self.pitch.width() >= self.columns:
            return -1
        index = y // self.pitch.height() * self.columns + x // self.pitch.width()
        return index if index < self.count and self.cell(index).contains(position) else -1
