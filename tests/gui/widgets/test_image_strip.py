from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from core.types import ImageRef
from gui import theme
from gui.state import AppState
from gui.widgets.image_strip import ImageStrip
from tests.gui.painted import painted, rgb, where
from tests.gui.pictures import failed, plain, refs, verdict

Key = Qt.Key
NO_MODIFIER = Qt.KeyboardModifier.NoModifier
GREEN = (10, 200, 30)


@pytest.fixture
def strip(state: AppState, qtbot: QtBot) -> ImageStrip:
    theme.choose(theme.QApplication.instance(), "light")
    strip = ImageStrip(state)
    qtbot.addWidget(strip)
    strip.resize(248, 400)
    with qtbot.waitExposed(strip):
        strip.show()
    return strip


def row_centre(strip: ImageStrip, row: int) -> QPoint:
    return strip.view.visualRect(strip.view.model().index(row)).center()


def click(qtbot: QtBot, strip: ImageStrip, row: int, modifier: Qt.KeyboardModifier = NO_MODIFIER) -> None:
    qtbot.mouseClick(strip.view.viewport(), Qt.MouseButton.LeftButton, modifier, row_centre(strip, row))


def selected_rows(strip: ImageStrip) -> list[int]:
    return sorted(index.row() for index in strip.view.selectedIndexes())


def header(strip: ImageStrip) -> str:
    return strip.findChild(QLabel).text()


def test_state_moves_the_current_row(state: AppState, strip: ImageStrip) -> None:
    images = state.append_images(refs(40))
    state.set_image(images[30])
    assert strip.view.currentIndex().row() == 30
    assert selected_rows(strip) == [30]
    assert 30 in strip.view.visible_rows()
    state.set_image(None)
    assert not strip.view.currentIndex().isValid()


def test_picture_chosen_before_it_is_listed(state: AppState, strip: ImageStrip) -> None:
    state.set_image(refs(3)[2])
    state.append_images(refs(3))
    assert strip.view.currentIndex().row() == 2


def test_keys_move_the_state(state: AppState, strip: ImageStrip, qtbot: QtBot) -> None:
    images = state.append_images(refs(12))
    state.set_image(images[0])
    seen: list[ImageRef] = []
    state.image_changed.connect(seen.append)
    for key in (Key.Key_Down, Key.Key_Down, Key.Key_Up, Key.Key_End, Key.Key_Home):
        qtbot.keyClick(strip.view, key)
    assert seen == [images[1], images[2], images[1], images[11], images[0]]
    qtbot.keyClicks(strip.view, "00007")
    assert state.image == images[7]


def test_click_moves_the_state(state: AppState, strip: ImageStrip, qtbot: QtBot) -> None:
    images = state.append_images(refs(5))
    click(qtbot, strip, 3)
    assert state.image == images[3]


def test_delete_asks_to_remove_what_is_selected(state: AppState, strip: ImageStrip, qtbot: QtBot) -> None:
    images = state.append_images(refs(5))
    click(qtbot, strip, 3)
    click(qtbot, strip, 1, Qt.KeyboardModifier.ControlModifier)
    with qtbot.waitSignal(strip.remove_requested, timeout=0) as asked:
        qtbot.keyClick(strip.view, Key.Key_Delete)
    assert asked.args == [(images[1], images[3])]
    assert header(strip) == "2 of 5 selected"
    assert state.images == images


def test_delete_without_a_selection_asks_nothing(state: AppState, strip: ImageStrip, qtbot: QtBot) -> None:
    state.append_images(refs(2))
    with qtbot.assertNotEmitted(strip.remove_requested):
        qtbot.keyClick(strip.view, Key.Key_Delete)


@pytest.mark.parametrize("gone", [slice(2, 5), slice(0, 400, 2)], ids=["a range", "scattered"])
def test_removal_of_what_is_selected(state: AppState, strip: ImageStrip, gone: slice) -> None:
    images = state.append_images(refs(400))
    state.set_image(images[2])
    seen: list[ImageRef] = []
    state.image_changed.connect(seen.append)
    state.remove_images(images[gone])
    expected = next(image for image in images[3:] if image not in images[gone])
    assert seen == [expected]
    assert strip.view.currentIndex().data() == expected.name
    assert [state.images[row] for row in selected_rows(strip)] == [expected]


def test_removal_of_the_others_keeps_the_current(state: AppState, strip: ImageStrip, qtbot: QtBot) -> None:
    images = state.append_images(refs(300))
    state.set_image(images[151])
    with qtbot.assertNotEmitted(state.image_changed):
        state.remove_images(images[::2])
        state.remove_images(images[1:100:2])
    assert strip.view.currentIndex().data() == "00151.jpg"


def test_removal_of_all(state: AppState, strip: ImageStrip) -> None:
    images = state.append_images(refs(3))
    state.set_image(images[1])
    state.remove_images(images)
    assert state.image is None
    assert not strip.view.currentIndex().isValid()
    assert header(strip) == "Pictures"


def test_header_counts(state: AppState, strip: ImageStrip) -> None:
    state.append_images(refs(1))
    assert header(strip) == "1 picture"
    state.append_images(refs(1234))
    assert header(strip) == "1,234 pictures"


