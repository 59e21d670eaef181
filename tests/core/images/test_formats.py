from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.errors import ImageError
from core.images.decode import decode
from tests.core.images.samples import LOSSLESS, LOSSY, blocks, noise, ref, write
from tests.helpers.shared_data import need_shared_data

NAMES = {"jpg": "JPEG", "png": "PNG", "webp": "WebP", "avif": "AVIF", "heic": "HEIC", "jp2": "JPEG 2000", "psd": "PSD"}


@pytest.mark.parametrize("suffix", LOSSLESS)
def test_a_lossless_file_gives_exactly_the_pixels_that_were_written(tmp_path: Path, suffix: str) -> None:
    image = noise(33, 17)
    decoded = decode(write(tmp_path / f"picture.{suffix}", image))
    assert np.array_equal(np.asarray(decoded.rgb), np.asarray(image))
    assert decoded.rgb.mode == "RGB"
    assert decoded.size == (33, 17)
    assert decoded.scale == 1.0
    assert decoded.note == ""
    assert decoded.format == NAMES.get(suffix, decoded.format)


@pytest.mark.parametrize("suffix", LOSSY)
def test_a_lossy_file_gives_nearly_the_pixels_that_were_written(tmp_path: Path, suffix: str) -> None:
    image = blocks()
    decoded = decode(write(tmp_path / f"picture.{suffix}", image))
    middle = np.s_[8::16, 12::24]
    difference = np.asarray(decoded.rgb, dtype=int)[middle] - np.asarray(image, dtype=int)[middle]
    assert np.abs(difference).max() <= 12
    assert decoded.format == NAMES.get(suffix, decoded.format)


def test_content_counts_and_not_the_name(tmp_path: Path) -> None:
    write(tmp_path / "real.png", noise(8, 8))
    (tmp_path / "real.png").rename(tmp_path / "wrong.jpg")
    assert decode(ref(tmp_path / "wrong.jpg")).format == "PNG"
    (tmp_path / "wrong.jpg").rename(tmp_path / "no ending")
    assert decode(ref(tmp_path / "no ending")).format == "PNG"


@pytest.mark.parametrize(
    ("suffix", "word"), [("gif", "frames"), ("png", "frames"), ("webp", "frames"), ("tif", "pages")]
)
def test_of_several_frames_the_first_is_taken_and_the_note_says_so(tmp_path: Path, suffix: str, word: str) -> None:
    frames = [Image.new("RGB", (20, 10), colour) for colour in ("#c01020", "#10c020", "#1020c0")]
    path = tmp_path / f"moving.{suffix}"
    frames[0].save(path, save_all=True, append_images=frames[1:])
    decoded = decode(ref(path))
    assert np.abs(np.asarray(decoded.rgb, dtype=int) - (0xC0, 0x10, 0x20)).max() <= 8
    assert f"first of 3 {word}" in decoded.note


def test_of_an_icon_the_largest_picture_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "icon.ico"
    blocks(64, 64).save(path, sizes=[(16, 16), (64, 64), (32, 32)])
    assert decode(ref(path)).size == (64, 64)


def test_names_with_umlauts_spaces_and_signs_are_read(tmp_path: Path) -> None:
    folder = tmp_path / "Ünï 画像 #1 %20"
    folder.mkdir()
    assert decode(write(folder / "Bild ä & ß.png", noise(5, 4))).size == (5, 4)


def test_a_picture_of_one_pixel_is_a_picture(tmp_path: Path) -> None:
    decoded = decode(write(tmp_path / "dot.png", Image.new("RGB", (1, 1), (9, 8, 7))))
    assert decoded.picture().pixels.tolist() == [[[9, 8, 7]]]


def test_formats_that_run_other_programs_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "drawing.eps"
    blocks().save(path)
    with pytest.raises(ImageError, match="PostScript") as caught:
        decode(ref(path))
    assert caught.value.kind == "unsupported"


def test_the_original_is_not_touched(tmp_path: Path) -> None:
    image = write(tmp_path / "photo.jpg", blocks())
    before = (hashlib.sha256(image.path.read_bytes()).digest(), image.path.stat().st_mtime_ns)
    decode(image, short_side=256)
    assert (hashlib.sha256(image.path.read_bytes()).digest(), image.path.stat().st_mtime_ns) == before
    assert [path.name for path in tmp_path.iterdir()] == ["photo.jpg"]


@pytest.mark.parametrize("name", ["hopper.webp", "hopper_gray_4bpp.tif", "pil_sample_cmyk.jpg", "dispose_bgnd.gif"])
def test_real_files_look_as_plain_pillow_shows_them(name: str) -> None:
    path = need_shared_data("images") / name
    with Image.open(path) as plain:
        expected = plain.convert("RGBA") if plain.has_transparency_data else plain.convert("RGB")
    opaque = np.asarray(expected.getchannel("A")) == 255 if expected.mode == "RGBA" else np.s_[:]
    decoded = decode(ref(path))
    assert np.array_equal(np.asarray(decoded.rgb)[opaque], np.asarray(expected.convert("RGB"))[opaque])
