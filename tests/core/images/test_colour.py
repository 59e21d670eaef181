from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageCms

from core.images.decode import decode, thumbnail
from tests.core.images.samples import (
    ADOBE,
    SRGB,
    cmyk_profile,
    gamma_curve,
    grey_profile,
    noise,
    rgb_profile,
    srgb_curve,
    write,
)

Floats = npt.NDArray[np.float64]


def decoded(image: Image.Image, path: Path, **options: object) -> tuple[npt.NDArray[np.uint8], str]:
    result = decode(write(path, image, **options))
    return np.asarray(result.rgb), result.note


def from_profile_by_hand(pixels: npt.NDArray[np.uint8], colorants: object, gamma: float) -> Floats:
    """IEC 61966-2-1 from linear light, computed without any colour management."""
    linear = (pixels / 255.0) ** gamma @ np.array(colorants) @ np.linalg.inv(np.array(SRGB))
    linear = linear.clip(0, 1)
    return 255 * np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "CMYK", "YCbCr"])
def test_modes_without_transparency_look_as_plain_pillow_converts_them(tmp_path: Path, mode: str) -> None:
    image = noise(31, 9).convert(mode)
    pixels, note = decoded(image, tmp_path / "a.tif")
    assert np.array_equal(pixels, np.asarray(image.convert("RGB")))
    assert note == ""


def test_lab_is_read_as_colours(tmp_path: Path) -> None:
    lab = Image.new("LAB", (4, 4), (128, 128, 128))
    pixels, _ = decoded(lab, tmp_path / "a.tif")
    # L* of 50 is 18.4 % of the light, which is 119 in sRGB.
    assert np.abs(pixels.astype(int) - 119).max() <= 2


def test_a_cmyk_jpeg_is_not_inverted(tmp_path: Path) -> None:
    pixels, _ = decoded(Image.new("CMYK", (16, 16), (255, 0, 0, 0)), tmp_path / "a.jpg")
    assert np.abs(pixels.astype(int) - (0, 255, 255)).max() <= 6


@pytest.mark.parametrize(
    ("mode", "colour", "expected"),
    [
        ("RGBA", (200, 100, 0, 255), (200, 100, 0)),
        ("RGBA", (200, 100, 0, 0), (255, 255, 255)),
        ("RGBA", (200, 100, 0, 51), (244, 224, 204)),
        ("LA", (0, 51), (204, 204, 204)),
    ],
)
def test_transparency_is_laid_on_white(
    tmp_path: Path, mode: str, colour: tuple[int, ...], expected: tuple[int, ...]
) -> None:
    pixels, note = decoded(Image.new(mode, (3, 3), colour), tmp_path / "a.png")
    assert np.abs(pixels.astype(int) - expected).max() <= 1
    assert ("white" in note) == (colour[-1] < 255)


def test_transparency_of_a_palette_is_laid_on_white(tmp_path: Path) -> None:
    image = Image.new("P", (2, 1))
    image.putpalette([10, 20, 30, 200, 100, 0])
    image.putpixel((1, 0), 1)
    assert decoded(image, tmp_path / "a.png", transparency=1)[0].tolist() == [[[10, 20, 30], [255, 255, 255]]]
    pixels, _ = decoded(image, tmp_path / "b.png", transparency=bytes((255, 51)))
    assert pixels[0, 0].tolist() == [10, 20, 30]
    assert np.abs(pixels[0, 1].astype(int) - (244, 224, 204)).max() <= 1
    assert decoded(image, tmp_path / "c.gif", transparency=1)[0].tolist() == [[[10, 20, 30], [255, 255, 255]]]


@pytest.mark.parametrize(("mode", "value"), [("L", 7), ("RGB", (7, 8, 9)), ("1", 0)])
def test_a_colour_named_transparent_is_white(tmp_path: Path, mode: str, value: int | tuple[int, ...]) -> None:
    image = Image.new(mode, (2, 1), value)
    image.putpixel((1, 0), 255 if mode != "RGB" else (255, 0, 0))
    pixels, _ = decoded(image, tmp_path / "a.png", transparency=value)
    assert pixels[0, 0].tolist() == [255, 255, 255]
    assert pixels[0, 1].tolist() == [255, 0 if mode == "RGB" else 255, 0 if mode == "RGB" else 255]


