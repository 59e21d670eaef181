"""The maps of a layer as images, coloured when they are first seen."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QImage

from core.insight.shrink import shrink
from gui import imaging
from gui.widgets.map_colours import MapColours
from gui.widgets.map_layout import MapLayout

_KEPT_BYTES = 64 << 20
_AT_ONCE = 1 << 16
"""Values that are coloured in one go: they stay in the processor's cache."""


class MapTiles:
    """Colours maps in the size in which a layout shows them; the latest are kept, up to :data:`_KEPT_BYTES`.

    A map with more pixels than its tile is averaged down before it is coloured, so that every colour is one of the legend.
    """

    def __init__(self, colours: MapColours, layout: MapLayout) -> None:
        grid, size = colours.grid, layout.device_size
        self._colours = colours
        self._layout = layout
        self._most = max(64, _KEPT_BYTES // (4 * max(1, size.width() * size.height())))
        self._step = max(1, _AT_ONCE // (grid.tile_width * grid.tile_height))
        self._images: OrderedDict[int, QImage] = OrderedDict()

    def prepare(self, channels: Iterable[int]) -> None:
        """Colour those maps of a screenful that are not there yet; together it goes faster than one by one."""
        missing = [channel for channel in channels if channel not in self._images]
        for first in range(0, len(missing), self._step):
            part = missing[first : first + self._step]
            for channel, pixels in zip(part, self._coloured(part), strict=True):
                image = self._images[channel] = imaging.from_rgb32(pixels)
                image.setDevicePixelRatio(self._layout.ratio)

    def image(self, channel: int) -> QImage:
        """Return a map in its colours, as many pixels as the layout has for it on the screen."""
        if channel not in self._images:
            self.prepare((channel,))
        self._images.move_to_end(channel)
        return self._images[channel]

    def forget_oldest(self) -> None:
        """Let those go that have not been seen for the longest time."""
        while len(self._images) > self._most:
            self._images.popitem(last=False)

    def _coloured(self, channels: list[int]) -> npt.NDArray[np.uint32]:
        values, size = self._colours.grid.values[channels], self._layout.device_size
        if self._layout.shrinks:
            return self._colours.coloured(channels, shrink(values, size.height(), size.width()))
        pixels = self._colours.coloured(channels, values)
        factor = size.width() // values.shape[2]
        return pixels if factor == 1 else np.repeat(np.repeat(pixels, factor, axis=1), factor, axis=2)
