"""The maps of a layer as images, coloured when they are first seen."""

from __future__ import annotations

from collections import OrderedDict

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage

from core.types import Pixels
from gui import imaging
from gui.widgets.map_colours import MapColours

_KEPT_BYTES = 64 << 20


class MapTiles:
    """Cuts maps out of the mosaic and colours them; the latest are kept, up to :data:`_KEPT_BYTES`.

    ``size`` is that of an image in pixels of the screen where the maps are to be averaged down, else None.
    """

    def __init__(self, colours: MapColours, size: QSize | None) -> None:
        grid = colours.grid
        self._colours = colours
        self._size = size
        pixels = size.width() * size.height() if size is not None else grid.tile_width * grid.tile_height
        self._most = max(64, _KEPT_BYTES // (4 * max(1, pixels)))
        self._images: OrderedDict[int, QImage] = OrderedDict()

    def image(self, channel: int) -> QImage:
        """Return a map in its colours, of ``size`` or else with a pixel for each value."""
        image = self._images.get(channel)
        if image is None:
            image = self._images[channel] = self._make(channel)
            if len(self._images) > self._most:
                self._images.popitem(last=False)
        else:
            self._images.move_to_end(channel)
        return image

    def _make(self, channel: int) -> QImage:
        image = imaging.to_mapped_qimage(self._steps(channel), self._colours.table(channel))
        if self._size is None:
            return image
        mode = Qt.TransformationMode.SmoothTransformation
        return image.scaled(self._size, Qt.AspectRatioMode.IgnoreAspectRatio, mode)

    def _steps(self, channel: int) -> Pixels:
        grid = self._colours.grid
        row, column = divmod(channel, grid.columns)
        top, left = row * (grid.tile_height + grid.gap), column * (grid.tile_width + grid.gap)
        return grid.mosaic[top : top + grid.tile_height, left : left + grid.tile_width]
