"""Heat maps over the picture."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter

from core.types import Heat, Pixels
from gui import colourmaps, imaging, theme
from gui.state import AppState
from gui.widgets.picture_viewport import PictureViewport

_STEPS = 255
_MIDDLE = 128


class HeatOverlay:
    """Paints :attr:`AppState.overlays`, each with its opacity; the images are made once and kept while they are shown."""

    def __init__(self, state: AppState) -> None:
        self._state = state
        self._images: dict[str, tuple[Heat, bool, QImage]] = {}
        self.visible = True

    def paint(self, painter: QPainter, viewport: PictureViewport) -> None:
        """Draw the overlays over the part of the picture that each covers, and never beside what the network saw."""
        shown = self._state.overlays.shown()
        self._images = {name: kept for name, kept in self._images.items() if name in dict(shown)}
        for name, overlay in shown:
            heat = overlay.heat
            assert heat is not None
            image = self._image(name, heat)
            painter.save()
            painter.setOpacity(overlay.opacity)
            if name in self._state.overlays.UNCROPPED:
                painter.setClipRect(viewport.picture_rect(), Qt.ClipOperation.IntersectClip)
            elif self._state.network_input is not None:
                # The outer units of a map may reach over the border, where there is nothing but padding.
                painter.setClipRect(viewport.box_to_view(self._state.network_input.box), Qt.ClipOperation.IntersectClip)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, heat.smooth)
            painter.drawImage(viewport.box_to_view(heat.box), image, QRectF(image.rect()))
            painter.restore()

    def _image(self, name: str, heat: Heat) -> QImage:
        dark = theme.is_dark()
        kept = self._images.get(name)
        if kept is None or kept[0] is not heat or kept[1] != dark:
            kept = (heat, dark, veil_of(heat, dark=dark))
            self._images[name] = kept
        return kept[2]


def colour_map_of(heat: Heat) -> str:
    """The colour map of a heat map, one of :data:`gui.colourmaps.NAMES`."""
    return colourmaps.AROUND_ZERO if heat.diverging else colourmaps.HEAT


def veil_of(heat: Heat, *, dark: bool) -> QImage:
    """Draw a heat map as it lies over a picture; around zero the picture shines through, the more so the smaller a value."""
    table = colourmaps.table(colour_map_of(heat), dark=dark)
    if not heat.diverging:
        return imaging.to_mapped_qimage(steps_of(heat), table)
    # 256 steps of 257 colours: both ends keep theirs, and the middle, which is zero, is left out.
    steps = np.concatenate([table[:_MIDDLE], table[_MIDDLE + 1 :]])
    distances = np.abs(np.arange(_STEPS + 1) - _STEPS / 2) / (_STEPS / 2)
    return imaging.to_veiled_qimage(steps_of(heat), steps, np.sqrt(distances))


def steps_of(heat: Heat) -> Pixels:
    """The values as steps from 0 to 255 between :attr:`Heat.ends`; what is not finite as the nearest end, NaN as the lowest."""
    low, high = heat.ends
    if low >= high:
        return np.full(heat.values.shape, _STEPS // 2 if heat.diverging else 0, np.uint8)
    scaled = (heat.values.astype(np.float64) - low) * (_STEPS / (high - low))
    return np.rint(np.clip(np.nan_to_num(scaled, nan=0.0), 0, _STEPS)).astype(np.uint8)
