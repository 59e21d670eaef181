"""What a Linux desktop wants beside the program: menu entry, icons, kinds of files, description; and install.sh."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import contents

SIZES = (16, 22, 24, 32, 48, 64, 128, 256, 512)
SOURCE = Path(__file__).resolve().parent / "desktop"
DRAWING = contents.ROOT / "resources" / "icons" / "layerscope.svg"


def write_desktop_files(program: Path, version: str, date: str) -> None:
    """Write ``share/`` and ``install.sh`` into the folder of the program; ``date`` is the release's, as 2026-11-25."""
    share = program / "share"
    for name, folder in (("layerscope.desktop", "applications"), ("layerscope-mime.xml", "mime/packages")):
        _put(SOURCE / name, share / folder / name.replace("-mime", ""))
    described = (SOURCE / "layerscope.metainfo.xml").read_text("utf-8").replace("@VERSION@", version).replace("@DATE@", date)
    target = share / "metainfo" / "layerscope.metainfo.xml"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(described, "utf-8")
    icons = share / "icons" / "hicolor"
    _put(DRAWING, icons / "scalable" / "apps" / "layerscope.svg")
    for size in SIZES:
        render_icon(size, icons / f"{size}x{size}" / "apps" / "layerscope.png")
    shutil.copy(SOURCE / "install.sh", program / "install.sh")


def render_icon(size: int, target: Path) -> None:
    """Draw the icon of the program, ``size`` pixels square, on nothing."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import Qt
    from PySide6.QtGui import QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    image = QImage(size, size, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    QSvgRenderer(str(DRAWING)).render(painter)
    painter.end()
    target.parent.mkdir(parents=True, exist_ok=True)
    if not image.save(str(target), "PNG"):
        raise OSError(f"{target} could not be written")


def _put(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
