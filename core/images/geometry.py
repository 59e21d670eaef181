"""Sizes and corners of resized and cropped pictures, as torchvision reckons them; numbers only."""

from __future__ import annotations


def resized_size(size: tuple[int, int], resize: int | tuple[int, int]) -> tuple[int, int]:
    """Return (width, height) after the resize of a picture of (width, height).

    ``resize`` is the short side, the long one becoming ``int(resize * long / short)``, or (height, width).
    """
    if isinstance(resize, tuple):
        return resize[1], resize[0]
    width, height = size
    long_side = int(resize * max(size) / min(size))
    return (resize, long_side) if width <= height else (long_side, resize)


def centre_corner(side: int, crop: int) -> int:
    """Return where the centre crop begins on a side; negative where zeros are put around a smaller picture."""
    return -((crop - side) // 2) if crop > side else round((side - crop) / 2.0)
