from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from gui.itemmodels import image_list_model
from gui.itemmodels.image_list_model import ImageListModel
from gui.state import AppState
from tests.gui.pictures import failed, noise, plain, refs, verdict

Role = Qt.ItemDataRole


@pytest.fixture
def model(state: AppState) -> ImageListModel:
    model = ImageListModel(state)
    model.tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    return model


def names(model: ImageListModel) -> list[str]:
    return [model.index(row).data() for row in range(model.rowCount())]


def test_rows_follow_the_state(state: AppState, model: ImageListModel) -> None:
    images = refs(6)
    state.append_images(images[:4])
    state.append_images(images[2:])
    state.remove_images((images[4], images[0], images[1]))
    assert names(model) == ["00002.jpg", "00003.jpg", "00005.jpg"]
    assert [model.row_of(image) for image in images] == [-1, -1, 0, 1, -1, 2]
    assert model.image_at(2) == images[5]
    assert model.image_at(3) is None


def test_pictures_that_were_there_first(state: AppState) -> None:
    state.append_images(refs(3))
    assert names(ImageListModel(state)) == ["00000.jpg", "00001.jpg", "00002.jpg"]


def test_scattered_removal_is_one_reset(state: AppState, model: ImageListModel, qtbot: QtBot) -> None:
    images = refs(200)
    state.append_images(images)
    with qtbot.waitSignal(model.modelReset, timeout=0), qtbot.assertNotEmitted(model.rowsRemoved):
        state.remove_images(images[::2])
    assert names(model) == [image.name for image in images[1::2]]
    assert model.row_of(images[199]) == 99


def test_what_a_row_says(state: AppState, model: ImageListModel) -> None:
    images = refs(3)
    state.append_images(images)
    state.add_verdicts((verdict(images[0]), failed(images[1])))
    right, broken, unknown = (model.index(row) for row in range(3))
    assert right.data(ImageListModel.TOP1) == "orange"
    assert right.data(ImageListModel.PROBABILITY) == "87.3 %"
    assert right.data(Role.AccessibleTextRole) == "00000.jpg: orange 87.3 %"
    assert right.data(Role.ToolTipRole) == f"{images[0].path}\norange 87.3 %"
    assert right.data(ImageListModel.IMAGE) == images[0]
    assert [index.data(ImageListModel.FAILED) for index in (right, broken, unknown)] == [False, True, False]
    assert broken.data(ImageListModel.TOP1) == "File is cut short"
    assert broken.data(Role.ToolTipRole).endswith("00001.jpg ends too early. Copy it again.")
    assert unknown.data(Role.AccessibleTextRole) == "00002.jpg"
    assert unknown.data(Role.ToolTipRole) == str(images[2].path)


def test_thumbnails(state: AppState, model: ImageListModel) -> None:
    images = refs(2)
    state.append_images(images)
    pixels = noise(37, 21)
    state.add_thumbnail(images[0], pixels)
    state.add_thumbnail(images[1], None)
    state.add_thumbnail(refs(3)[2], pixels)
    shown = model.index(0).data(Role.DecorationRole).toImage().pixelColor(36, 20)
    assert shown.getRgb()[:3] == tuple(np.asarray(pixels)[20, 36])
    assert model.index(1).data(Role.DecorationRole) is None
    assert model.index(1).data(ImageListModel.TOP1) == "Cannot be read"
    assert not model.lacks_thumbnail(0)
    assert not model.lacks_thumbnail(1)


def test_thumbnail_not_looked_at_goes_first(
    state: AppState, model: ImageListModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(image_list_model, "THUMBNAILS_KEPT", 2)
    state.append_images(images := refs(3))
    for image in images[:2]:
        state.add_thumbnail(image, plain(8, 8))
    model.index(0).data(Role.DecorationRole)
    state.add_thumbnail(images[2], plain(8, 8))
    assert [model.lacks_thumbnail(row) for row in range(3)] == [False, True, False]


def test_removed_picture_is_forgotten(state: AppState, model: ImageListModel) -> None:
    state.append_images(images := refs(2))
    state.add_thumbnail(images[0], None)
    state.add_thumbnail(images[1], plain(8, 8))
    state.remove_images(images)
    state.append_images(images)
    assert model.lacks_thumbnail(0)
    assert model.lacks_thumbnail(1)


def test_verdicts_touch_their_rows_only(state: AppState, model: ImageListModel) -> None:
    images = refs(1000)
    state.append_images(images)
    touched: list[tuple[int, int]] = []
    model.dataChanged.connect(lambda first, last: touched.append((first.row(), last.row())))
    state.add_verdicts(verdict(image) for image in (*images[10:20], images[500]))
    assert touched == [(10, 19), (500, 500)]
    touched.clear()
    state.add_verdicts(verdict(image) for image in images[100:500:2])
    assert touched == [(100, 498)]
    touched.clear()
    state.forget_verdicts()
    assert touched == [(0, 999)]


def test_thousands_come_and_go(state: AppState) -> None:
    images = refs(5000)
    model = ImageListModel(state)
    state.images_appended.emit(images[:2500])
    assert model.row_of(images[7]) == 7
    state.images_appended.emit(images[2500:])
    assert model.row_of(images[4999]) == 4999
    state.images_removed.emit(images[1000:4000])
    state.images_removed.emit(images[:1000:2])
    left = [*images[1:1000:2], *images[4000:]]
    assert [model.image_at(row) for row in range(model.rowCount())] == left
    assert all(model.row_of(image) == row for row, image in enumerate(left))
