"""What a drop or the clipboard holds."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QBuffer, QMimeData, QUrl
from PySide6.QtGui import QImage

from gui import incoming


def png(colour: int = 0xFF00A0FF) -> bytes:
    image = QImage(3, 2, QImage.Format.Format_RGB32)
    image.fill(colour)
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return bytes(buffer.data().data())


def with_urls(*urls: QUrl) -> QMimeData:
    mime = QMimeData()
    mime.setUrls(list(urls))
    return mime


@pytest.mark.parametrize("name", ["plain.jpg", "with space.png", "ü 画像.webp", "50 % #1.jpg", "a+b&c.tif"])
def test_files_arrive_under_their_own_names(tmp_path, name):
    assert incoming.read(with_urls(QUrl.fromLocalFile(str(tmp_path / name)))).paths == [tmp_path / name]


@pytest.mark.parametrize("name", ["a.pth", "b.PT", "c.safetensors", "d.ckpt"])
def test_weights_are_told_apart_by_their_suffix(tmp_path, name):
    parcel = incoming.read(with_urls(QUrl.fromLocalFile(str(tmp_path / name))))
    assert (parcel.paths, parcel.weights) == ([], [tmp_path / name])


def test_a_small_picture_that_a_browser_drops_as_data_is_taken(qapp):
    address = "data:image/png;base64," + base64.b64encode(png()).decode()
    image = incoming.read(with_urls(QUrl(address))).images[0]
    assert image.size().toTuple() == (3, 2)
    assert image.pixelColor(1, 1).getRgb()[:3] == (0x00, 0xA0, 0xFF)


def test_files_win_over_the_picture_that_comes_with_them(qapp, tmp_path):
    mime = with_urls(QUrl.fromLocalFile(str(tmp_path / "a.png")))
    mime.setImageData(QImage.fromData(png()))
    parcel = incoming.read(mime)
    assert parcel.paths == [tmp_path / "a.png"]
    assert parcel.images == []


def test_a_picture_wins_over_the_address_it_came_from(qapp):
    mime = with_urls(QUrl("https://example.org/a.png"))
    mime.setImageData(QImage.fromData(png()))
    parcel = incoming.read(mime)
    assert len(parcel.images) == 1
    assert not parcel.empty


def test_only_an_address_is_nothing_to_open():
    parcel = incoming.read(with_urls(QUrl("https://example.org/a.png")))
    assert parcel.empty
    assert parcel.addresses == ["https://example.org/a.png"]


@given(st.text(max_size=200))
def test_any_text_at_all_is_read_without_an_error(text):
    mime = QMimeData()
    mime.setText(text)
    assert all(isinstance(path, Path) for path in incoming.read(mime).paths)


@given(st.text(max_size=80))
def test_broken_data_addresses_are_no_pictures(body):
    assert incoming.read(with_urls(QUrl(f"data:image/png;base64,{body}"))).images == []


@pytest.mark.parametrize("name", ["e.pt2", "f.pth.tar", "model.safetensors.index.json", "h.pkl"])
def test_weights_of_less_usual_names(tmp_path, name):
    assert incoming.read(with_urls(QUrl.fromLocalFile(str(tmp_path / name)))).weights == [tmp_path / name]


@pytest.mark.parametrize(
    ("head", "weights"),
    [
        (b"PK\x03\x04....", True),
        (b"\x80\x02}q\x00", True),
        (b"\x40" + 7 * b"\x00" + b"{", True),
        (b"hello", False),
        (b"", False),
    ],
)
def test_a_file_without_an_ending_is_told_by_its_first_bytes(tmp_path, head, weights):
    path = tmp_path / "checkpoint"
    path.write_bytes(head)
    parcel = incoming.read(with_urls(QUrl.fromLocalFile(str(path))))
    assert (parcel.weights == [path], parcel.paths == [path]) == (weights, not weights)


def test_a_folder_without_an_ending_is_a_folder(tmp_path):
    assert incoming.read(with_urls(QUrl.fromLocalFile(str(tmp_path)))).paths == [tmp_path]


def test_a_program_is_neither_a_picture_nor_weights(qapp, tmp_path):
    path = tmp_path / "model.py"
    parcel = incoming.read(with_urls(QUrl.fromLocalFile(str(path))))
    assert (parcel.code, parcel.paths, parcel.weights) == ([path], [], [])
