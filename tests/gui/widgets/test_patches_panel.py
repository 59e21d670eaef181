"""The panel “Patches” on facts alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QFileDialog, QProgressBar, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from core.types import Failure, JobProgress
from gui import theme
from gui.state import AppState
from gui.widgets.image_view import ImageView
from gui.widgets.patches.patch_overlay import PatchOverlay
from gui.widgets.patches.patches_panel import PatchesPanel
from tests.gui.itemmodels.test_patch_model import answer, patch
from tests.gui.painted import painted, rgb, where
from tests.gui.pictures import network_input, picture, plain, refs
from tests.gui.samples import grid, layer, model


@pytest.fixture
def panel(state: AppState, qtbot: QtBot) -> PatchesPanel:
    theme.choose(theme.QApplication.instance(), "light")
    panel = PatchesPanel(state)
    qtbot.addWidget(panel)
    panel.resize(320, 440)
    with qtbot.waitExposed(panel):
        panel.show()
    return panel


@pytest.fixture
def ready(state: AppState, panel: PatchesPanel) -> AppState:
    state.set_model(model())
    state.set_layer("blocks.0.conv")
    state.append_images(refs(3))
    return state


def summary(panel: PatchesPanel) -> str:
    return panel._summary.text()


def hint(panel: PatchesPanel) -> str:
    return " ".join(panel.grid._hint)


def test_it_says_what_to_do_at_every_stage(state, panel):
    button = panel.findChild(QPushButton, "findPatches")
    assert not button.isEnabled()
    assert "layer" in hint(panel)
    state.set_model(model())
    state.set_layer("blocks.0.conv")
    assert "choose a folder" in hint(panel)
    assert not button.isEnabled()
    state.append_images(refs(3))
    state.selection.set_channel(5)
    assert "(P)" in hint(panel)
    assert "channel 5" in hint(panel)
    assert panel._heading.text() == "Channel 5 · blocks.0.conv"
    assert button.isEnabled()
    assert "channel 5 of blocks.0.conv" in button.accessibleName()
    state.patches.choose_folder(Path("/pictures/holiday"))
    assert "holiday" in hint(panel)
    assert hint(panel) in f"{panel.grid.accessibleDescription()} {hint(panel)}"


def test_the_button_asks_for_a_search_and_for_its_end(ready, panel, qtbot):
    button = panel.findChild(QPushButton, "findPatches")
    width = button.width()
    with qtbot.waitSignal(ready.patches.find_wanted):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    ready.patches.set_progress(JobProgress(2, 8, "Picture 2 of 8"))
    bar = panel.findChild(QProgressBar)
    assert (button.text(), button.width(), bar.isVisible(), bar.value(), bar.maximum()) == ("Cancel", width, True, 2, 8)
    assert summary(panel) == "Picture 2 of 8"
    with qtbot.waitSignal(ready.patches.stop_wanted):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    ready.patches.set_progress(None)
    assert (button.text(), bar.isVisible()) == ("Find", False)


@pytest.mark.parametrize(("found", "words"), [
    (answer(patch(0), patch(1)), "2 pictures"),
    (answer(patch(0), total=3), "1 of 3 pictures looked at: “Find” goes on"),
    (answer(patch(0), total=3, looked_at=1, copies=1, skipped=(Failure("truncated", "Cut."),)),
     "1 picture · 1 cannot be read · 1 is a copy"),
    (answer(patch(0, value=0.0)), "1 picture · silent: no value is above 0"),
    (answer(patch(0), whole_crop=True), "1 picture · each unit sees the whole crop"),
])  # fmt: skip
def test_the_summary_says_what_was_looked_at(ready, panel, found, words):
    ready.patches.set_answer(found)
    assert summary(panel) == words
    assert words in panel.grid.accessibleDescription()
    if found.skipped:
        assert "Cut." in panel._summary.toolTip()
        assert "Cut." in panel._summary.accessibleDescription()


@pytest.mark.parametrize(("found", "words"), [
    (answer(), "No pictures there"),
    (answer(total=2, looked_at=0, skipped=(Failure("truncated", "One is cut."), Failure("empty", "Two."))), "One is cut."),
    (answer(total=2, looked_at=0), "goes on"),
    (answer(total=2, looked_at=2), "NaN"),
])  # fmt: skip
def test_an_answer_without_patches_says_why(ready, panel, found, words):
    ready.patches.set_answer(found)
    assert words in hint(panel)
    assert words in panel.grid.accessibleDescription()


def test_units_have_the_name_of_their_category(ready, panel):
    head = layer("head", "Linear", (1, 10))
    ready.patches.set_answer(answer(patch(), layer=head, channel=4))
    assert panel._heading.text() == "Unit 4 (teapot) · head"


def test_keys_walk_and_open_and_a_click_opens(ready, panel, qtbot):
    ready.patches.set_answer(answer(*(patch(number) for number in range(8))))
    view = panel.grid
    view.setFocus()
    view.setCurrentIndex(view.model().index(0))
    rows = []
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_End, Qt.Key.Key_Home):
        qtbot.keyClick(view, key)
        rows.append(view.currentIndex().row())
    assert rows == [1, 4, 3, 7, 0]
    assert ready.patches.opened is None
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert ready.patches.opened.patch.image.name == "0.jpg"
    assert (ready.patches.opened.layer, ready.patches.opened.channel) == ("blocks.0.conv", 2)
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=view.visualRect(view.model().index(2)).center())
    assert ready.patches.opened.patch.image.name == "2.jpg"
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert ready.patches.opened is None


def test_the_current_patch_stays_current_while_others_come_before_it(ready, panel):
    view = panel.grid
    ready.patches.set_answer(answer(patch(1), patch(2)))
    view.setCurrentIndex(view.model().index(1))
    ready.patches.set_answer(answer(patch(5), patch(1), patch(6), patch(2)))
    assert view.currentIndex().row() == 3
    ready.patches.set_answer(answer(patch(5)))
    assert not view.currentIndex().isValid()


def test_tiles_fill_rows_of_three_and_none_is_cut_off(ready, panel):
    view = panel.grid
    ready.patches.set_answer(answer(*(patch(number) for number in range(24))))
    view.doItemsLayout()
    places = [view.visualRect(view.model().index(row)) for row in range(24)]
    assert len({place.top() for place in places}) == 8
    assert max(place.right() for place in places) < view.viewport().width()


def test_pixels_are_drawn_where_the_tile_is_and_sharp(ready, panel):
    shown = np.zeros((2, 2, 3), np.uint8)
    shown[0, 0], shown[1, 1] = (250, 10, 10), (10, 10, 250)
    ready.patches.set_answer(answer(patch(0), ))
    ready.patches.set_answer(answer(type(patch())(patch().image, 1.0, 0, 0, (0, 0, 2, 2), shown)))
    image = painted(panel.grid.viewport())
    red, blue = where(image, (250, 10, 10)), where(image, (10, 10, 250))
    tile = panel.grid.visualRect(panel.grid.model().index(0))
    assert red[2] == blue[0]
    assert red[3] == blue[1]
    assert (red[0], red[1]) == pytest.approx((tile.left() + 4, tile.top() + 4), abs=1)


def test_each_patch_can_be_read_aloud(ready, panel):
    ready.patches.set_answer(answer(patch(0), patch(1)))
    interface = QAccessible.queryAccessibleInterface(panel.grid)
    cells = [interface.child(place) for place in range(interface.childCount())]
    texts = [cell.text(QAccessible.Text.Name) for cell in cells]
    assert any(text.startswith("1.jpg, value 1.50, row 3") for text in texts)
    assert panel.grid.accessibleName()


def test_folders_are_chosen_in_a_dialog_and_can_be_left_again(ready, panel, qtbot, monkeypatch, tmp_path):
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path))
    qtbot.mouseClick(panel.findChild(QToolButton, "choosePatchFolder"), Qt.MouseButton.LeftButton)
    source = panel.source.source
    assert ready.patches.folder == tmp_path
    assert source.currentText() == f"Folder: {tmp_path.name}"
    qtbot.keyClick(source, Qt.Key.Key_Up)
    assert ready.patches.folder is None
    assert source.currentText() == "Strip: 3 pictures"
    qtbot.keyClick(source, Qt.Key.Key_Down)
    assert ready.patches.folder == tmp_path
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: "")
    qtbot.mouseClick(panel.findChild(QToolButton, "choosePatchFolder"), Qt.MouseButton.LeftButton)
    assert ready.patches.folder == tmp_path
    qtbot.keyClick(panel.source.per_picture, Qt.Key.Key_Down)
    assert ready.patches.per_picture == 2


def test_it_is_watched_while_it_is_seen(state, panel):
    assert state.patches.watched
    panel.hide()
    assert not state.patches.watched


def test_the_opened_patch_is_outlined_on_its_own_picture_only(state, qtbot):
    theme.choose(theme.QApplication.instance(), "light")
    view = ImageView(state)
    view.add_overlay(PatchOverlay(state, view))
    qtbot.addWidget(view)
    view.resize(460, 420)
    with qtbot.waitExposed(view):
        view.show()
    image, other = refs(2)
    state.append_images((image, other))
    state.set_image(image)
    state.set_picture(picture(image, plain(224, 224)))
    state.set_network_input(network_input((0, 0, 224, 224)))
    state.set_activations(grid())
    opened = type(patch())(image, 1.0, 0, 0, (40.0, 60.0, 120.0, 200.0), None)
    state.patches.set_answer(answer(opened))

    def outline():
        view._controls.hide()
        return where(painted(view), rgb(theme.LIGHT.field))

    assert outline() is None
    state.patches.open(opened)
    left, top, right, bottom = outline()
    place = view.viewport.box_to_view(opened.box)
    assert (left, top, right, bottom) == pytest.approx((place.left(), place.top(), place.right(), place.bottom()), abs=2)
    state.set_picture(picture(other, plain(224, 224)))
    assert outline() is None
    state.set_picture(picture(image, plain(224, 224)))
    assert outline() is not None
    state.patches.leave()
    assert outline() is None
