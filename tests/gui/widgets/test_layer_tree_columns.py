from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from gui.itemmodels.layer_rows import COLUMNS
from gui.state import AppState
from gui.widgets.layer_tree import DETAILS_FROM, LayerTree
from gui.widgets.layer_tree_columns import DEFAULT
from tests.gui.itemmodels.test_layer_stages_model import network
from tests.gui.samples import model


@pytest.fixture
def tree(state: AppState, qtbot: QtBot) -> LayerTree:
    widget = LayerTree(state)
    qtbot.addWidget(widget)
    widget.resize(1200, 520)
    widget.show()
    state.set_model(model(found=network()))
    return widget


def shown(tree: LayerTree) -> set[str]:
    return {column.key for column in COLUMNS if tree.view.columns.shows(column.key)}


def choose(tree: LayerTree, title: str) -> None:
    menu = tree.view.columns.menu()
    next(action for action in menu.actions() if action.text() == title).trigger()
    menu.deleteLater()


def test_all_of_them_where_there_is_room_and_the_last_give_way_first(tree: LayerTree) -> None:
    assert shown(tree) == {"name", *DEFAULT}
    before = shown(tree)
    for width in range(1150, 180, -50):
        tree.resize(width, 520)
        assert shown(tree) <= before
        before = shown(tree)
        missing = [key for key in DEFAULT if key not in before]
        assert list(DEFAULT[len(DEFAULT) - len(missing) :]) == missing
    assert before == {"name", "mean"}


def test_hiding_makes_room_and_showing_takes_it(tree: LayerTree, qtbot: QtBot) -> None:
    tree.resize(330, 520)
    assert "macs" not in shown(tree)
    choose(tree, "Multiply-adds (MACs)")
    assert "macs" in shown(tree)
    assert tree.columns[0] == "macs"
    choose(tree, "Multiply-adds (MACs)")
    assert "macs" not in shown(tree)
    assert "macs" not in tree.columns
    choose(tree, "Output shape")
    assert "output" not in shown(tree)
    tree.resize(1200, 520)
    assert shown(tree) == {"name", *DEFAULT} - {"macs", "output"}
    choose(tree, "Reset Columns")
    assert shown(tree) == {"name", *DEFAULT}


def test_the_menu_says_what_is_shown(tree: LayerTree) -> None:
    tree.resize(330, 520)
    menu = tree.view.columns.menu()
    checked = {action.data() for action in menu.actions() if action.isChecked()}
    assert checked == shown(tree) - {"name"}
    assert [action.text() for action in menu.actions() if action.isCheckable()] == [one.title for one in COLUMNS[1:]]
    assert all(action.toolTip() for action in menu.actions() if action.isCheckable())
    menu.deleteLater()


@pytest.mark.parametrize("where", ["header", "rows"])
def test_a_right_click_and_the_menu_key_open_it(tree: LayerTree, qtbot: QtBot, where: str) -> None:
    if where == "header":
        tree.view.header().customContextMenuRequested.emit(QPoint(20, 5))
    else:
        place = QPoint(20, 30)
        event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, place, tree.view.mapToGlobal(place))
        QApplication.sendEvent(tree.view.viewport(), event)
    qtbot.waitUntil(lambda: isinstance(QApplication.activePopupWidget(), QMenu))
    menu = QApplication.activePopupWidget()
    assert "Receptive field" in [action.text() for action in menu.actions()]
    qtbot.keyClick(menu, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: QApplication.activePopupWidget() is None)


def test_remembered_columns_come_back_and_unknown_ones_are_ignored(tree: LayerTree) -> None:
    tree.set_columns(("name", "stride", "colour", "stride", "field"))
    assert tree.columns == ("stride", "field")
    assert shown(tree) == {"name", "stride", "field"}
    tree.set_columns(("name",))
    assert shown(tree) == {"name"}


def test_means_are_wanted_while_their_column_is_seen(state: AppState, tree: LayerTree) -> None:
    assert state.layer_means.wanted
    choose(tree, "Mean activation")
    assert not state.layer_means.wanted
    choose(tree, "Mean activation")
    assert state.layer_means.wanted


def test_details_of_the_chosen_layer(state: AppState, tree: LayerTree) -> None:
    assert tree.details.lines() == ("–", "–", "–")
    assert tree.details.accessibleDescription() == "No layer is chosen"
    state.set_layer("conv")
    assert tree.details.lines() == (
        "8 × 16 × 16 · Conv2d · conv", "1.0 k parameters · 2.0 M MACs · 8.2 kB", "3 × 3, stride 1, offset 0",
    )  # fmt: skip
    for words in (tree.details.toolTip(), tree.details.accessibleDescription()):
        assert "2,000,000 multiply-adds" in words
        assert "3 × 3 pixels of the input" in words
    state.set_layer("body.1.attend#attention")
    assert tree.details.lines()[2] == "everything"
    tree.set_stages(True)
    assert tree.details.lines()[0].endswith("body.1.attend#attention"), "they are about the layer, not the stage"


def test_details_give_way_in_a_low_panel(tree: LayerTree) -> None:
    assert tree.details.isVisible()
    tree.resize(400, DETAILS_FROM - 1)
    assert not tree.details.isVisible()
    tree.resize(400, DETAILS_FROM)
    assert tree.details.isVisible()
