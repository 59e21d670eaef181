"""Colour maps for activations: grey, a perceptual one safe for colour-blind eyes, and diverging ones around zero."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from core.types import Pixels, frozen

_GREY = ("#000000", "#ffffff")

# Ten points of viridis (S. van der Walt and N. Smith, 2015, CC0): lightness rises evenly, blue to yellow.
_VIRIDIS = (
    "#440154", "#482878", "#3e4989", "#31688e", "#26828e", "#1f9e89", "#35b779", "#6ece58", "#b5de2b", "#fde725",
)  # fmt: skip

# Eleven points of inferno (by the same, CC0): from black through red to pale yellow, for heat maps over a picture.
_INFERNO = (
    "#000004", "#160b39", "#420a68", "#6a176e", "#932667", "#bc3754", "#dd513a", "#f37819", "#fca50a", "#f6d746", "#fcffa4",
)  # fmt: skip

_NEGATIVE = {"light": "#1f6fb2", "dark": "#56a8ea"}
_POSITIVE = {"light": "#b8560b", "dark": "#f0914a"}

# Blue and orange are told apart by all colour-blind eyes; steps of equal distance from zero are about equally light.
_AROUND_ZERO = {
    "light": ("#0b2f5e", "#2b7bbd", "#a9cfeb", "#f7f7f7", "#f4c79b", "#cf6f16", "#6a2e05"),
    "dark": ("#a6d6fc", "#3f92d6", "#204c78", "#23262b", "#743f18", "#dc7d35", "#ffcb9c"),
}

NAN = 0xFF0000FF
"""``QRgb`` of what is not a number: far from every colour of every map, for colour-blind eyes too."""

HEAT = "Inferno"
SEQUENTIAL = ("Grey", "Viridis", HEAT)
AROUND_ZERO = "Around zero"
NAMES = (*SEQUENTIAL, AROUND_ZERO)
"""What a person can pick; the first is the default."""


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _ramp(colours: tuple[str, ...], steps: int) -> npt.NDArray[np.float64]:
    points = np.linspace(0.0, 1.0, len(colours))
    at = np.linspace(0.0, 1.0, steps)
    channels = np.array([_rgb(colour) for colour in colours], dtype=np.float64).T
    return np.stack([np.interp(at, points, channel) for channel in channels], axis=1)


@cache
def table(name: str, *, dark: bool = False) -> tuple[int, ...]:
    """Return the opaque ``QRgb`` of a map of :data:`NAMES` in even steps; KeyError for another name.

    256 of them, for the values 0 to 255; one more around zero, so that zero has a colour of its own in the middle. Only
    that map looks different in the ``dark`` theme.
    """
    if name == AROUND_ZERO:
        return _packed(_ramp(_AROUND_ZERO["dark" if dark else "light"], 257))
    return _packed(_ramp({"Grey": _GREY, "Viridis": _VIRIDIS, HEAT: _INFERNO}[name], 256))


def bend(shares: npt.NDArray[np.floating], gamma: float, *, around_zero: bool) -> npt.NDArray[np.floating]:
    """Raise shares of the way through a colour map, 0 to 1, to the power ``gamma``; around zero, the way from the middle."""
    if gamma == 1.0:
        return shares
    if around_zero:
        away = 2.0 * shares - 1.0
        return 0.5 + 0.5 * np.sign(away) * np.abs(away) ** gamma
    return shares**gamma


def _packed(ramp: npt.NDArray[np.float64]) -> tuple[int, ...]:
    return tuple(0xFF000000 | int(r) << 16 | int(g) << 8 | int(b) for r, g, b in np.rint(ramp))


def diverging(values: npt.NDArray[np.float32], *, zero: str, dark: bool) -> Pixels:
    """Colour values (any shape) by sign and size: ``zero`` at 0, towards blue below and orange above.

    Both sides share one scale, the largest magnitude; NaN counts as 0. Returns uint8, shape (*values.shape, 3).
    """
    clean = np.nan_to_num(values.astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    largest = float(np.abs(clean).max(initial=0.0)) or 1.0
    share = np.abs(clean)[..., None] / largest
    theme = "dark" if dark else "light"
    ends = np.where(clean[..., None] < 0, np.array(_rgb(_NEGATIVE[theme])), np.array(_rgb(_POSITIVE[theme])))
    mixed = np.array(_rgb(zero)) * (1 - share) + ends * share
    return frozen(np.rint(mixed).astype(np.uint8))
