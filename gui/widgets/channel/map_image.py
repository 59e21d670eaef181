"""A map's values as coloured pixels, and what is said of them."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QColor, QImage

from core.types import Heat, frozen
from gui import colourmaps, imaging, theme
from gui.widgets.heat_overlay import colour_map_of, steps_of
from gui.widgets.map_words import format_number


def coloured(heat: Heat) -> QImage:
    """Colour a heat's values, one pixel each; NaN in the colour of errors, which no value has."""
    table = np.array(colourmaps.table(colour_map_of(heat), dark=theme.is_dark()), np.uint32)
    packed = table[steps_of(heat)]
    pixels = np.stack([packed >> 16 & 255, packed >> 8 & 255, packed & 255], axis=-1).astype(np.uint8)
    pixels[np.isnan(heat.values)] = QColor(theme.colours().error).getRgb()[:3]
    return imaging.to_qimage(frozen(pixels))


def describe_unit(heat: Heat, unit: tuple[int, int]) -> str:
    """Say where a unit is and what its value is: "row 5 · column 7 · −0.312"."""
    value = float(heat.values[unit])
    return f"row {unit[0]} · column {unit[1]} · {f'{value:.4g}'.replace('-', '−')}"


def strongest_unit(heat: Heat) -> tuple[int, int] | None:
    """Return row and column of the greatest finite value; None where there is none."""
    finite = np.isfinite(heat.values)
    if not finite.any():
        return None
    place = int(np.argmax(np.where(finite, heat.values, -np.inf)))
    return place // heat.values.shape[1], place % heat.values.shape[1]


def describe_extreme(heat: Heat) -> str:
    """Say where the largest value is; or that all are one, or none is finite."""
    place = strongest_unit(heat)
    if place is None:
        return "no finite value"
    if np.isfinite(heat.values).all() and heat.values.size > 1 and (heat.values == heat.values[place]).all():
        return f"constant {format_number(float(heat.values[place]))}"
    return f"largest: {describe_unit(heat, place)}"


def describe_map(heat: Heat) -> str:
    """The text alternative of a map."""
    rows, columns = heat.values.shape
    place = strongest_unit(heat)
    words = f"{heat.words}: {rows} by {columns} values"
    if place is None:
        return f"{words}, none of them finite"
    low, high = (format_number(float(end)) for end in _range(heat))
    return f"{words} from {low} to {high}, the largest at row {place[0]}, column {place[1]}"


def _range(heat: Heat) -> tuple[float, float]:
    finite = heat.values[np.isfinite(heat.values)]
    return float(finite.min()), float(finite.max())
