"""A picture file becomes an upright sRGB picture, or an error that says why not."""

from __future__ import annotations

import contextlib
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
from PIL import Image

from core.errors import ImageError
from core.images import colour, triage
from core.images.formats import formats_for, register_formats
from core.types import ImageRef, Picture, Pixels

DISPLAY_SIDE = 2000
"""Pixels of the long side of a picture for the screen: half of a 12-megapixel photo (4000×3000, 4032×3024)."""

MAX_PIXELS = 178_956_970
"""Pixels of the largest picture that is decoded: where Pillow too takes a file for a decompression bomb.

It is a bitmap of 0.7 GB in Pillow (4 bytes a pixel), and twice that while it is turned upright.
"""

_DRAFT_MARGIN = 4
"""How many times larger than the network's input a JPEG must stay when it is decoded at reduced scale."""

_ORIENTATION = 0x0112
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_NAMES = {"MPO": "JPEG", "HEIF": "HEIC", "JPEG2000": "JPEG 2000", "WEBP": "WebP", "DIB": "BMP"}
_PARTS = {"GIF": "frames", "PNG": "frames", "WEBP": "frames", "AVIF": "frames", "TIFF": "pages", "HEIF": "pictures"}


@dataclass(frozen=True, slots=True, eq=False)
class Decoded:
    """A picture in memory.

    ``rgb`` is upright, of mode RGB, in sRGB. ``size`` is (width, height) of the upright original in pixels; ``scale``
    is the size of ``rgb`` over it: 1.0, or 0.5, 0.25 or 0.125 where a large JPEG was decoded at reduced scale (its
    last row and column may then reach over the original's edge by less than a pixel). ``note`` says what a person
    should know.
    """

    image: ImageRef
    rgb: Image.Image
    size: tuple[int, int]
    scale: float
    format: str
    note: str = ""

    def picture(self) -> Picture:
        """The picture for the screen: at most :data:`DISPLAY_SIDE` pixels on the long side."""
        rgb = self.rgb
        long_side = max(rgb.size)
        if long_side > DISPLAY_SIDE:
            size = _fit(rgb.size, DISPLAY_SIDE)
            rgb = rgb.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
        return Picture(self.image, _pixels(rgb), self.size, self.format, self.note)


def decode(image: ImageRef, *, short_side: int | None = None) -> Decoded:
    """Decode a picture file.

    The first frame of an animation, the first page of a TIFF, the largest picture of an icon, the flattened picture
    of a PSD; turned upright by its EXIF orientation (values other than 1 to 8 are ignored); colours as in
    :func:`core.images.colour.to_rgb`. May be called from several threads at once; the file is only read.

    Parameters
    ----------
    image
        The file.
    short_side
        The side in pixels to which the network's input is resized. Where it is given, a JPEG of more than 2,000
        pixels on both sides is decoded at 1/2, 1/4 or 1/8 (several times faster), as long as its short side stays at
        least 4 times ``short_side`` and its long side at least :data:`DISPLAY_SIDE`; at that margin the resize that
        follows leaves no more than rounding of the difference. All other pictures are decoded in full.

    Raises
    ------
    ImageError
        ``missing``, ``denied``, ``empty``, ``unsupported``, ``truncated``, ``too_large`` or ``unreadable``.
    """
    with _opened(image.path) as file:
        width, height = file.size
        divisor = _reduce(file, short_side) if short_side is not None else 1
        note = _parts(file)
        file.load()
        if divisor == 1:
            # Some formats know their size, or turn themselves upright, only now.
            width, height = file.size
        orientation = _orientation(file)
        rgb, notes = colour.to_rgb(file, file.info.get("icc_profile"))
        rgb = _upright(rgb, orientation)
        size = (height, width) if orientation >= 5 else (width, height)
        words = "; ".join(filter(None, (note, *notes)))
        return Decoded(image, rgb, size, 1 / divisor, _NAMES.get(file.format or "", file.format or ""), words)


