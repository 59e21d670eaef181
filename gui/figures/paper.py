"""What a figure is drawn with: colours, fonts, measures. A unit is 1/96 inch, and a pixel of a PNG at scale 1."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import ClassVar

from PySide6.QtGui import QFont, QFontMetricsF, QGuiApplication

from gui import theme

WIDTH = 794
"""Units: A4 is 210 mm wide."""
MARGIN = 28
INSIDE = WIDTH - 2 * MARGIN
HIGHEST = 1000
"""Units that a figure should not be higher than, if its content leaves the choice: A4 with its margins."""


@dataclass(frozen=True, slots=True)
class Paper:
    """The colours of a figure; ``dark`` asks for the colour maps of the dark theme."""

    background: str
    text: str
    muted: str
    line: str
    bar: str
    accent: str
    field: str
    dark: bool

    TITLE: ClassVar[int] = 17
    TEXT: ClassVar[int] = 12
    SMALL: ClassVar[int] = 10
    TINY: ClassVar[int] = 8
    """Sizes of type in units: 8 are 6 points."""


WHITE = Paper("#ffffff", "#14181c", "#565f69", "#aab1b8", "#3d86b4", "#0b6fa4", "#ffc400", dark=False)


def as_on_screen() -> Paper:
    """The colours of the theme now in force."""
    c = theme.colours()
    return Paper(c.panel, c.text, c.muted, c.line, c.bar, c.accent, c.field, dark=theme.is_dark())


class _Fonts(threading.local):
    """Fonts made once a thread. Two threads must not share one: it holds what the thread that measured it put there."""

    def __init__(self) -> None:
        self.fonts: dict[tuple[int, bool], QFont] = {}
        self.metrics: dict[tuple[int, bool], QFontMetricsF] = {}


_kept = _Fonts()


def font(size: int, *, bold: bool = False) -> QFont:
    """The application's own typeface at a size in units, with figures of equal width; not to be changed."""
    key = (size, bold)
    if key not in _kept.fonts:
        _kept.fonts[key] = _make_font(size, bold=bold)
    return _kept.fonts[key]


def _make_font(size: int, *, bold: bool) -> QFont:
    made = QFont(QGuiApplication.font().family())
    made.setPixelSize(size)
    made.setBold(bold)
    made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return theme.tabular(made)


def metrics(size: int, *, bold: bool = False) -> QFontMetricsF:
    """The measures of :func:`font`."""
    key = (size, bold)
    if key not in _kept.metrics:
        _kept.metrics[key] = QFontMetricsF(font(size, bold=bold))
    return _kept.metrics[key]
