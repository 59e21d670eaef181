from __future__ import annotations

import pytest
from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtWidgets import QLineEdit, QTreeView
from pytestqt.qtbot import QtBot

from gui.itemmodels.layer_rows import KIND, NAME, PARAMETERS, SHAPE
from gui.itemmodels.layer_tree_model import KEY_ROLE, LayerTreeModel
from gui.state import AppState
from gui.widgets.layer_tree import LayerTree
from tests.gui.samples import layer, layers, many_layers, model


@pytest.fixture
def tree(state: AppState, qtbot: QtBot) -> LayerTree:
    widget = LayerTree(state)
    qtbot.addWidget(widget)
    widget.resize(480, 520)
    widget.show()
    return widget


def keys(tree: LayerTree, parent: QModelIndex | None = None) -> list[str]:
    """The texts of all rows that are shown or could be by expanding, from the top."""
    source, parent = tree.view.model(), parent or QModelIndex()
    found: list[str] = []
    for row in range(source.rowCount(parent)):
        index = source.index(row, NAME, parent)
        found += [index.data(KEY_ROLE) or f"({index.data()})", *keys(tree, index)]
    return found


def index_of(tree: LayerTree, key: str, parent: QModelIndex | None = None) -> QModelIndex:
    source, parent = tree.view.model(), parent or QModelIndex()
    for row in range(source.rowCount(parent)):
        index = source.index(row, NAME, parent)
        found = index if index.data(KEY_ROLE) == key else index_of(tree, key, index)
        if found.isValid():
            return found
    return QModelIndex()


def current_key(tree: LayerTree) -> str:
    return tree.view.currentIndex().siblingAtColumn(NAME).data(KEY_ROLE) or ""


def test_the_name_is_that_of_a_tree_view(tree: LayerTree) -> None:
    assert tree.findChild(QTreeView, "layerTree") is tree.view


