from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from core.images.decode import decode
from tests.core.images.samples import ref, write
from tests.helpers.shared_data import need_shared_data


def grey(path: Path, values: npt.NDArray[Any], **options: Any) -> tuple[npt.NDArray[np.uint8], str]:
    decoded = decode(write(path, Image.fromarray(values), **options))
    pixels = np.asarray(decoded.rgb)
    assert (pixels == pixels[:, :, :1]).all()
    return pixels[:, :, 0], decoded.note


def ramp(top: int) -> npt.NDArray[np.uint16]:
    return np.linspace(0, top, 256).round().astype(np.uint16).reshape(16, 16)


@pytest.mark.parametrize("suffix", ["png", "tif", "jp2"])
def test_sixteen_bits_are_scaled_by_their_nominal_range(tmp_path: Path, suffix: str) -> None:
    values = ramp(50_000)
    pixels, note = grey(tmp_path / f"a.{suffix}", values)
    assert np.abs(pixels - values / 257).max() <= 0.51
    assert "16-bit (0 to 65535)" in note


@pytest.mark.parametrize(("top", "white"), [(4095, 4095), (3000, 4095), (700, 1023), (200, 255)])
def test_fewer_bits_in_sixteen_are_scaled_by_the_depth_that_holds_them(tmp_path: Path, top: int, white: int) -> None:
    values = ramp(top)
    pixels, note = grey(tmp_path / "a.png", values)
    assert np.abs(pixels - values * (255 / white)).max() <= 0.51
    assert f"(0 to {white})" in note


@pytest.mark.parametrize("maxval", [65535, 1023, 300])
def test_a_pgm_is_scaled_by_the_largest_value_it_declares(tmp_path: Path, maxval: int) -> None:
    path = tmp_path / "a.pgm"
    values = ramp(maxval)
    path.write_bytes(b"P5 16 16 %d\n" % maxval + values.astype(">u2").tobytes())
    assert np.abs(np.asarray(decode(ref(path)).rgb)[:, :, 0] - values * (255 / maxval)).max() <= 0.52


def test_sixteen_bit_colours_lose_only_their_last_bits(tmp_path: Path) -> None:
    path = tmp_path / "a.ppm"
    values = np.random.default_rng(0).integers(0, 65536, (8, 8, 3)).astype(">u2")
    path.write_bytes(b"P6 8 8 65535\n" + values.tobytes())
    assert np.abs(np.asarray(decode(ref(path)).rgb) - values / 257).max() <= 1


def test_a_transparent_sixteen_bit_value_is_white(tmp_path: Path) -> None:
    pixels, _ = grey(tmp_path / "a.png", np.array([[0, 30_000]], np.uint16), transparency=0)
    assert pixels.tolist() == [[255, 117]]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.0, 0.5, 1.0], [0, 128, 255]),
        ([0.0, 0.1, 0.2], [0, 26, 51]),
        ([-2.0, 0.0, 2.0], [0, 128, 255]),
        ([0.0, 128.0, 255.0], [0, 128, 255]),
        ([0.0, 1.5, 6.0], [0, 64, 255]),
        ([np.nan, 0.0, 1.0], [0, 0, 255]),
        ([-np.inf, 0.5, np.inf], [0, 128, 255]),
        ([-np.inf, np.nan, np.inf], [0, 0, 255]),
        ([7.5, 7.5, 7.5], [0, 0, 0]),
        ([-3e38, 0.0, 3e38], [0, 128, 255]),
    ],
)
def test_floating_point_is_scaled_by_its_range_and_never_fails(
    tmp_path: Path, values: list[float], expected: list[int]
) -> None:
    pixels, note = grey(tmp_path / "a.tif", np.array([values], np.float32))
    assert np.abs(pixels[0].astype(int) - expected).max() <= 1
    assert "floating point" in note


@pytest.mark.parametrize("values", [[-1000, 0, 1000], [-(2**31), 0, 2**31 - 1], [0, 50_000, 100_000]])
def test_whole_numbers_beyond_sixteen_bits_are_scaled_from_smallest_to_largest(
    tmp_path: Path, values: list[int]
) -> None:
    pixels, _ = grey(tmp_path / "a.tif", np.array([values], np.int32))
    assert np.abs(pixels[0].astype(int) - (0, 128, 255)).max() <= 1


def test_unsigned_thirty_two_bits_do_not_wrap_around(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    tags = [(256, 4, 1, 3), (257, 4, 1, 1), (258, 3, 1, 32), (259, 3, 1, 1), (262, 3, 1, 1), (273, 4, 1, 8)]
    tags += [(277, 3, 1, 1), (278, 4, 1, 1), (279, 4, 1, 12), (339, 3, 1, 1)]
    data = struct.pack("<3I", 0, 2**31, 2**32 - 1)
    body = b"".join(struct.pack("<HHII", *tag) for tag in tags)
    path.write_bytes(b"II*\0" + struct.pack("<I", 20) + data + struct.pack("<H", len(tags)) + body + bytes(4))
    assert np.abs(np.asarray(decode(ref(path)).rgb)[0, :, 0].astype(int) - (0, 128, 255)).max() <= 1


@pytest.mark.parametrize("name", ["16bit.cropped.tif", "hopper_16bit.pgm"])
def test_real_sixteen_bit_files_keep_their_shades(name: str) -> None:
    path = need_shared_data("images") / name
    pixels = np.asarray(decode(ref(path)).rgb)[:, :, 0]
    with Image.open(path) as plain:
        values = np.asarray(plain).astype(float)
    assert np.corrcoef(pixels.ravel(), values.ravel())[0, 1] > 0.999
    assert len(np.unique(pixels)) > 50
    assert (pixels == 255).mean() < 0.2
