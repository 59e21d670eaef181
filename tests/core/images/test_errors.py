from __future__ import annotations

import os
import re
import struct
import sys
import warnings
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageFile

from core.errors import ImageError
from core.images import decode as decoding
from core.images.decode import MAX_PIXELS, decode, thumbnail
from tests.core.images.samples import LOSSLESS, LOSSY, blocks, noise, ref, write
from tests.helpers.shared_data import need_shared_data


def error_of(path: Path) -> ImageError:
    """The error that both ways into the room give, checked for what every one of them must have."""
    with pytest.raises(ImageError) as thumb:
        thumbnail(ref(path), 64)
    with pytest.raises(ImageError) as caught:
        decode(ref(path), short_side=256)
    error = caught.value
    assert (thumb.value.kind, thumb.value.message) == (error.kind, error.message)
    assert error.path == path
    assert path.name in error.message
    assert error.message.endswith(".")
    assert error.message.count(". ") >= 1, "says what to do as well"
    return error


def file(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert error_of(tmp_path / "gone.jpg").kind == "missing"
    assert error_of(file(tmp_path / "file.jpg", b"x") / "below.jpg").kind == "missing"


def test_an_empty_file_is_called_empty(tmp_path: Path) -> None:
    error = error_of(file(tmp_path / "nothing.png", b""))
    assert error.kind == "empty"
    assert "0 bytes" in error.message


def test_a_folder_and_a_pipe_are_not_pictures_and_nothing_waits_for_them(tmp_path: Path) -> None:
    (tmp_path / "folder.jpg").mkdir()
    error = error_of(tmp_path / "folder.jpg")
    assert error.kind == "unsupported"
    assert "folder" in error.message
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.jpg")
        assert error_of(tmp_path / "pipe.jpg").kind == "unsupported"


def test_a_file_that_may_not_be_read_is_called_denied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "secret.png", noise(4, 4)).path

    def refuse(*args: Any, **kwargs: Any) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    # Tests may run as root, whom no permission stops.
    monkeypatch.setattr(Path, "open", refuse)
    assert error_of(path).kind == "denied"


