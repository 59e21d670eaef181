from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from gui.itemmodels.layer_rows import NAME
from gui.state import AppState
from gui.widgets.layer_tree import LayerTree
from tests.gui.itemmodels.test_layer_stages_model import network
from tests.gui.samples import model
from tests.gui.widgets.test_layer_tree import current_key, keys


@pytest.fixture
def tree(state: AppState, qtbot: QtBot) -> LayerTree:
    widget = LayerTree(state)
    qtbot.addWidget(widget)
    widget.resize(480, 520)
    widget.show()
    state.set_model(model(found=network()))
    return widget


def half(tree: LayerTree, text: str) -> QToolButton:
    return next(button for button in tree.findChildren(QToolButton) if button.text() == text)


def test_the_switch(tree: LayerTree, qtbot: QtBot) -> None:
    assert half(tree, "Tree").isChecked()
    with qtbot.waitSignal(tree.stages_changed, timeout=0) as signal:
        qtbot.mouseClick(half(tree, "Stages"), Qt.MouseButton.LeftButton)
    assert signal.args == [True]
    assert keys(tree) == ["relu", "body", "head"]
    assert "stages" in tree.view.accessibleDescription()
    with qtbot.assertNotEmitted(tree.stages_changed):
        qtbot.mouseClick(half(tree, "Stages"), Qt.MouseButton.LeftButton)
    tree.set_stages(False)
    assert half(tree, "Tree").isChecked()
    assert len(keys(tree)) == len(network())
    for button in tree.findChildren(QToolButton):
        if button.property("segment"):
            assert button.accessibleName()
            assert "Ctrl+Shift+L" in button.toolTip()


def test_switching_never_chooses_another_layer(state: AppState, tree: LayerTree, qtbot: QtBot) -> None:
    state.set_layer("body.0.conv")
    with qtbot.assertNotEmitted(state.layer_changed):
        tree.set_stages(True)
        assert current_key(tree) == "body", "the row of the stage that the layer lies in is marked"
        tree.set_stages(False)
    assert current_key(tree) == "body.0.conv"


def test_a_click_chooses_the_last_layer_of_a_stage(state: AppState, tree: LayerTree, qtbot: QtBot) -> None:
    state.set_layer("body.0.conv")
    tree.set_stages(True)
    source = tree.view.model()
    for row, key in ((0, "relu"), (1, "body")):
        place = tree.view.visualRect(source.index(row, NAME)).center()
        qtbot.mouseClick(tree.view.viewport(), Qt.MouseButton.LeftButton, pos=place)
        assert state.layer == key
    state.set_layer("body.0.conv")
    place = tree.view.visualRect(source.index(1, NAME)).center()
    qtbot.mouseClick(tree.view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert state.layer == "body", "also where the row was the current one already"


def test_arrow_keys_walk_the_stages(state: AppState, tree: LayerTree, qtbot: QtBot) -> None:
    state.set_layer("conv")
    tree.set_stages(True)
    tree.view.setFocus()
    qtbot.keyClick(tree.view, Qt.Key.Key_Down)
    assert state.layer == "body"


def test_the_filter_works_in_both(state: AppState, tree: LayerTree, qtbot: QtBot) -> None:
    tree.set_stages(True)
    qtbot.keyClicks(tree.filter, "16×16")
    assert keys(tree) == ["relu"]
    tree.filter.clear()
    qtbot.keyClicks(tree.filter, "block")
    assert keys(tree) == ["body"]
    tree.set_stages(False)
    assert keys(tree) == ["body", "body.0", "body.1"]
    tree.set_stages(True)
    tree.filter.setText("nothing of that kind")
    assert tree.view.empty_text == "No stage of that name or kind"


def test_another_model(state: AppState, tree: LayerTree) -> None:
    tree.set_stages(True)
    state.set_model(model(found=network()[:3]))
    assert keys(tree) == ["relu", "body"]
