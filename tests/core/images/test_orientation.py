from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from core.images.decode import decode, thumbnail
from tests.core.images.samples import blocks, noise, ref, write
from tests.helpers.shared_data import need_shared_data

Pixels = npt.NDArray[np.uint8]

# EXIF 2.32, table 6: where row 0 and column 0 of the stored picture lie on the upright one.
TURN: dict[int, Callable[[Pixels], Pixels]] = {
    1: lambda stored: stored,
    2: lambda stored: stored[:, ::-1],
    3: lambda stored: stored[::-1, ::-1],
    4: lambda stored: stored[::-1],
    5: lambda stored: stored.swapaxes(0, 1),
    6: lambda stored: stored.swapaxes(0, 1)[:, ::-1],
    7: lambda stored: stored[::-1, ::-1].swapaxes(0, 1),
    8: lambda stored: stored.swapaxes(0, 1)[::-1],
}


def tagged(value: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = value
    return exif.tobytes()


@pytest.mark.parametrize("orientation", TURN)
@pytest.mark.parametrize("suffix", ["png", "tif", "webp"])
def test_every_exif_orientation_is_turned_upright(tmp_path: Path, suffix: str, orientation: int) -> None:
    stored = noise(7, 4)
    decoded = decode(write(tmp_path / f"turned.{suffix}", stored, exif=tagged(orientation)))
    expected = TURN[orientation](np.asarray(stored))
    assert np.array_equal(np.asarray(decoded.rgb), expected)
    assert decoded.size == (expected.shape[1], expected.shape[0])
    assert np.array_equal(decoded.picture().pixels, expected)


@pytest.mark.parametrize("suffix", ["jpg", "avif", "heic"])
@pytest.mark.parametrize("orientation", [3, 6, 7])
def test_photos_and_their_thumbnails_are_upright(tmp_path: Path, suffix: str, orientation: int) -> None:
    stored = blocks(64, 32)
    image = write(tmp_path / f"turned.{suffix}", stored, exif=tagged(orientation))
    expected = TURN[orientation](np.asarray(stored)).astype(int)
    assert np.abs(np.asarray(decode(image).rgb, dtype=int) - expected)[8::16, 8::16].max() <= 16
    assert np.abs(thumbnail(image, 64).astype(int) - expected)[8::16, 8::16].max() <= 16


@pytest.mark.parametrize("value", [0, 9, 65535])
def test_an_orientation_that_does_not_exist_is_ignored(tmp_path: Path, value: int) -> None:
    stored = noise(7, 4)
    decoded = decode(write(tmp_path / "odd.png", stored, exif=tagged(value)))
    assert np.array_equal(np.asarray(decoded.rgb), np.asarray(stored))


def test_damaged_exif_does_not_hide_a_sound_picture(tmp_path: Path) -> None:
    decoded = decode(write(tmp_path / "odd.jpg", blocks(), exif=b"Exif\0\0MM\0*\xff\xff\xff\xff broken"))
    assert decoded.size == (48, 32)


@pytest.mark.parametrize("number", range(9))
def test_the_nine_landscapes_are_one_picture(number: int) -> None:
    folder = need_shared_data("images")
    first = decode(ref(folder / "Landscape_1.jpg"))
    other = decode(ref(folder / f"Landscape_{number}.jpg"))
    assert other.size == first.size == (1800, 1200)
    a, b = (np.asarray(one.rgb.resize((180, 120)), dtype=int) for one in (first, other))
    # The number of the orientation is written into the picture; the rest of it is the same photo.
    assert np.median(np.abs(a - b)) <= 2
    assert np.abs(a - b).mean() < 4
