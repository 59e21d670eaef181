"""Whether a picture of each format is opened: one is written (or lies there), and read as a person's would be."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core import paths
from core.errors import ImageError
from core.types import Check, ImageRef

if TYPE_CHECKING:
    import PIL.Image

_OPTIONAL = {"AVIF", "HEIF"}
"""Formats whose decoders not every build of Pillow brings."""

_STORED = {"HEIF": "halves.heic"}
"""Pictures in resources/selftest of formats for which the packaged program has no encoder: `halves` saved by Pillow."""

_BILEVEL = {"MSP", "XBM"}
_SIDE = 64
_DARK, _BRIGHT = (20, 20, 20), (235, 235, 235)


def checks() -> Iterator[Check]:
    """A row for each format that the program opens."""
    from PIL import Image

    from core.images.formats import FORMATS, register_formats

    register_formats()
    with tempfile.TemporaryDirectory(prefix="layerscope-") as folder:
        for name in (*FORMATS, "TGA"):
            # Its content tells the format, but for TGA.
            path = Path(folder) / f"picture.{'tga' if name == 'TGA' else 'bin'}"
            if name not in Image.OPEN:
                yield _bad(name, "there is no decoder for it")
            elif name in _STORED:
                yield _read(name, paths.RESOURCES / "selftest" / _STORED[name], "read")
            elif name not in Image.SAVE:
                yield Check("format", name, "note", "not tried: there is a decoder, but nothing here writes such a file")
            else:
                yield _round_trip(name, path)


def halves() -> PIL.Image.Image:
    """The picture that is looked for: dark on the left, bright on the right."""
    from PIL import Image

    image = Image.new("RGB", (_SIDE, _SIDE), _DARK)
    image.paste(_BRIGHT, (_SIDE // 2, 0, _SIDE, _SIDE))
    return image


def _round_trip(name: str, path: Path) -> Check:
    try:
        with path.open("wb") as file:
            halves().convert("1" if name in _BILEVEL else "RGB").save(file, format=name)
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        return _bad(name, f"a file for the test could not be written ({error})")
    return _read(name, path, "written and read")


def _read(name: str, path: Path, done: str) -> Check:
    from core.images.decode import decode

    try:
        decoded = decode(ImageRef(path))
    except ImageError as error:
        return _bad(name, error.message)
    pixels = np.asarray(decoded.rgb, dtype=np.float32)
    middle = pixels.shape[1] // 2
    # Lossy formats blur the edge a little, and icons come back in their largest size.
    margin = pixels.shape[1] // 16
    left, right = pixels[:, : middle - margin].mean(), pixels[:, middle + margin :].mean()
    if pixels.shape[0] != pixels.shape[1] or left > 64 or right < 192:
        return _bad(name, "the picture that was read is not the one that was written")
    return Check("format", name, "OK", done)


def _bad(name: str, found: str) -> Check:
    if name in _OPTIONAL:
        return Check("format", name, "note", found, "Save such pictures as JPEG or PNG, or install another build of Pillow.")
    return Check("format", name, "problem", found, "Install Layerscope or Pillow again.")