def test_thousands_ask_for_what_is_seen_only(state: AppState, strip: ImageStrip, qtbot: QtBot) -> None:
    images = refs(5000)
    with qtbot.waitSignal(state.thumbnails_wanted, timeout=5000) as wanted:
        state.append_images(images)
    asked = wanted.args[0]
    seen = len(strip.view.visible_rows())
    assert 5 <= seen <= 8
    assert asked == images[: 2 * seen]


def test_scrolling_asks_once_for_what_comes_into_view(state: AppState, strip: ImageStrip, qtbot: QtBot) -> None:
    images = refs(5000)
    with qtbot.waitSignal(state.thumbnails_wanted, timeout=5000):
        state.append_images(images)
    asked: list[tuple[ImageRef, ...]] = []
    state.thumbnails_wanted.connect(asked.append)
    bar = strip.view.verticalScrollBar()
    with qtbot.waitSignal(state.thumbnails_wanted, timeout=5000):
        for step in range(100):
            bar.setValue(bar.maximum() * step // 150)
    seen = strip.view.visible_rows()
    assert len(asked) == 1
    assert asked[0][: len(seen)] == images[seen.start : seen.stop]
    assert set(asked[0]) == set(images[seen.start - len(seen) : seen.stop + len(seen)])


def test_nothing_more_to_ask(state: AppState, strip: ImageStrip, qtbot: QtBot) -> None:
    with qtbot.waitSignal(state.thumbnails_wanted, timeout=5000):
        images = state.append_images(refs(3))
    state.add_thumbnail(images[0], plain(8, 8))
    state.add_thumbnail(images[1], None)
    with qtbot.waitSignal(state.thumbnails_wanted, timeout=5000) as wanted:
        strip.resize(240, 380)
    assert wanted.args[0] == (images[2],)


def test_thumbnail_takes_the_place_kept_for_it(state: AppState, strip: ImageStrip) -> None:
    images = state.append_images(refs(2))
    before = strip.view.visualRect(strip.view.model().index(1))
    tile = where(painted(strip.view.viewport()), rgb(theme.LIGHT.canvas))
    state.add_thumbnail(images[0], plain(90, 60, GREEN))
    state.add_thumbnail(images[1], plain(60, 90, GREEN))
    assert where(painted(strip.view.viewport()), GREEN) == tile
    assert strip.view.visualRect(strip.view.model().index(1)) == before


def test_failed_picture_is_marked(state: AppState, strip: ImageStrip) -> None:
    images = state.append_images(refs(2))
    assert where(painted(strip.view.viewport()), rgb(theme.LIGHT.error_soft)) is None
    state.add_verdicts((failed(images[1]),))
    marked = where(painted(strip.view.viewport()), rgb(theme.LIGHT.error_soft))
    row = strip.view.visualRect(strip.view.model().index(1))
    assert marked is not None
    assert row.top() < marked[1] / strip.devicePixelRatioF() < row.bottom()
    error = where(painted(strip.view.viewport()), rgb(theme.LIGHT.error))
    assert error is not None
    assert error[2] > marked[2], "the words are in the error's colour too"


def test_verdicts_repaint_their_rows_only(state: AppState, strip: ImageStrip, qtbot: QtBot) -> None:
    images = state.append_images(refs(4))
    before = painted(strip.view.viewport())
    state.add_verdicts((verdict(images[2]),))
    after = painted(strip.view.viewport())
    changed = np.nonzero((before != after).any(axis=(1, 2)))[0] / strip.devicePixelRatioF()
    row = strip.view.visualRect(strip.view.model().index(2))
    assert len(changed) > 0
    assert row.top() <= changed.min() <= changed.max() <= row.bottom()


def test_current_row_has_the_accent(state: AppState, strip: ImageStrip) -> None:
    images = state.append_images(refs(4))
    state.set_image(images[2])
    row = strip.view.visualRect(strip.view.model().index(2))
    accent = where(painted(strip.view.viewport()), rgb(theme.LIGHT.accent))
    assert accent is not None
    ratio = strip.devicePixelRatioF()
    assert row.top() <= accent[1] / ratio < accent[3] / ratio <= row.bottom() + 1


def test_empty_strip_says_what_to_do(state: AppState, strip: ImageStrip) -> None:
    empty = painted(strip.view.viewport())
    assert where(empty, rgb(theme.LIGHT.text)) is not None
    state.append_images(images := refs(1))
    state.remove_images(images)
    assert np.array_equal(painted(strip.view.viewport()), empty)


def test_theme_change_repaints(state: AppState, strip: ImageStrip) -> None:
    images = state.append_images(refs(3))
    state.set_image(images[0])
    app = theme.QApplication.instance()
    try:
        theme.choose(app, "dark")
        dark = painted(strip.view.viewport())
        assert where(dark, rgb(theme.DARK.accent_soft)) is not None
        assert where(dark, rgb(theme.LIGHT.accent_soft)) is None
        assert tuple(dark[-1, 1]) == rgb(theme.DARK.panel)
    finally:
        theme.choose(app, "light")
