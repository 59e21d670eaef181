"""The part of the self-test that needs Qt: versions, platform, fonts, icons. Prints a row as JSON a line."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict

import PySide6
from PySide6.QtCore import QSize, Qt, qVersion
from PySide6.QtGui import QFont, QGuiApplication, QImage, QPainter, QTextLayout
from PySide6.QtWidgets import QApplication

from core.types import Check
from gui import theme

SCRIPTS = (
    ("Latin", "AbgQ8ÄéßñŁ", True),
    ("signs", "×→…“”–·°", True),
    ("Greek", "ΑΩλπ", False),
    ("Cyrillic", "ЖЯдё", False),
    ("Chinese, Japanese", "画像文字", False),
    ("Korean", "그림", False),
    ("Arabic", "صورة", False),
    ("Hebrew", "תמונה", False),
)
"""Name of a script, some of its characters, and whether the program itself needs it."""

_PRINT = 32
_SIDE = 20


def main() -> int:
    """Try Qt; print a row a line as soon as it is known, for Qt may abort the process at any time."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _tell(Check("program", "PySide6", "OK", f"{PySide6.__version__} with Qt {qVersion()}"))
    application = QApplication(["layerscope"])
    parts: tuple[Callable[[], Iterator[Check]], ...] = (_platform, _fonts, _icons)
    for part in parts:
        for row in part():
            _tell(row)
    del application
    return 0


def _tell(row: Check) -> None:
    print(json.dumps(asdict(row)), flush=True)


def _platform() -> Iterator[Check]:
    name = QGuiApplication.platformName()
    screen = QGuiApplication.primaryScreen()
    if screen is None:
        yield Check("window", "platform", "problem", f"{name} has no screen", "Connect a screen, or start from a desktop.")
        return
    size = screen.size()
    found = f"{name}, {size.width()}×{size.height()}, {screen.devicePixelRatio():g} pixels per unit"
    yield Check("window", "platform", "OK", found)


def _fonts() -> Iterator[Check]:
    font = QGuiApplication.font()
    for name, characters, needed in SCRIPTS:
        missing = [one for one in characters if not has_glyph(one, font)]
        # A font that draws the same box for everything claims to have all characters.
        alike = not missing and len({_drawn(one, font) for one in characters}) < 2
        if missing or alike:
            found = f"“{font.family()}” and the other fonts draw boxes for {''.join(missing) or characters}"
            advice = f"Install a font with {name} characters, such as one of the Noto family."
            yield Check("font", name, "problem" if needed else "note", found, advice)
        else:
            yield Check("font", name, "OK", f"with “{font.family()}” and what stands in for it")


def has_glyph(character: str, font: QFont) -> bool:
    """Whether the font, or one that stands in for it, has more than a box for a character."""
    layout = QTextLayout(character, font)
    layout.beginLayout()
    layout.createLine()
    layout.endLayout()
    glyphs = [index for run in layout.glyphRuns() for index in run.glyphIndexes()]
    return bool(glyphs) and 0 not in glyphs


def _drawn(character: str, font: QFont) -> bytes:
    image = QImage(QSize(_PRINT, _PRINT), QImage.Format.Format_Grayscale8)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    painter.setFont(font)
    painter.drawText(image.rect(), Qt.AlignmentFlag.AlignCenter, character)
    painter.end()
    return bytes(image.constBits())


def _icons() -> Iterator[Check]:
    names = sorted(path.stem for path in theme.ICONS.glob("*.svg"))
    empty = [name for name in names if is_empty(name)]
    if empty or not names:
        found = f"these are empty: {', '.join(empty)}" if names else f"there are none in {theme.ICONS}"
        yield Check("window", "icons", "problem", found, "Install Layerscope again.")
    else:
        yield Check("window", "icons", "OK", f"all {len(names)} are drawn")


def is_empty(name: str) -> bool:
    """Whether nothing is to be seen of an icon."""
    image = theme.icon(name, side=_SIDE).pixmap(QSize(_SIDE, _SIDE), 1.0).toImage()
    return all(image.pixelColor(x, y).alpha() == 0 for x in range(image.width()) for y in range(image.height()))
