"""Pictures of more than 8 bits: scaled by their range, never clipped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

_TIFF_BITS = 258
_TIFF_SAMPLE_FORMAT = 339
_UNSIGNED = 1


@dataclass(frozen=True, slots=True)
class Range:
    """The values that become black and white, and how it is said."""

    low: float
    high: float
    words: str


def is_deep(image: Image.Image) -> bool:
    """Whether a picture's values are 16-bit, 32-bit or floating-point grey."""
    return image.mode in {"I", "F"} or image.mode.startswith("I;16")


def to_grey(image: Image.Image) -> tuple[Image.Image, Image.Image | None, str]:
    """Turn deep grey into 8 bits.

    The rule, by what the values are:

    * unsigned 16-bit (and whole numbers from 0 to 65535 in wider types): by the nominal range, 0 to 65535 (of the depth
      that a TIFF declares, such as 12 bits). Cameras and scanners put 8, 10 or 12 bits into 16 without scaling; so
      where no value is above 4095, the range is the smallest of 0-255, 0-1023 and 0-4095 that holds all of them;
    * floating point from 0 to 1: by 0 to 1;
    * all else (signed, 32-bit, other floating point): from the smallest to the largest finite value. NaN becomes black,
      the infinities black and white; a picture of one single value becomes black.

    Parameters
    ----------
    image
        A loaded picture for which :func:`is_deep` holds.

    Returns
    -------
    tuple
        Mode L (8 bits), a mask of the same size (mode L, 0 where a PNG names that value transparent) or None, and a
        note.
    """
    tags: Any = getattr(image, "tag_v2", {})
    values = np.asarray(image)
    if image.mode == "I" and _tag(tags, _TIFF_SAMPLE_FORMAT) == _UNSIGNED and _tag(tags, _TIFF_BITS) == 32:
        values = values.view(np.uint32)
    measured = _range(values, min(_tag(tags, _TIFF_BITS) or 16, 16))
    grey = Image.fromarray(_scale(values, measured))
    return grey, _mask(values, image.info.get("transparency")), f"{measured.words}, scaled by its range"


def _tag(tags: Any, number: int) -> int:
    value = tags.get(number, 0)
    value = value[0] if isinstance(value, tuple) and value else value
    return value if isinstance(value, int) else 0


def _range(values: npt.NDArray[Any], bits: int) -> Range:
    finite = values[np.isfinite(values)] if values.dtype.kind == "f" else values
    if not finite.size:
        return Range(0, 1, "floating point without a finite value")
    low, high = float(finite.min()), float(finite.max())
    if values.dtype.kind == "f":
        if low >= 0 and high <= 1:
            return Range(0, 1, "floating point (0 to 1)")
        whole = low >= 0 and high <= 65535 and bool((finite == np.rint(finite)).all())
        top = _sixteen_bits(high, 16).high if whole else high
        return Range(0.0 if whole else low, top, f"floating point ({low:.4g} to {high:.4g})")
    if low < 0 or high > 65535:
        return Range(low, high, f"whole numbers ({low:.0f} to {high:.0f})")
    return _sixteen_bits(high, bits)


def _sixteen_bits(high: float, bits: int) -> Range:
    top = next((top for top in (255, 1023, 4095) if high <= top), 65535)
    nominal = (1 << bits) - 1
    # A TIFF that declares fewer than 16 bits has said what white is.
    if bits < 16 and high <= nominal:
        top = nominal
    return Range(0, top, f"16-bit (0 to {top})")


def _scale(values: npt.NDArray[Any], measured: Range) -> npt.NDArray[np.uint8]:
    if values.dtype.kind in "ui" and measured.low == 0 and measured.high <= 65535:
        table = np.rint(np.arange(65536).clip(0, measured.high) * (255.0 / measured.high)).astype(np.uint8)
        scaled: npt.NDArray[np.uint8] = table[values]
        return scaled
    span = measured.high - measured.low
    if not np.isfinite(span) or span <= 0:
        span = 1.0 if span <= 0 else np.finfo(np.float64).max
    with np.errstate(all="ignore"):
        levels = (values.astype(np.float64) - measured.low) * (255.0 / span)
    whole: npt.NDArray[np.float64] = np.rint(np.nan_to_num(levels, nan=0.0, posinf=255.0, neginf=0.0).clip(0, 255))
    return whole.astype(np.uint8)


def _mask(values: npt.NDArray[Any], transparent: object) -> Image.Image | None:
    if not isinstance(transparent, int):
        return None
    return Image.fromarray(np.where(values == transparent, 0, 255).astype(np.uint8))
