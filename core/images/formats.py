"""Which picture formats are opened, and what Pillow has to be told once for that."""

from __future__ import annotations

import contextlib
import functools
import warnings
from pathlib import Path
from typing import Any

FORMATS = (
    "JPEG", "PNG", "WEBP", "AVIF", "HEIF", "GIF", "BMP", "DIB", "TIFF", "ICO", "CUR", "ICNS", "JPEG2000", "PSD", "PPM",
    "PCX", "DCX", "DDS", "QOI", "SGI", "SUN", "MSP", "XBM", "XPM",
)  # fmt: skip
"""Pillow's names of what may be opened.

Left out on purpose: formats that start other programs or need them (EPS, WMF), containers of numbers that Pillow only
recognises (HDF5, GRIB, BUFR, MPEG), and those without a signature, for which any file would do (IM, SPIDER, PCD ...).
"""

PICTURE_SUFFIXES = frozenset({
    ".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".png", ".apng", ".webp", ".avif", ".avifs", ".heic", ".heics", ".heif",
    ".heifs", ".hif", ".gif", ".bmp", ".dib", ".tif", ".tiff", ".ico", ".cur", ".icns", ".jp2", ".j2k", ".j2c",
    ".jpc", ".jpf", ".jpx", ".psd", ".ppm", ".pgm", ".pbm", ".pnm", ".pfm", ".pcx", ".dcx", ".dds", ".qoi", ".sgi",
    ".rgb", ".rgba", ".bw", ".ras", ".msp", ".xbm", ".xpm", ".tga", ".icb", ".vda", ".vst",
})  # fmt: skip
"""Endings, in lower case, that make a file in a folder a picture."""

_PILLOW = r"PIL\."
_TGA_SUFFIXES = frozenset({".tga", ".icb", ".vda", ".vst"})


def formats_for(path: Path) -> tuple[str, ...]:
    """Pillow's names of the formats that a file may have.

    TGA has no signature, so it is tried only where the name says so; everything else goes by content, whatever the
    name.
    """
    return (*FORMATS, "TGA") if path.suffix.lower() in _TGA_SUFFIXES else FORMATS


def register_formats() -> None:
    """Make Pillow ready: load the plugins (HEIC is pillow-heif's) and silence its Python warnings.

    Cheap after the first call, and safe to call from several threads at once; :func:`core.images.decode.decode` calls
    it.
    """
    _load_plugins()
    _hush()


@functools.cache
def _load_plugins() -> None:
    from PIL import Image

    Image.init()
    # A libheif that cannot load on some machine must not take the other formats with it.
    with contextlib.suppress(ImportError):
        import pillow_heif

        pillow_heif.register_heif_opener()


def _hush() -> None:
    # Pillow warns about metadata it skips and about large sizes: noise on a person's terminal, as every consequence is
    # answered by an ImageError or a note. `warnings.catch_warnings` is not thread-safe, so the filters are put in front
    # once, and again where somebody else (a test runner) has put others before them.
    if not all(_is_ours(entry) for entry in warnings.filters[:2]):
        warnings.filterwarnings("ignore", category=RuntimeWarning, module=_PILLOW)
        warnings.filterwarnings("ignore", category=UserWarning, module=_PILLOW)


def _is_ours(entry: tuple[Any, ...]) -> bool:
    return entry[0] == "ignore" and getattr(entry[3], "pattern", None) == _PILLOW