@pytest.mark.parametrize(
    "profile",
    [
        ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(),
        rgb_profile("sRGB IEC61966-2.1", SRGB, srgb_curve()),
        rgb_profile("c2", SRGB, srgb_curve()),
    ],
    ids=["built-in", "named", "by its curves"],
)
@pytest.mark.parametrize("mode", ["RGB", "L", "P"])
def test_an_srgb_profile_changes_no_bit(tmp_path: Path, profile: bytes, mode: str) -> None:
    image = noise(64, 64).convert(mode)
    pixels, note = decoded(image, tmp_path / "a.png", icc_profile=profile)
    assert np.array_equal(pixels, np.asarray(image.convert("RGB")))
    assert note == ""


def test_a_wide_gamut_profile_is_converted_as_computed_by_hand(tmp_path: Path) -> None:
    image = noise(32, 32)
    profile = rgb_profile("Wide", ADOBE, gamma_curve(2.2))
    expected = from_profile_by_hand(np.asarray(image), ADOBE, round(2.2 * 256) / 256)
    pixels, note = decoded(image, tmp_path / "a.png", icc_profile=profile)
    assert np.abs(pixels - expected).max() <= 2
    assert np.abs(np.asarray(image) - expected).max() > 30
    assert "Wide" in note
    assert np.abs(thumbnail(write(tmp_path / "b.png", image, icc_profile=profile), 32) - expected).max() <= 2


def test_a_profile_that_only_calls_itself_srgb_is_followed(tmp_path: Path) -> None:
    image = noise(16, 16)
    pixels, _ = decoded(image, tmp_path / "a.png", icc_profile=rgb_profile("sRGB linear", SRGB, gamma_curve(1.0)))
    assert np.abs(pixels - from_profile_by_hand(np.asarray(image), SRGB, 1.0)).max() <= 2


def test_the_profile_of_a_transparent_picture_is_followed_before_white_is_added(tmp_path: Path) -> None:
    profile = rgb_profile("linear", SRGB, gamma_curve(1.0))
    pixels, _ = decoded(Image.new("RGBA", (1, 1), (128, 128, 128, 51)), tmp_path / "a.png", icc_profile=profile)
    # 128 of linear light is 188 in sRGB; a fifth of it on white.
    assert abs(int(pixels[0, 0, 0]) - (0.2 * 188 + 0.8 * 255)) <= 1


def test_a_grey_profile_is_followed(tmp_path: Path) -> None:
    pixels, _ = decoded(Image.new("L", (2, 2), 128), tmp_path / "a.png", icc_profile=grey_profile("linear grey", 1.0))
    assert np.abs(pixels.astype(int) - 188).max() <= 1


@pytest.mark.parametrize("suffix", ["tif", "jpg"])
def test_cmyk_goes_through_its_own_profile(tmp_path: Path, suffix: str) -> None:
    image = Image.new("CMYK", (16, 16), (255, 0, 0, 0))
    pixels, note = decoded(image, tmp_path / f"a.{suffix}", icc_profile=cmyk_profile((50, -60, 40)))
    red, green, blue = pixels[8, 8].astype(int)
    assert green > red + 60
    assert green > blue + 60
    assert "Green cyan" in note


@pytest.mark.parametrize("profile", [b"not a profile", cmyk_profile((50, 0, 0)), grey_profile("grey", 1.0)[:150]])
def test_a_profile_that_is_broken_or_for_other_colours_is_ignored_and_said_so(tmp_path: Path, profile: bytes) -> None:
    image = noise(8, 8)
    pixels, note = decoded(image, tmp_path / "a.png", icc_profile=profile)
    assert np.array_equal(pixels, np.asarray(image))
    assert "ignored" in note
