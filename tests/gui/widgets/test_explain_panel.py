"""The panel “Why”, without the threads: what it shows of the facts, and which facts it changes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from core.types import METHODS, Explanation, Failure, JobProgress, frozen
from gui import theme
from gui.state import AppState
from gui.widgets.explain.explain_panel import ExplainPanel
from tests.gui.painted import painted
from tests.gui.samples import ORANGE, classification, model

NAMES = (*(f"category {index}" for index in range(90)), "crane", "tench", "Crane bird", "crane", "black stork")


def explanation(method: str = "gradcam", name: str = "orange", values: object = None) -> Explanation:
    found = np.array([[0, 0, 0], [3, 0, 0], [0, 0, 0]], np.float32) if values is None else np.asarray(values, np.float32)
    about = model()
    layer = "blocks.0" if METHODS[method].needs_layer else ""
    return Explanation(
        ORANGE, about.spec, about.preprocessing, method, 37, name, 4.5, 0.8731, layer, frozen(found), (0, 0, 30, 30), "a note"
    )


@pytest.fixture
def panel(state: AppState, qtbot: QtBot) -> ExplainPanel:
    widget = ExplainPanel(state)
    qtbot.addWidget(widget)
    widget.resize(312, 440)
    state.set_model(replace(model(), categories=NAMES))
    widget.show()
    return widget


def open_picture(state: AppState) -> None:
    state.append_images([ORANGE])
    state.set_image(ORANGE)
    state.set_classification(classification())


def test_it_is_watched_while_it_is_on_the_screen(state: AppState, panel: ExplainPanel) -> None:
    assert state.explanation.watched
    panel.hide()
    assert not state.explanation.watched


def test_every_method_can_be_picked_and_explains_itself(state: AppState, panel: ExplainPanel) -> None:
    picker = panel.method
    assert [picker.itemText(row) for row in range(picker.count())] == [method.title for method in METHODS.values()]
    for row, method in enumerate(METHODS.values()):
        picker.setCurrentIndex(row)
        picker.activated.emit(row)
        assert state.explanation.method == method.key
        assert method.words in picker.toolTip()
        assert method.reference in picker.toolTip()
        assert panel.layer.isEnabled() == method.needs_layer
    state.explanation.set_method("occlusion")
    assert picker.currentText() == "Occlusion"


def test_the_layer_is_the_last_with_a_map_or_the_chosen_one(state: AppState, panel: ExplainPanel) -> None:
    state.set_layer("blocks.0.conv")
    assert panel.layer.itemText(0) == "Last with a map: blocks.1.relu@2"
    assert panel.layer.itemText(1) == "The chosen one: blocks.0.conv"
    assert panel.layer.currentIndex() == 0
    panel.layer.activated.emit(1)
    assert state.explanation.follows_layer
    assert panel.layer.currentIndex() == 1
    state.set_layer("stem")
    assert panel.layer.currentText() == "The chosen one: stem"


def test_the_category_follows_the_choice_and_is_picked_by_typing(state: AppState, panel: ExplainPanel, qtbot: QtBot) -> None:
    open_picture(state)
    field = panel.category
    assert field.currentText() == "orange (top-1)"
    state.selection.set_category(74)
    assert field.currentText() == "lemon"
    field.setFocus()
    field.lineEdit().selectAll()
    QTest.keyClicks(field.lineEdit(), "stor")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert state.category == 94
    assert field.currentText() == "black stork"
    field.lineEdit().selectAll()
    QTest.keyClicks(field.lineEdit(), "no such thing")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert state.category == 94
    assert field.currentText() == "black stork"
    field.lineEdit().selectAll()
    QTest.keyClicks(field.lineEdit(), "ten")
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert field.currentText() == "black stork"
    field.activated.emit(0)
    assert state.selection.category is None
    assert field.currentText() == "orange (top-1)"


def test_of_two_categories_of_one_name_the_picked_one_is_meant(state: AppState, panel: ExplainPanel) -> None:
    open_picture(state)
    field = panel.category
    completer = field.completer()
    completer.setCompletionPrefix("CRANE")
    fitting = completer.completionModel()
    assert [fitting.index(row, 0).data() for row in range(fitting.rowCount())] == ["crane", "Crane bird", "crane"]
    completer.activated[type(fitting.index(0, 0))].emit(fitting.index(2, 0))
    assert state.category == 93


def test_an_answer_does_not_overwrite_what_is_being_typed(state: AppState, panel: ExplainPanel) -> None:
    open_picture(state)
    panel.category.lineEdit().selectAll()
    QTest.keyClicks(panel.category.lineEdit(), "cra")
    for probabilities in ((0.5, 0.3), (0.4, 0.4)):
        state.set_classification(classification(probabilities))
        assert panel.category.currentText() == "cra"
    panel.category.completer().popup().hide()


def test_what_was_found_is_drawn_and_said(state: AppState, panel: ExplainPanel) -> None:
    open_picture(state)
    state.explanation.set_found(explanation())
    assert panel.words.text() == "orange 87.3 % · strongest left of the middle · a note"
    assert panel.heat.accessibleName() == "Heat map of orange by Grad-CAM"
    assert panel.heat.accessibleDescription() == "Layer blocks.0. Strongest left of the middle"
    assert "Grad-CAM · orange · blocks.0" in panel.accessibleDescription()
    image, place = painted(panel.heat), panel.heat.picture_rect().toRect()
    assert place.width() == place.height()
    bright = image[place.center().y(), place.left() + place.width() // 6].astype(int)
    dark = image[place.center().y(), place.right() - place.width() // 6].astype(int)
    assert bright.sum() > dark.sum() + 300


def test_sentences_for_every_empty_state(state: AppState, panel: ExplainPanel) -> None:
    def said() -> str:
        return panel.accessibleDescription()

    assert said().startswith("No picture yet")
    assert not panel.run.button.isEnabled()
    open_picture(state)
    assert said().startswith("Nothing yet. Press Explain")
    assert panel.run.button.isEnabled()
    state.explanation.set_method("occlusion")
    assert said().startswith("Not made yet. It takes a while")
    state.explanation.set_failure(Failure("layer", "The layer “head” has no map."))
    assert said() == "No explanation. The layer “head” has no map."
    assert panel.run.button.text() == "Explain again"
    state.explanation.set_failure(None)
    state.set_failure(Failure("truncated", "“orange.jpg” ends too early."))
    assert said().startswith("No explanation. This picture has no answer")
    assert not panel.run.button.isEnabled()


def test_long_work_shows_how_far_it_is_and_can_be_called_off(state: AppState, panel: ExplainPanel, qtbot: QtBot) -> None:
    open_picture(state)
    facts = state.explanation
    facts.set_method("integrated-gradients")
    with qtbot.waitSignal(facts.wanted, timeout=0):
        qtbot.mouseClick(panel.run.button, Qt.MouseButton.LeftButton)
    facts.set_progress(JobProgress(10, 50, "Point 10 of 50"))
    assert panel.run.currentIndex() == 1
    assert (panel.run.bar.value(), panel.run.bar.maximum()) == (10, 50)
    assert panel.accessibleDescription().startswith("Coming")
    with qtbot.waitSignal(facts.called_off, timeout=0):
        qtbot.mouseClick(panel.run.cancel, Qt.MouseButton.LeftButton)
    facts.set_progress(None)
    assert panel.run.currentIndex() == 0


def test_a_quick_one_shows_no_bar(state: AppState, panel: ExplainPanel) -> None:
    open_picture(state)
    state.explanation.set_progress(JobProgress(0, 1, "Going back"))
    assert panel.run.currentIndex() == 0


def test_the_overlay_is_dimmed_and_hidden_from_here_and_from_elsewhere(state: AppState, panel: ExplainPanel) -> None:
    panel.opacity.setValue(25)
    assert state.overlays["why"].opacity == 0.25
    panel.shown.click()
    assert not state.overlays["why"].visible
    assert not panel.opacity.isEnabled()
    state.overlays.set_visible("why", True)
    state.overlays.set_opacity("why", 0.8)
    assert panel.shown.isChecked()
    assert panel.opacity.value() == 80


def test_every_control_has_a_name_a_tooltip_and_a_place_in_the_tab_order(state: AppState, panel: ExplainPanel) -> None:
    open_picture(state)
    controls = (panel.method, panel.category, panel.layer, panel.run.button, panel.run.cancel, panel.shown, panel.opacity)
    for control in controls:
        assert control.toolTip()
        assert control.accessibleName() or control.text()
        assert control.focusPolicy() & Qt.FocusPolicy.TabFocus
    order: list[QWidget] = []
    widget = panel.method
    for _ in range(40):
        order += [widget] if widget in controls else []
        widget = widget.nextInFocusChain()
    assert order[: len(controls)] == list(controls)


@pytest.mark.parametrize("size", [(0, 150), (312, 240), (312, 440), (600, 300)])
def test_nothing_is_cut_off_in_width(state: AppState, panel: ExplainPanel, size: tuple[int, int]) -> None:
    open_picture(state)
    state.explanation.set_found(explanation())
    assert panel.minimumSizeHint().width() < 240
    panel.resize(size[0] or panel.minimumSizeHint().width(), size[1])
    for part in (panel.method, panel.category, panel.layer, panel.run, panel.opacity, panel.heat, panel.words):
        right = part.mapTo(panel, part.rect().topRight()).x()
        assert right < panel.width()


def test_dark_theme_is_painted_in_its_colours(state: AppState, panel: ExplainPanel, monkeypatch: pytest.MonkeyPatch) -> None:
    open_picture(state)
    state.explanation.set_found(explanation("occlusion", values=[[-1, 0, 1]]))
    light = painted(panel.heat)
    monkeypatch.setattr(theme, "is_dark", lambda: True)
    dark = painted(panel.heat)
    middle = panel.heat.picture_rect().center().toPoint()
    assert light[middle.y(), middle.x()].sum() > 600 > 200 > dark[middle.y(), middle.x()].sum()