def test_a_click_chooses_a_layer(state: AppState, tree: LayerTree, qtbot: QtBot) -> None:
    state.set_model(model())
    place = tree.view.visualRect(index_of(tree, "blocks.0.conv")).center()
    with qtbot.waitSignal(state.layer_changed, timeout=0) as signal:
        qtbot.mouseClick(tree.view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert signal.args == ["blocks.0.conv"]


def test_the_state_chooses_a_row(state: AppState, tree: LayerTree, qtbot: QtBot) -> None:
    state.set_model(model())
    with qtbot.waitSignal(state.layer_changed, timeout=0):
        state.set_layer("blocks.1.relu@2")
    assert current_key(tree) == "blocks.1.relu@2"
    assert tree.view.selectionModel().isSelected(tree.view.currentIndex())


def test_arrow_keys_walk_layers_and_a_grouping_row_changes_nothing(
    state: AppState, tree: LayerTree, qtbot: QtBot
) -> None:
    state.set_model(model())
    state.set_layer("stem.1")
    tree.view.setFocus()
    with qtbot.assertNotEmitted(state.layer_changed):
        qtbot.keyClick(tree.view, Qt.Key.Key_Down)
    assert tree.view.currentIndex().data() == "blocks"
    assert [index.data(KEY_ROLE) for index in tree.view.selectionModel().selectedRows()] == ["stem.1"]
    qtbot.keyClick(tree.view, Qt.Key.Key_Down)
    assert state.layer == "blocks.0"
    qtbot.keyClick(tree.view, Qt.Key.Key_Down)
    assert state.layer == "blocks.0.conv"


def test_filter_by_name_keeps_parents(state: AppState, tree: LayerTree, qtbot: QtBot) -> None:
    state.set_model(model())
    qtbot.keyClicks(tree.filter, "1.CONV")
    assert keys(tree) == ["(blocks)", "blocks.1", "blocks.1.conv"]


def test_filter_by_kind_and_back(state: AppState, tree: LayerTree, qtbot: QtBot) -> None:
    state.set_model(model())
    everything = keys(tree)
    qtbot.keyClicks(tree.filter, "batchnorm")
    assert keys(tree) == ["stem", "stem.1"]
    qtbot.keyClick(tree.filter, Qt.Key.Key_Escape)
    assert tree.filter.text() == ""
    assert keys(tree) == everything


def test_filtering_never_chooses_another_layer(state: AppState, tree: LayerTree, qtbot: QtBot) -> None:
    state.set_model(model())
    state.set_layer("blocks.0.conv")
    with qtbot.assertNotEmitted(state.layer_changed):
        qtbot.keyClicks(tree.filter, "head")
        assert current_key(tree) == ""
        tree.filter.clear()
        qtbot.keyClicks(tree.filter, "blocks.0.relu")
        assert current_key(tree) == ""
        tree.filter.clear()
    assert current_key(tree) == "blocks.0.conv"


def test_text_without_a_match_says_so(state: AppState, tree: LayerTree, qtbot: QtBot) -> None:
    assert tree.view.empty_text == "No model yet"
    state.set_model(model())
    assert tree.view.empty_text == ""
    qtbot.keyClicks(tree.filter, "(*")
    assert tree.view.empty_text == "No layer of that name or kind"


def test_keys_between_filter_and_tree(state: AppState, tree: LayerTree, qtbot: QtBot) -> None:
    state.set_model(model())
    tree.activateWindow()
    tree.view.setFocus()
    qtbot.keyClick(tree.view, "/")
    qtbot.waitUntil(tree.filter.hasFocus)
    assert tree.filter.text() == ""
    qtbot.keyClick(tree.filter, Qt.Key.Key_Down)
    qtbot.waitUntil(tree.view.hasFocus)
    tree.focus_filter()
    qtbot.waitUntil(tree.filter.hasFocus)
    assert isinstance(tree.filter, QLineEdit)


def test_another_model_keeps_the_layer_of_that_key(state: AppState, tree: LayerTree, qtbot: QtBot) -> None:
    state.set_model(model())
    state.set_layer("blocks.0.conv")
    with qtbot.assertNotEmitted(state.layer_changed):
        state.set_model(model(found=layers()[1:]))
        assert current_key(tree) == "blocks.0.conv"
        state.set_model(model(found=(layer("only"),)))
        assert current_key(tree) == ""
        state.set_model(model())
        assert current_key(tree) == "blocks.0.conv"


def test_a_large_model_opens_two_levels_and_the_layer(state: AppState, tree: LayerTree) -> None:
    state.set_layer("features.stage3.100.conv")
    state.set_model(model(found=many_layers()))
    view, source = tree.view, tree.view.model()
    top = source.index(0, NAME)
    assert view.isExpanded(top)
    assert not view.isExpanded(source.index(0, NAME, top))
    row = view.visualRect(index_of(tree, "features.stage3.100.conv"))
    assert row.isValid()
    assert view.viewport().rect().contains(row.center())


def test_a_small_model_is_all_open(state: AppState, tree: LayerTree) -> None:
    state.set_model(model())
    assert tree.view.visualRect(index_of(tree, "blocks.1.relu@2")).isValid()


def test_columns_give_way_from_the_last_on(state: AppState, tree: LayerTree) -> None:
    state.set_model(model())
    shown = {}
    for width in (700, 420, 300, 200):
        tree.resize(width, 400)
        shown[width] = [column for column in (SHAPE, KIND, PARAMETERS) if not tree.view.isColumnHidden(column)]
        assert tree.view.columnWidth(NAME) >= 100
    assert shown[700] == [SHAPE, KIND, PARAMETERS]
    assert shown[200] == []
    assert len(shown[700]) >= len(shown[420]) >= len(shown[300])


def test_seven_hundred_layers_are_all_in_the_tree(state: AppState, tree: LayerTree) -> None:
    big = model(found=many_layers())
    state.set_model(big)
    source = LayerTreeModel(state)
    assert source.count > 700
    for chosen in big.layers[::50]:
        state.set_layer(chosen.key)
        assert tree.view.currentIndex().isValid()


def test_clicking_beside_the_rows_is_harmless(state: AppState, tree: LayerTree, qtbot: QtBot) -> None:
    state.set_model(model(found=(layer("a"),)))
    state.set_layer("a")
    qtbot.mouseClick(tree.view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(100, 300))
    assert state.layer == "a"
