"""The only bridge from numpy pixels to Qt images; everything that becomes a QImage or QPixmap passes here."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage, QPixmap

from core.types import Pixels


def to_qimage(pixels: Pixels) -> QImage:
    """Copy uint8 pixels (H, W, 3) RGB or (H, W) grey into a QImage of its own."""
    height, width = pixels.shape[:2]
    if pixels.ndim == 2:
        image = QImage(pixels.data, width, height, width, QImage.Format.Format_Grayscale8)
    else:
        image = QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888)
    # QImage only borrows the buffer of the array, which may go before the image does.
    return image.copy()


def to_mapped_qimage(pixels: Pixels, table: npt.ArrayLike) -> QImage:
    """Colour uint8 grey pixels (H, W) by a table of 256 ``QRgb``; RGB32, the format that is drawn fastest."""
    return from_rgb32(np.take(np.asarray(table, np.uint32), pixels))


def repeated(image: QImage, across: int, down: int) -> QImage:
    """Enlarge a QImage by whole factors, every pixel exactly alike; RGB32. ``QImage.scaled`` makes some a pixel larger."""
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    colours = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), image.bytesPerLine() // 4)
    return from_rgb32(colours[:, : image.width()].repeat(down, axis=0).repeat(across, axis=1))


def from_rgb32(pixels: npt.NDArray[np.uint32]) -> QImage:
    """Copy contiguous ``QRgb`` values (H, W) into an RGB32 QImage of its own."""
    height, width = pixels.shape
    return QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_RGB32).copy()


def to_veiled_qimage(pixels: Pixels, table: npt.ArrayLike, opacities: npt.ArrayLike) -> QImage:
    """Colour uint8 grey pixels (H, W) by a table of 256 ``QRgb``, each step as opaque as ``opacities`` (256, 0 to 1) says."""
    height, width = pixels.shape
    alpha = np.asarray(opacities, np.float64)
    shares = [(np.asarray(table, np.uint32) >> shift & 255) * alpha for shift in (16, 8, 0)]
    red, green, blue, veil = (np.rint(share).astype(np.uint32) for share in (*shares, 255 * alpha))
    coloured = np.take(veil << 24 | red << 16 | green << 8 | blue, pixels)
    return QImage(coloured.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied).copy()


def to_pixmap(pixels: Pixels) -> QPixmap:
    """Copy uint8 pixels (H, W, 3) RGB or (H, W) grey into a QPixmap of device pixel ratio 1."""
    return QPixmap.fromImage(to_qimage(pixels))


def fitted(pixmap: QPixmap, size: QSize, ratio: float) -> QPixmap:
    """Scale to fit ``size`` (device-independent pixels), sharp at device pixel ratio ``ratio``."""
    scaled = pixmap.scaled(
        size * ratio, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
    )
    scaled.setDevicePixelRatio(ratio)
    return scaled


def stretched(pixmap: QPixmap, size: QSize) -> QPixmap:
    """Scale to exactly ``size`` device pixels, averaging where it becomes smaller."""
    return pixmap.scaled(size, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation)
