"""Pictures of a run: its curves, and what it takes for what. Drawn with Pillow, for whoever opens the folder of the result."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from itertools import pairwise

from PIL import Image, ImageDraw, ImageFont

from core.types import EpochMetrics

Colour = tuple[int, int, int]
Point = tuple[float, float]

_INK, _MUTED, _LINE, _PAPER = (28, 32, 38), (96, 104, 114), (222, 226, 231), (255, 255, 255)
_BLUE, _ORANGE = (31, 99, 190), (196, 90, 10)
_FONT = 20
_LEFT, _RIGHT, _TOP, _BOTTOM = 100, 220, 60, 70
_WIDE, _HIGH = 1200, 440
_COUNTED = 24
"""Up to so many categories a cell has room for its count."""
_NAMED = 60
"""Up to so many categories a row has room for its name."""
_DASH = 14


def curves_png(history: Sequence[EpochMetrics]) -> bytes:
    """Draw loss and accuracy over the epochs, as PNG: two lines each, drawn through and dashed, named at their ends."""
    image = Image.new("RGB", (_WIDE, 2 * _HIGH), _PAPER)
    losses = {"training": [one.loss for one in history], "validation": [one.val_loss for one in history]}
    shares = {"top-1": [100 * one.top1 for one in history], "top-5": [100 * one.top5 for one in history]}
    finite = [value for values in losses.values() for value in values if math.isfinite(value)]
    epochs = [one.epoch for one in history]
    draw = ImageDraw.Draw(image)
    _Panel(draw, 0, epochs, _ceiling(max(finite, default=1.0)), "").show("Loss", losses)
    _Panel(draw, _HIGH, epochs, 100.0, " %").show("Right answers on the validation pictures", shares)
    return _as_png(image)


def confusion_png(confusion: Sequence[Sequence[int]], categories: Sequence[str]) -> bytes:
    """Draw a confusion matrix as PNG: rows are true categories, columns what was said, darker where there are more of a row."""
    count = len(categories)
    cell = max(4, min(64, 1400 // count))
    label = _font(max(11, min(_FONT, cell - 4)))
    numbers = _font(max(10, min(_FONT, cell // 3))) if count <= _COUNTED else None
    names = [name if len(name) <= 24 else f"{name[:23]}\u2026" for name in categories] if count <= _NAMED else []
    margin = 64 + math.ceil(max((label.getlength(name) for name in names), default=0))
    side = count * cell
    image = Image.new("RGB", (margin + side + 32, margin + side + 32), _PAPER)
    draw = ImageDraw.Draw(image)
    for row, counts in enumerate(confusion):
        for column, value in enumerate(counts):
            _cell(draw, (margin + column * cell, margin + row * cell), cell, value, sum(counts), numbers)
    draw.rectangle((margin, margin, margin + side, margin + side), outline=_MUTED)
    for place, name in enumerate(names):
        middle = margin + place * cell + cell // 2
        draw.text((margin - 8, middle), name, _INK, label, anchor="rm")
        _upright(image, (middle, margin - 8), name, label, _INK)
    draw.text((margin + side / 2, 24), "said", _MUTED, _font(_FONT), anchor="mm")
    _upright(image, (24, margin + side // 2 + 20), "true", _font(_FONT), _MUTED)
    return _as_png(image)


class _Panel:
    """One plot over the epochs, from 0 to ``high``."""

    def __init__(self, draw: ImageDraw.ImageDraw, top: int, epochs: Sequence[int], high: float, unit: str) -> None:
        self._draw, self._top, self._epochs, self._high, self._unit = draw, top, epochs, high, unit
        self._box = (_LEFT, top + _TOP, _WIDE - _RIGHT, top + _HIGH - _BOTTOM)
        self._font = _font(_FONT)

    def show(self, title: str, lines: Mapping[str, Sequence[float]]) -> None:
        """Draw axes and lines."""
        self._draw.text((_LEFT, self._top + 18), title, _INK, self._font)
        self._axes()
        ends: list[float] = []
        for number, (name, values) in enumerate(lines.items()):
            points = [
                self._place(epoch, min(value, self._high))
                for epoch, value in zip(self._epochs, values, strict=True)
                if math.isfinite(value)
            ]
            colour = (_BLUE, _ORANGE)[number]
            _curve(self._draw, points, colour, dashed=number == 1)
            if points:
                x, y = points[-1]
                y += next((24 if y >= other else -24 for other in ends if abs(other - y) < 24), 0)
                ends.append(y)
                self._draw.text((x + 14, y), f"{name} {values[-1]:.3g}{self._unit}", colour, self._font, anchor="lm")

    def _axes(self) -> None:
        left, _, right, bottom = self._box
        for step in range(5):
            value = self._high * step / 4
            y = self._place(self._first, value)[1]
            self._draw.line((left, y, right, y), _LINE)
            self._draw.text((left - 10, y), f"{value:.3g}{self._unit}", _MUTED, self._font, anchor="rm")
        step = max(1, math.ceil((self._last - self._first + 1) / 12))
        for epoch in range(self._first, self._last + 1, step):
            self._draw.text((self._place(epoch, 0)[0], bottom + 10), str(epoch), _MUTED, self._font, anchor="ma")
        self._draw.text(((left + right) / 2, bottom + 38), "epoch", _MUTED, self._font, anchor="ma")

    @property
    def _first(self) -> int:
        return self._epochs[0] if self._epochs else 1

    @property
    def _last(self) -> int:
        return self._epochs[-1] if self._epochs else 1

    def _place(self, epoch: float, value: float) -> Point:
        left, top, right, bottom = self._box
        span = self._last - self._first
        along = (epoch - self._first) / span if span else 0.5
        return left + along * (right - left), bottom - value / self._high * (bottom - top)


def _curve(draw: ImageDraw.ImageDraw, points: Sequence[Point], colour: Colour, *, dashed: bool) -> None:
    if len(points) == 1:
        x, y = points[0]
        draw.ellipse((x - 4, y - 4, x + 4, y + 4), colour)
    walked = 0.0
    for start, end in pairwise(points):
        length, at = math.dist(start, end), 0.0
        while at < length:
            # A dash goes on around the corner.
            reach = min(length, at + _DASH - walked % _DASH + 1e-6)
            if not dashed or int(walked / _DASH) % 2 == 0:
                draw.line((_between(start, end, at / length), _between(start, end, reach / length)), colour, 3)
            walked, at = walked + reach - at, reach


def _between(start: Point, end: Point, share: float) -> Point:
    return start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])


def _cell(
    draw: ImageDraw.ImageDraw, corner: tuple[int, int], side: int, value: int, total: int,
    font: ImageFont.FreeTypeFont | None,
) -> None:
    share = value / total if total else 0.0
    red, green, blue = (round(255 + share**0.6 * (ink - 255)) for ink in _BLUE)
    x, y = corner
    line = _LINE if side > 8 else None
    draw.rectangle((x, y, x + side - 1, y + side - 1), fill=(red, green, blue), outline=line)
    if font is not None and value:
        draw.text((x + side / 2, y + side / 2), str(value), _PAPER if share > 0.35 else _INK, font, anchor="mm")


def _upright(image: Image.Image, foot: tuple[int, int], text: str, font: ImageFont.FreeTypeFont, colour: Colour) -> None:
    """Write from the bottom up; ``foot`` is the middle of the lower edge."""
    wide, high = math.ceil(font.getlength(text)), math.ceil(font.size * 1.3)
    patch = Image.new("RGB", (max(1, wide), high), _PAPER)
    ImageDraw.Draw(patch).text((0, high / 2), text, colour, font, anchor="lm")
    image.paste(patch.transpose(Image.Transpose.ROTATE_90), (foot[0] - high // 2, foot[1] - wide))


def _ceiling(value: float) -> float:
    """The next number above a value that reads well."""
    if value <= 0:
        return 1.0
    scale = 10.0 ** math.floor(math.log10(value))
    return next(step * scale for step in (1, 2, 4, 6, 8, 10) if step * scale >= value * 0.999)


def _font(size: int) -> ImageFont.FreeTypeFont:
    found = ImageFont.load_default(size)
    assert isinstance(found, ImageFont.FreeTypeFont)  # Pillow brings one along
    return found


def _as_png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()
