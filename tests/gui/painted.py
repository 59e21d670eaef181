"""Reading what a widget has painted, in device pixels."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QWidget


def painted(widget: QWidget) -> npt.NDArray[np.uint8]:
    """Grab a widget as uint8 (height, width, 3) RGB in device pixels."""
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()


def rgb(colour: str) -> tuple[int, int, int]:
    return QColor(colour).getRgb()[:3]


def where(image: npt.NDArray[np.uint8], colour: tuple[int, int, int]) -> tuple[int, int, int, int] | None:
    """Left, top, right, bottom (exclusive) of the pixels of exactly this colour."""
    rows, columns = np.nonzero((image == np.array(colour, np.uint8)).all(axis=2))
    if not len(rows):
        return None
    return int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1
