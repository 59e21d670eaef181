"""A beside B: what a person sees and does."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

from core.types import ImageRef, ModelSpec, WeightsSpec
from gui.dialogs.compare_dialog import CompareDialog
from gui.facts.comparison import DIFFERENCE, A, B, Opponent
from tests.e2e.comparing import LAYER, begin, random_spec, wait_for_b
from tests.e2e.conftest import LONG
from tests.e2e.test_main_job import drop, files


def test_ending_puts_everything_back(bench):
    workspace, state = bench.window.inspect, bench.state
    controls = workspace.activations.controls
    controls.colour_map.setCurrentText("Viridis")
    bench.wait_settled()
    before = bench.window.grab().toImage()
    begin(bench)
    assert workspace.pictures.second is not None
    assert workspace.activations.switch.isVisible()
    state.comparison.set_side(DIFFERENCE)
    assert (controls.scaling.currentText(), controls.colour_map.currentText()) == ("All alike", "Around zero")
    bench.window.actions_by_key["compare"].trigger()
    bench.wait_settled()
    assert controls.colour_map.currentText() == "Viridis"
    assert workspace.answers.currentWidget() is workspace.predictions
    QApplication.processEvents()
    assert bench.window.grab().toImage() == before


def test_both_pictures_zoom_and_pan_together_on_the_same_part_of_the_crop(bench):
    begin(bench)
    first, second = bench.window.inspect.image_view, bench.window.inspect.pictures.second
    assert first.viewport.fitted
    assert second.viewport.fitted
    state_b = second._state
    boxes = bench.state.network_input.box, state_b.network_input.box

    def shown(view, box):
        width = box[2] - box[0]
        middle = view.to_picture(view.viewport.area.center())
        return (middle.x() - box[0]) / width, (middle.y() - box[1]) / width, view.zoom * width

    for view in (first, second):
        position = QPointF(view.width() * 0.6, view.height() * 0.4)
        wheel = QWheelEvent(
            position, view.mapToGlobal(position), QPoint(), QPoint(0, 960), Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(view, wheel)
        view.setFocus()
        bench.qtbot.keyClick(view, Qt.Key.Key_Right)
        one, two = shown(first, boxes[0]), shown(second, boxes[1])
        # The middle of a picture lies on a whole pixel of the screen.
        assert one == pytest.approx(two, abs=0.02 * one[2] / 100, rel=0.02)
    bench.qtbot.keyClick(second, Qt.Key.Key_0)
    assert first.viewport.fitted
    assert second.viewport.fitted
    first.set_crop_visible(False)
    assert not second.crop_visible


def test_hovered_unit_and_point_are_on_both_sides(bench):
    begin(bench)
    state = bench.state
    second = bench.window.inspect.pictures.second
    state_b = second._state
    bench.window.inspect.activations.grid.pixel_hovered.emit((0, 5, 6))
    assert state.hovered_unit == state_b.hovered_unit == (5, 6)
    state.comparison.set_side(B)
    assert state.hovered_unit is state_b.hovered_unit is None
    bench.window.inspect.activations.grid.pixel_hovered.emit((0, 2, 3))
    assert state.hovered_unit == state_b.hovered_unit == (2, 3)
    box, box_b = state.network_input.box, state_b.network_input.box
    state.selection.hover_point((box[0] + 0.25 * (box[2] - box[0]), box[1]))
    cursor = second.overlays[-1]
    assert cursor.point == pytest.approx((box_b[0] + 0.25 * (box_b[2] - box_b[0]), box_b[1]))
    state_b.selection.hover_point((box_b[2], box_b[3]))
    assert state.selection.point == pytest.approx((box[2], box[3]))
    state_b.selection.hover_point(None)
    assert state.selection.point is None


def test_maps_of_other_sizes_keep_the_cursor_at_the_same_place(bench):
    bench.state.set_layer(LAYER)
    begin(bench, Opponent(spec=random_spec(0, "squeezenet1_1")))
    state, view = bench.state, bench.window.inspect.activations
    state_b = bench.window.inspect.pictures.second._state
    state.comparison.set_side(DIFFERENCE)
    assert "no difference" in view._empty.text()
    state.comparison.set_side(B)
    view.grid.pixel_hovered.emit((0, 12, 6))
    assert state_b.hovered_unit == (12, 6)
    rows, columns = state.activations.values.shape[1:]
    assert state.hovered_unit == (int(12.5 / 13 * rows), int(6.5 / 13 * columns))
    state.comparison.set_side(A)
    view.grid.pixel_hovered.emit((0, rows - 1, 0))
    assert state_b.hovered_unit == (12, 0)


def test_unreadable_picture_of_b_is_told_in_its_pane_and_another_can_be_chosen(bench, photos, tmp_path):
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    drop(bench.window, files(broken))
    bench.qtbot.waitUntil(lambda: bench.conductor.idle and len(bench.state.images) == 4, timeout=LONG)
    bench.state.set_image(ImageRef(photos[0]))
    begin(bench, Opponent(image=ImageRef(broken)))
    second = bench.window.inspect.pictures.second
    assert "broken.png" in second.accessibleDescription()
    assert "broken.png" in bench.window.findChild(QWidget, "changeTable").empty_text
    bench.window.actions_by_key["compare_previous"].trigger()
    wait_for_b(bench)
    assert bench.state.comparison.answer.classification.image.path == photos[2]
    assert second.has_content()


def test_the_keyboard_alone_is_enough(bench, photos):
    window, facts = bench.window, bench.state.comparison
    strip = window.findChild(QWidget, "imageStrip")
    window.activateWindow()
    strip.setFocus()
    bench.qtbot.keyClick(strip, Qt.Key.Key_B)
    wait_for_b(bench)
    assert facts.answer.classification.image.path == photos[1]
    bench.qtbot.keyClick(strip, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    wait_for_b(bench)
    assert facts.answer.classification.image.path == photos[2]
    for side in (B, DIFFERENCE, A):
        bench.qtbot.keyClick(strip, Qt.Key.Key_B, Qt.KeyboardModifier.ShiftModifier)
        assert facts.side == side
    table = window.findChild(QWidget, "changeTable")
    table.setFocus()
    table.setCurrentIndex(table.model().index(1, 0))
    bench.qtbot.keyClick(table, Qt.Key.Key_Return)
    assert bench.state.selection.category == facts.answer.changes[1].index_a
    second = window.inspect.pictures.second
    second.setFocus()
    bench.qtbot.keyClick(second, Qt.Key.Key_B)
    bench.wait_idle()
    assert not facts.active
    assert window.focusWidget() is window.inspect.image_view


@pytest.mark.parametrize("name", ["layerFilter", "modelPicker"])
def test_b_typed_into_a_field_is_a_letter(bench, name):
    window = bench.window
    window.activateWindow()
    target = window.findChild(QWidget, name)
    target.setFocus()
    bench.qtbot.keyClick(QApplication.focusWidget() or target, Qt.Key.Key_B)
    assert not bench.state.comparison.active


def test_right_click_in_the_strip_offers_the_picture_without_looking_at_it(bench, photos):
    window = bench.window
    strip = window.findChild(QWidget, "imageStrip")
    place = strip.visualRect(strip.model().index(2, 0)).center()
    bench.qtbot.mouseClick(strip.viewport(), Qt.MouseButton.RightButton, pos=place)
    assert bench.state.image.path == photos[0]
    assert window.actions_by_key["compare_selected"] in strip.actions()
    window.actions_by_key["compare_selected"].trigger()
    wait_for_b(bench)
    assert bench.state.comparison.answer.classification.image.path == photos[2]


def test_one_picture_alone_has_nothing_beside_it_and_that_is_said(bench, photos):
    bench.state.remove_images(bench.state.images[1:])
    bench.window.actions_by_key["compare"].trigger()
    bench.window.actions_by_key["compare_selected"].trigger()
    assert not bench.state.comparison.active
    assert "no second picture" in bench.notices[-2]
    assert "A already" in bench.notices[-1]


def test_dialog_proposes_other_weights_and_takes_a_seed(bench):
    bench.window.actions_by_key["compare_model"].trigger()
    dialog = bench.window.findChild(CompareDialog)
    bench.wait_idle()
    assert dialog.spec == random_spec(0)
    dialog.seed.setValue(21)
    dialog.begin.click()
    wait_for_b(bench)
    assert bench.state.comparison.answer.model.spec == random_spec(21)
    assert "seed 21" in bench.window.inspect.pictures._other_header.accessibleName()


def test_dialog_lists_the_weights_of_another_architecture_and_leaves_the_bar_alone(bench, tmp_path):
    bench.window.actions_by_key["compare_model"].trigger()
    dialog = bench.window.findChild(CompareDialog)
    bench.wait_idle()
    dialog.models.setEditText("squeezenet1_1")
    bench.qtbot.keyClick(dialog.models, Qt.Key.Key_Return)
    bench.wait_idle()
    names = [dialog.weights.itemText(row) for row in range(dialog.weights.count())]
    assert "IMAGENET1K_V1" in names
    assert all(option.spec.name != "IMAGENET1K_V1" for option in bench.state.weights)
    dialog.take_file(tmp_path / "mine.pth")
    assert dialog.spec == ModelSpec("squeezenet1_1", WeightsSpec("file", path=tmp_path / "mine.pth"))
    dialog.reject()
    assert not bench.state.comparison.active


def test_narrow_window_has_both_pictures_and_the_changes(bench):
    bench.window.resize(900, 600)
    begin(bench)
    workspace = bench.window.inspect
    second = workspace.pictures.second
    assert min(workspace.image_view.width(), second.width()) >= 176
    assert abs(workspace.image_view.width() - second.width()) <= 1
    assert workspace.details.currentWidget() is workspace.answers
    bench.window.resize(1280, 800)
    assert workspace.answers.isVisible()


def test_maps_of_a_and_b_have_one_scale_where_all_are_alike(bench):
    view, facts = bench.window.inspect.activations, bench.state.comparison
    view.controls.scaling.setCurrentText("All alike")
    alone = view.grid.ends()
    answer = begin(bench)
    grids = bench.state.activations, answer.activations
    both = min(float(g.values.min()) for g in grids), max(float(g.values.max()) for g in grids)
    assert view.grid.ends() == pytest.approx(both)
    facts.set_side(B)
    assert view.grid.ends() == pytest.approx(both)
    facts.set_side(DIFFERENCE)
    reach = float(np.abs(answer.difference.values).max())
    assert view.grid.ends() == pytest.approx((-reach, reach))
    facts.end()
    assert view.grid.ends() == alone
