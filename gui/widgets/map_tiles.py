"""The maps of a layer as images, coloured when they are first seen."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage

from gui import imaging
from gui.widgets.map_colours import MapColours

_KEPT_BYTES = 64 << 20
_AT_ONCE = 1 << 16
"""Values that are coloured in one go: they stay in the processor's cache."""


class MapTiles:
    """Colours maps; the latest are kept, up to :data:`_KEPT_BYTES`.

    ``size`` is that of an image in pixels of the screen where the maps are to be averaged down, else None.
    """

    def __init__(self, colours: MapColours, size: QSize | None) -> None:
        grid = colours.grid
        self._colours = colours
        self._size = size
        pixels = size.width() * size.height() if size is not None else grid.tile_width * grid.tile_height
        self._most = max(64, _KEPT_BYTES // (4 * max(1, pixels)))
        self._step = max(1, _AT_ONCE // (grid.tile_width * grid.tile_height))
        self._images: OrderedDict[int, QImage] = OrderedDict()

    def prepare(self, channels: Iterable[int]) -> None:
        """Colour those maps of a screenful that are not there yet; together it goes faster than one by one."""
        missing = [channel for channel in channels if channel not in self._images]
        for first in range(0, len(missing), self._step):
            part = missing[first : first + self._step]
            for channel, pixels in zip(part, self._colours.coloured(part), strict=True):
                self._images[channel] = self._fitted(imaging.from_rgb32(pixels))

    def image(self, channel: int) -> QImage:
        """Return a map in its colours, of ``size`` or else with a pixel for each value."""
        if channel not in self._images:
            self.prepare((channel,))
        self._images.move_to_end(channel)
        return self._images[channel]

    def forget_oldest(self) -> None:
        """Let those go that have not been seen for the longest time."""
        while len(self._images) > self._most:
            self._images.popitem(last=False)

    def _fitted(self, image: QImage) -> QImage:
        if self._size is None:
            return image
        mode = Qt.TransformationMode.SmoothTransformation
        return image.scaled(self._size, Qt.AspectRatioMode.IgnoreAspectRatio, mode)
