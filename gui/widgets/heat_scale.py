"""The colours of a heat map and the values that they stand for, painted; for the panel and for the picture."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from core.types import Heat
from gui import colourmaps, imaging, theme
from gui.widgets.heat_overlay import colour_map_of, steps_of
from gui.widgets.map_words import format_number

_STEPS = np.arange(256, dtype=np.uint8)[None]


def heat_image(heat: Heat) -> QImage:
    """Draw a heat map by itself, a pixel for each value, in the colours of the theme now in force."""
    return imaging.to_mapped_qimage(steps_of(heat), colourmaps.table(colour_map_of(heat), dark=theme.is_dark()))


def end_words(heat: Heat) -> tuple[str, str]:
    """Write the values of both ends: "0", "0.62"; with "≤" and "≥" where there are values beyond them."""
    (low, high), (below, above) = heat.ends, heat.beyond
    return f"{'≤ ' * below}{format_number(low)}", f"{'≥ ' * above}{format_number(high)}"


def paint_gradient(painter: QPainter, place: QRect, heat: Heat) -> None:
    """Draw all colours of a heat map from its low end to its high one, with a hairline around them."""
    table = colourmaps.table(colour_map_of(heat), dark=theme.is_dark())
    painter.drawImage(place, imaging.to_mapped_qimage(_STEPS, table))
    painter.setPen(QColor(theme.colours().line))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(place.adjusted(0, 0, -1, -1))
