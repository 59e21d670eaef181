"""An explanation as a file: the values, or a picture with the heat over it and a legend below."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from core.images.decode import decode
from core.jobs.export import check_output, write_whole
from core.types import Explanation, Heat, Pixels

OPACITY = 0.6
"""Of the heat over the picture, 0 to 1; the window begins with the same."""

_SMALLEST_TEXT, _LARGEST_TEXT = 11, 40
_GROUND, _TEXT, _FRAME = (255, 255, 255), (27, 32, 38), (91, 101, 112)

# The colours of the window: inferno (S. van der Walt and N. Smith, 2015, CC0), and blue to orange around zero.
_INFERNO = "000004 160b39 420a68 6a176e 932667 bc3754 dd513a f37819 fca50a f6d746 fcffa4"
_AROUND_ZERO = "0b2f5e 2b7bbd a9cfeb f7f7f7 f4c79b cf6f16 6a2e05"


def export_explanation(found: Explanation, path: Path, weights_sha256: str = "") -> None:
    """Write an explanation to a file, whole or not at all; one that is there already is replaced.

    Parameters
    ----------
    found
        The explanation.
    path
        The file; its suffix, one of :data:`FORMATS` in upper or lower case, says what is written.
    weights_sha256
        Hash of the weights file in hexadecimal digits, "" for random weights.

    Raises
    ------
    UsageError
        If the suffix is not one of :data:`FORMATS`, the folder is missing, or something is in the way.
    ExportError
        If the file cannot be written.
    ImageError
        If the picture cannot be read any more.
    """
    check_output(path, formats=FORMATS)
    write_whole(path, FORMATS[path.suffix.lower()](found, weights_sha256))


def _npz(found: Explanation, weights_sha256: str) -> bytes:
    words = {
        "method": found.method,
        "category": found.name,
        "layer": found.layer,
        "note": found.note,
        "model": found.model.architecture,
        "weights": str(found.model.weights),
        "preprocessing": found.preprocessing.describe(),
        "weights_sha256": weights_sha256,
        "image": found.image.path.name,
    }
    # File names that are not text have lone surrogates, which UTF-8 does not know.
    about: dict[str, Any] = {
        name: np.array(text.encode("utf-8", "backslashreplace").decode("utf-8")) for name, text in words.items()
    }
    about["box"] = np.array(found.box, np.float64)
    about["index"] = np.array(found.category, np.int64)
    about["logit"] = np.array(found.logit, np.float64)
    about["probability"] = np.array(found.probability, np.float64)
    file = io.BytesIO()
    np.savez(file, values=found.values, **about)
    return file.getvalue()


def _png(found: Explanation, _weights_sha256: str) -> bytes:
    file = io.BytesIO()
    overlay_picture(decode(found.image).rgb, found).save(file, "PNG")
    return file.getvalue()


def overlay_picture(picture: Image.Image, found: Explanation) -> Image.Image:
    """Lay an explanation over the upright picture, at the picture's own size, with a strip below that says what it shows.

    A picture of less than 240 pixels in width is set on a wider ground, so that the words have room.
    """
    heat = found.heat
    shown = _with_heat(picture, heat)
    size = max(_SMALLEST_TEXT, min(_LARGEST_TEXT, round(shown.width / 45)))
    width = max(shown.width, 22 * size)
    strip = _strip(found, heat, width, size)
    whole = Image.new("RGB", (width, shown.height + strip.height), _GROUND)
    whole.paste(shown, ((width - shown.width) // 2, 0))
    whole.paste(strip, (0, shown.height))
    return whole


def _with_heat(picture: Image.Image, heat: Heat) -> Image.Image:
    left, top, right, bottom = (round(edge) for edge in heat.box)
    size = (max(1, right - left), max(1, bottom - top))
    values = np.nan_to_num(heat.values, nan=heat.ends[0], posinf=heat.ends[1], neginf=heat.ends[0])
    how = Image.Resampling.BILINEAR if heat.smooth else Image.Resampling.NEAREST
    scaled = np.asarray(Image.fromarray(values.astype(np.float32)).resize(size, how))
    mixed = picture.copy()
    # Pasting cuts off what reaches beyond the picture.
    mixed.paste(Image.fromarray(colours(scaled, heat)), (left, top), Image.fromarray(_veil(scaled, heat)))
    return mixed


def _veil(values: npt.NDArray[np.float32], heat: Heat) -> Pixels:
    """How opaque the heat is; around zero the picture shines through, as in the window."""
    reach = heat.ends[1]
    share = np.sqrt(np.clip(np.abs(values) / reach, 0, 1)) if heat.diverging and reach > 0 else np.ones(values.shape)
    veil: Pixels = np.rint(255 * OPACITY * share).astype(np.uint8)
    return veil


def colours(values: npt.NDArray[np.float32], heat: Heat) -> Pixels:
    """Colour values (any shape) between the ends of a heat map as the window does; uint8, shape (*values.shape, 3)."""
    names = (_AROUND_ZERO if heat.diverging else _INFERNO).split()
    points = np.array([[int(name[place : place + 2], 16) for place in (0, 2, 4)] for name in names], np.float64)
    low, high = heat.ends
    share = (values.astype(np.float64) - low) / (high - low) if high > low else np.full(values.shape, 0.5 * heat.diverging)
    at = np.clip(share, 0, 1) * (len(points) - 1)
    channels = [np.interp(at, np.arange(len(points)), channel) for channel in points.T]
    mixed: Pixels = np.rint(np.stack(channels, axis=-1)).astype(np.uint8)
    return mixed


def _strip(found: Explanation, heat: Heat, width: int, size: int) -> Image.Image:
    """Title, probability, and the gradient between the values of its ends."""
    font, gap = ImageFont.load_default(size), size // 2
    lines = [found.title, f"logit {found.logit:.2f}, probability {percent(found.probability)}"]
    (low, high), (below, above) = heat.ends, heat.beyond
    ends = (
        f"{low:.3g}{' or less' * below}: {found.about.low}",
        f"{high:.3g}{' or more' * above}: {found.about.high}",
    )
    line = round(1.4 * size)
    strip = Image.new("RGB", (width, 2 * gap + 4 * line), _GROUND)
    draw = ImageDraw.Draw(strip)
    for number, text in enumerate(lines):
        draw.text((gap, gap + number * line), _cut(draw, text, font, width - 2 * gap), _TEXT, font)
    top, room = gap + 2 * line, width - 2 * gap
    steps = np.linspace(*heat.ends, num=room, dtype=np.float32)[None].repeat(size, axis=0)
    strip.paste(Image.fromarray(colours(steps, heat)), (gap, top))
    draw.rectangle((gap, top, gap + room - 1, top + size - 1), outline=_FRAME)
    draw.text((gap, top + round(1.2 * size)), _cut(draw, ends[0], font, room // 2 - gap), _TEXT, font)
    right = _cut(draw, ends[1], font, room // 2 - gap)
    draw.text((width - gap - draw.textlength(right, font), top + round(1.2 * size)), right, _TEXT, font)
    return strip


def percent(probability: float) -> str:
    """Write a probability with one decimal in per cent; tiny ones as "< 0.1 %"."""
    return f"{100 * probability:.1f} %" if probability >= 0.001 else "< 0.1 %"


def _cut(draw: ImageDraw.ImageDraw, text: str, font: ImageFont.ImageFont | ImageFont.FreeTypeFont, room: float) -> str:
    """Shorten a text that does not fit."""
    if draw.textlength(text, font) <= room:
        return text
    while text and draw.textlength(f"{text}...", font) > room:
        text = text[:-1]
    return f"{text.rstrip()}..."


FORMATS: dict[str, Callable[[Explanation, str], bytes]] = {".png": _png, ".npz": _npz}
"""How to make the bytes of a file, by its suffix."""
