"""Decoded pictures, kept in memory as far as there is room, so that an epoch does not decode what the last one did."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image

from core.images.decode import decode
from core.training.dataset import Part
from core.types import ImageRef

Raster = npt.NDArray[np.uint8]
"""uint8 (height, width, channels), C-contiguous."""


class Pictures:
    """The pictures of a part, each with its short side at most ``side`` pixels.

    Parameters
    ----------
    part
        Where they come from.
    side
        Larger pictures are resized to this short side once, smaller ones stay as they are; in pixels.
    channels
        3 for RGB, 1 for luminance.
    budget
        Bytes that may be kept.

    Whether a picture was kept makes no difference to what :meth:`get` returns. Safe to use from several threads.
    """

    def __init__(self, part: Part, side: int, channels: int, budget: int) -> None:
        self.part = part
        self._side = side
        self._mode = "RGB" if channels == 3 else "L"
        self._kept: dict[int, Raster] = {}
        self._room = budget
        self._lock = threading.Lock()

    def only(self, rows: Sequence[int]) -> Pictures:
        """The same with these pictures only; what was kept of them stays kept."""
        other = Pictures(self.part.only(rows), self._side, 3 if self._mode == "RGB" else 1, self._room)
        other._kept = {new: self._kept[old] for new, old in enumerate(rows) if old in self._kept}
        return other

    def get(self, row: int, *, keep: bool = True) -> Raster:
        """Return a picture; :class:`core.errors.ImageError` if its file cannot be read."""
        known = self._kept.get(row)
        if known is not None:
            return known
        raster = self._decode(row)
        with self._lock:
            if keep and row not in self._kept and raster.nbytes <= self._room:
                self._kept[row] = raster
                self._room -= raster.nbytes
        return raster

    def _decode(self, row: int) -> Raster:
        one = self.part.pictures[row]
        if isinstance(one, ImageRef):
            picture = decode(one, short_side=self._side).rgb.convert(self._mode)
        else:
            picture = Image.fromarray(np.ascontiguousarray(one)).convert(self._mode)
        short = min(picture.size)
        if short > self._side:
            size = tuple(max(self._side, round(length * self._side / short)) for length in picture.size)
            picture = picture.resize((size[0], size[1]), Image.Resampling.BILINEAR)
        raster = np.asarray(picture)
        return np.ascontiguousarray(raster if raster.ndim == 3 else raster[:, :, None])