def thumbnail(image: ImageRef, side: int) -> Pixels:
    """Decode a picture for the strip, as fast as its format allows.

    Parameters
    ----------
    image
        The file.
    side
        The most pixels of width and height; smaller pictures are not enlarged.

    Returns
    -------
    Pixels
        uint8, (height, width, 3), read-only, upright, sRGB.

    Raises
    ------
    ImageError
        As :func:`decode`.
    """
    with _opened(image.path) as file:
        width, height = _fit(file.size, side)
        file.draft(None, (2 * width, 2 * height))
        file.load()
        small: Image.Image = file
        # Colours first where the values are not colours yet (palette, deep grey, alpha).
        if file.mode in {"RGB", "L", "CMYK"} and "transparency" not in file.info and max(file.size) > side:
            small = file.resize(_fit(file.size, side), Image.Resampling.BICUBIC, reducing_gap=2.0)
        rgb, _ = colour.to_rgb(small, file.info.get("icc_profile"))
        if max(rgb.size) > side:
            rgb = rgb.resize(_fit(rgb.size, side), Image.Resampling.BICUBIC, reducing_gap=2.0)
        return _pixels(_upright(rgb, _orientation(file)))


def size_of(image: ImageRef) -> tuple[int, int]:
    """Return (width, height) in pixels as the file's head says them, not turned upright.

    Raises
    ------
    ImageError
        As :func:`decode`; a file that is damaged further on goes unnoticed.
    """
    with _opened(image.path) as file:
        return file.size


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[Image.Image]:
    """Open a picture, and turn whatever goes wrong with it inside the block into an :class:`ImageError`."""
    register_formats()
    head = b""
    try:
        with _file(path) as stream:
            head = stream.read(triage.HEAD)
            triage.refuse_raw(path, head)
            stream.seek(0)
            with Image.open(stream, formats=formats_for(path)) as picture:
                width, height = picture.size
                if width * height < 1:
                    raise ValueError("it has no pixels")
                if width * height > MAX_PIXELS:
                    raise triage.too_large(path, f"{width:,} × {height:,} pixels", MAX_PIXELS)
                yield picture
    except ImageError:
        raise
    except Image.DecompressionBombError as error:
        raise triage.bomb(path, error, MAX_PIXELS) from error
    # Damaged files make Pillow and the libraries below it raise nearly anything: KeyError, struct.error,
    # ZeroDivisionError.
    except Exception as error:
        raise triage.diagnose(path, error, head) from error


def _file(path: Path) -> BinaryIO:
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):
            raise triage.not_a_file(path, folder=stat.S_ISDIR(about.st_mode))
        if about.st_size == 0:
            raise triage.empty(path)
        return path.open("rb")
    except (OSError, ValueError) as error:
        raise triage.of_os_error(path, error) from error


def _reduce(file: Image.Image, short_side: int) -> int:
    """Ask a large JPEG for a reduced scale; returns what it is divided by."""
    if file.format not in {"JPEG", "MPO"} or min(file.size) <= DISPLAY_SIDE:
        return 1
    full = file.size
    for divisor in (8, 4, 2):
        width, height = full[0] // divisor, full[1] // divisor
        large = min(width, height) >= _DRAFT_MARGIN * short_side and max(width, height) >= DISPLAY_SIDE
        # A part of a pixel stands over at the right and below; turned, it would be on another side.
        if large and (full == (width * divisor, height * divisor) or _orientation(file) == 1):
            drafted = file.draft(None, (width, height))
            return round(full[0] / drafted[1][2]) if drafted else 1
    return 1


def _parts(file: Image.Image) -> str:
    word = _PARTS.get(file.format or "")
    if word is None:
        return ""
    try:
        count = int(getattr(file, "n_frames", 1))
    # A damaged later frame does not matter to the first one.
    except Exception:
        return ""
    return f"first of {count} {word}" if count > 1 else ""


def _orientation(file: Image.Image) -> int:
    """The EXIF orientation from 1 (upright) to 8."""
    try:
        value = file.getexif().get(_ORIENTATION, 1)
    # Damaged metadata must not hide a sound picture.
    except Exception:
        return 1
    return value if isinstance(value, int) and value in _UPRIGHT else 1


def _upright(rgb: Image.Image, orientation: int) -> Image.Image:
    return rgb.transpose(_UPRIGHT[orientation]) if orientation in _UPRIGHT else rgb


def _fit(size: tuple[int, int], side: int) -> tuple[int, int]:
    """The size with the same proportions whose long side is ``side``; unchanged where it is smaller."""
    factor = min(1.0, side / max(size))
    return max(1, round(size[0] * factor)), max(1, round(size[1] * factor))


def _pixels(rgb: Image.Image) -> Pixels:
    pixels: npt.NDArray[np.uint8] = np.array(rgb, dtype=np.uint8, order="C")
    pixels.setflags(write=False)
    return pixels
