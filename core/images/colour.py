"""From any of Pillow's modes to sRGB on white."""

from __future__ import annotations

import functools
import io

import numpy as np
from PIL import Image, ImageCms

from core.images import depth

_SPACES = {"RGB": "RGB", "L": "GRAY", "CMYK": "CMYK"}
"""The colour space that a profile must have to fit a mode."""

_SAME = 2
"""Levels of 255 by which a profile's colours may differ from sRGB's and still be called sRGB (rounding of its
curve)."""

_BROKEN = "its colour profile is broken and was ignored"


def to_rgb(image: Image.Image, profile: bytes | None) -> tuple[Image.Image, tuple[str, ...]]:
    """Turn a loaded picture into sRGB.

    Deep grey is scaled (:func:`core.images.depth.to_grey`), an embedded ICC profile is followed with the perceptual
    intent, and what is transparent is laid on white. Where none of this applies, and where the profile is sRGB
    itself, the pixels are exactly those of ``image.convert("RGB")``.

    Parameters
    ----------
    image
        A loaded picture of any mode.
    profile
        The embedded ICC profile, if there is one.

    Returns
    -------
    tuple
        A picture of mode RGB, and notes for a person (none where nothing was decided).
    """
    notes: list[str] = []
    alpha: Image.Image | None
    if depth.is_deep(image):
        colour, alpha, note = depth.to_grey(image)
        notes.append(note)
    else:
        colour, alpha = _split(image)
    rgb, note = _manage(colour, profile)
    if note:
        notes.append(note)
    if alpha is not None and alpha.getextrema() != (255, 255):
        rgb = Image.composite(rgb, Image.new("RGB", rgb.size, "white"), alpha)
        notes.append("transparent parts on white")
    return rgb, tuple(notes)


def _split(image: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """Colours (RGB, L or CMYK) and the alpha channel, if there is one."""
    if image.has_transparency_data:
        image = _with_alpha(image)
    if image.mode in {"RGBA", "LA"}:
        return image.convert("RGB" if image.mode == "RGBA" else "L"), image.getchannel("A")
    return (image if image.mode in _SPACES else image.convert("RGB")), None


def _with_alpha(image: Image.Image) -> Image.Image:
    target = "LA" if image.mode in {"1", "L", "LA", "La"} else "RGBA"
    try:
        return image if image.mode == target else image.convert(target)
    except (ValueError, TypeError):
        # A transparent colour that the picture cannot hold (a 16-bit one, say) makes nothing transparent.
        image = image.copy()
        image.info.pop("transparency", None)
        return image


def _manage(colour: Image.Image, profile: bytes | None) -> tuple[Image.Image, str]:
    """Follow the profile; returns RGB and a note, empty where the profile made no difference."""
    if not profile:
        return colour.convert("RGB"), ""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        space = source.profile.xcolor_space.strip()
        if colour.mode == "L" and space == "RGB":
            colour = colour.convert("RGB")
        if space != _SPACES[colour.mode]:
            return colour.convert("RGB"), f"its colour profile is for {space} and was ignored"
        if space != "CMYK" and _is_srgb(profile, colour.mode):
            return colour.convert("RGB"), ""
        rgb = _transform(source, colour.mode).apply(colour)
        name = ImageCms.getProfileDescription(source).strip()
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError, AttributeError, MemoryError):
        return colour.convert("RGB"), _BROKEN
    return rgb, f"colours converted from {name or 'the embedded profile'} to sRGB"


def _transform(source: ImageCms.ImageCmsProfile, mode: str) -> ImageCms.ImageCmsTransform:
    return ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), mode, "RGB", ImageCms.Intent.PERCEPTUAL)


@functools.lru_cache(maxsize=8)
def _is_srgb(profile: bytes, mode: str) -> bool:
    """Whether a profile of curves (and a matrix) leaves sRGB colours alone, or one of tables is named sRGB.

    Curves are compared by what they do to 729 colours, because names mislead: linear profiles call themselves sRGB
    too, and true ones are called "c2". Tables (the v4 preference profile) change colours on purpose; there the name
    counts.
    """
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    if mode == "RGB" and not source.profile.is_matrix_shaper:
        return ImageCms.getProfileDescription(source).strip().startswith("sRGB")
    steps = np.arange(0, 256, 15, dtype=np.uint8) if mode == "L" else np.linspace(0, 255, 9).astype(np.uint8)
    if mode == "RGB":
        probe = Image.fromarray(np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(27, 27, 3))
    else:
        probe = Image.fromarray(steps[None])
    after = np.asarray(_transform(source, mode).apply(probe), dtype=np.int16)
    return int(np.abs(after - np.asarray(probe.convert("RGB"), dtype=np.int16)).max()) <= _SAME