def test_a_broken_disk_is_told_in_the_systems_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "photo.png", noise(4, 4)).path

    def fail(*args: Any, **kwargs: Any) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(Image, "open", fail)
    error = error_of(path)
    assert error.kind == "unreadable"
    assert "Input/output error" in error.message


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.jpg", b"<!DOCTYPE html><html><body>404</body></html>", "web page"),
        ("a.png", b"\n\n<html><head></head></html>", "web page"),
        ("a.svg", b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "SVG"),
        ("a.txt", "just wörds".encode(), "text file"),
        ("a.jpg", b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n", "Git LFS pointer"),
        ("a.pth", b"PK\x03\x04 archive/data.pkl", "weights file"),
        ("a.jpg", b"PK\x03\x04 archive/data.pkl", "zip archive"),
        ("a.jpg", b"\x80\x02\x8a\nl\xfc\x9c", "weights file"),
        ("a.jpg", struct.pack("<Q", 30) + b'{"__metadata__":{}}           ', "weights file"),
        ("a.jpg", b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom", "video"),
        ("a.mov", b"\0\0\0\x14ftypqt  \0\0\0\0qt  ", "video"),
        ("a.jpg", b"RIFF\0\0\1\0AVI LIST", "video"),
        ("a.mkv", b"\x1a\x45\xdf\xa3\x01\0\0\0", "video"),
        ("a.pdf", b"%PDF-1.7\n%\xe2\xe3", "PDF"),
        ("a.cr2", b"II*\0\x10\0\0\0CR\x02\0", "RAW"),
        ("a.raf", b"FUJIFILMCCD-RAW 0201", "RAW"),
        ("a.jxl", b"\xff\x0a\xfa\x1f", "JPEG XL"),
        ("a.jpg", b"\x01\x02\x03\xff\xfe\x9c" * 9, "known format"),
        ("a.jpg", b"MThd\0\0\0\6", "known format"),
    ],
)
def test_what_is_no_picture_is_called_what_it_is(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    error = error_of(file(tmp_path / name, content))
    assert error.kind == "unsupported"
    assert words in error.message


def test_a_raw_file_is_refused_although_its_small_preview_could_be_opened(tmp_path: Path) -> None:
    write(tmp_path / "photo.tif", noise(16, 12))
    path = (tmp_path / "photo.tif").rename(tmp_path / "photo.NEF")
    error = error_of(path)
    assert error.kind == "unsupported"
    assert "RAW" in error.message


FORMATS = sorted((LOSSLESS | LOSSY).keys() - {"dds"})


@pytest.mark.parametrize("suffix", FORMATS)
def test_half_a_file_is_called_truncated(tmp_path: Path, suffix: str) -> None:
    whole = write(tmp_path / f"whole.{suffix}", noise(64, 64)).path.read_bytes()
    error = error_of(file(tmp_path / f"half.{suffix}", whole[: len(whole) // 2]))
    assert error.kind == "truncated", error.message
    assert "cut short" in error.message


def test_pillow_is_not_told_to_accept_truncated_files() -> None:
    assert ImageFile.LOAD_TRUNCATED_IMAGES is False


def test_a_file_damaged_inside_is_called_unreadable(tmp_path: Path) -> None:
    whole = write(tmp_path / "whole.png", noise(64, 64)).path.read_bytes()
    damaged = bytearray(whole)
    damaged[60:400] = bytes(340)
    error = error_of(file(tmp_path / "damaged.png", bytes(damaged)))
    assert error.kind == "unreadable"
    assert error.__cause__ is not None


@pytest.mark.parametrize("suffix", FORMATS)
def test_noise_behind_the_first_bytes_is_said_without_words_of_python(tmp_path: Path, suffix: str) -> None:
    whole = write(tmp_path / f"whole.{suffix}", noise(64, 64)).path.read_bytes()
    for length in (4, 12, 40):
        path = file(tmp_path / f"{length}.{suffix}", whole[:length] + bytes(range(255, -1, -1)) * 20)
        words = ""
        try:
            decode(ref(path), short_side=64)
        except ImageError as error:
            words = error.message
        assert not re.search(r"<_io|0x[0-9a-f]{6,}|Buffered|Traceback|b'", words), words


def test_a_picture_without_pixels_is_an_error(tmp_path: Path) -> None:
    assert error_of(file(tmp_path / "none.ppm", b"P6 0 0 255\n")).kind in {"unreadable", "unsupported"}


def big_png(path: Path, width: int, height: int) -> Path:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    data = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")
    return file(path, b"\x89PNG\r\n\x1a\n" + data)


@pytest.mark.parametrize(("width", "height"), [(100_000, 100_000), (MAX_PIXELS // 100 + 1, 100)])
def test_a_decompression_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, width: int, height: int) -> None:
    error = error_of(big_png(tmp_path / "bomb.png", width, height))
    assert error.kind == "too_large"
    assert f"{MAX_PIXELS:,}" in error.message
    assert f"{width * height:,}" in error.message or f"{width:,} × {height:,}" in error.message


def test_the_limit_names_width_and_height(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "MAX_PIXELS", 20 * 10)
    assert decode(write(tmp_path / "small.png", noise(20, 10))).size == (20, 10)
    error = error_of(write(tmp_path / "big.png", noise(21, 10)).path)
    assert error.kind == "too_large"
    assert "21 × 10" in error.message
    assert "200 pixels" in error.message


def test_pillows_warnings_do_not_reach_python(tmp_path: Path) -> None:
    half_the_limit = big_png(tmp_path / "large.png", 100_000_000, 1)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert error_of(half_the_limit).kind in {"truncated", "unreadable"}
        image = Image.new("P", (2, 1))
        image.putpalette([10, 20, 30, 200, 100, 0])
        decode(write(tmp_path / "palette.png", image, transparency=bytes((255, 51))))
    assert [str(warning.message) for warning in caught] == []


def test_running_out_of_memory_is_told_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "photo.png", noise(4, 4)).path

    def exhausted(self: Any) -> None:
        raise MemoryError

    monkeypatch.setattr(ImageFile.ImageFile, "load", exhausted)
    error = error_of(path)
    assert error.kind == "too_large"
    assert "memory" in error.message


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has names that are no text")
def test_a_name_that_is_no_text_can_still_be_printed(tmp_path: Path) -> None:
    with pytest.raises(ImageError) as caught:
        decode(ref(tmp_path / os.fsdecode(b"caf\xe9.jpg")))
    assert "caf" in caught.value.message.encode("utf-8").decode()


def test_real_broken_files_get_their_kind() -> None:
    folder = need_shared_data("images")
    assert error_of(folder / "truncated_image.png").kind == "truncated"
    assert error_of(folder / "decompression_bomb.gif").kind == "too_large"


def test_files_are_closed_again(tmp_path: Path) -> None:
    images = [write(tmp_path / f"{suffix}.{suffix}", blocks()) for suffix in FORMATS]
    broken = [ref(file(tmp_path / f"broken.{image.name}", image.path.read_bytes()[:60])) for image in images]
    for image in (*images, *broken):
        try:
            decode(image)
        except ImageError:
            assert image in broken
        # Windows refuses to rename what is open; everywhere else an open file is a ResourceWarning, an error in tests.
        image.path.rename(image.path.with_name("moved." + image.name))
    if sys.platform == "linux":
        opened = {os.readlink(f"/proc/self/fd/{fd}") for fd in os.listdir("/proc/self/fd") if fd != "0"  # noqa: PTH115, PTH208
                  and os.path.lexists(f"/proc/self/fd/{fd}")}  # fmt: skip
        assert not [name for name in opened if name.startswith(str(tmp_path))]
