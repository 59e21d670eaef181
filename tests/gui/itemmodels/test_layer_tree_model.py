from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester

from core.types import LayerInfo
from gui.itemmodels.layer_rows import KIND, NAME, PARAMETERS, SHAPE
from gui.itemmodels.layer_tree_model import KEY_ROLE, LayerTreeModel
from gui.itemmodels.layer_words import format_shape, ordinal
from gui.state import AppState
from tests.gui.samples import layer, layers, many_layers, model

Tree = list[tuple[str, "Tree"]]


def tree(source: LayerTreeModel, parent: QModelIndex | None = None) -> Tree:
    parent = parent or QModelIndex()
    indices = [source.index(row, NAME, parent) for row in range(source.rowCount(parent))]
    return [(index.data(), tree(source, index)) for index in indices]


def made(state: AppState, found: tuple[LayerInfo, ...]) -> LayerTreeModel:
    source = LayerTreeModel(state)
    source.tester = QAbstractItemModelTester(source, QAbstractItemModelTester.FailureReportingMode.Fatal)
    state.set_model(model(found=found))
    return source


BLOCK: Tree = [("conv", []), ("relu · 1st call", []), ("relu · 2nd call", [])]


def test_hierarchy_in_the_order_of_execution(state: AppState) -> None:
    source = made(state, layers())
    assert tree(source) == [
        ("stem", [("0", []), ("1", [])]),
        ("blocks", [("0", BLOCK), ("1", BLOCK)]),
        ("head", []),
    ]


def test_a_module_that_was_never_called_only_groups(state: AppState) -> None:
    source = made(state, layers())
    blocks = source.index(1, NAME)
    assert blocks.data() == "blocks"
    assert blocks.data(KEY_ROLE) == ""
    assert not blocks.flags() & Qt.ItemFlag.ItemIsSelectable
    assert source.index(0, NAME).flags() & Qt.ItemFlag.ItemIsSelectable


def test_each_call_of_a_container_holds_the_calls_below_it(state: AppState) -> None:
    found = [layer(name, call=call, calls=2) for call in (1, 2) for name in ("cell", "cell.parts.a", "cell.parts.b")]
    inner: Tree = [("parts", [("a · 1st call", []), ("b · 1st call", [])])]
    again: Tree = [("parts", [("a · 2nd call", []), ("b · 2nd call", [])])]
    assert tree(made(state, tuple(found))) == [("cell · 1st call", inner), ("cell · 2nd call", again)]


def test_a_container_met_after_its_part_takes_the_row_over(state: AppState) -> None:
    source = made(state, (layer("a.b"), layer("a", "Sequential")))
    assert tree(source) == [("a", [("b", [])])]
    assert source.index(0, KIND).data() == "Sequential"


def test_every_key_is_found_again(state: AppState) -> None:
    source = made(state, many_layers())
    keys = [info.key for info in many_layers()]
    assert source.count == len(keys) == len(set(keys)) > 700
    assert [source.index_of(key).data(KEY_ROLE) for key in keys] == keys
    assert not source.index_of("nowhere").isValid()


def test_cells(state: AppState) -> None:
    source = made(state, (layer("a", shape=(1, 64, 55, 55)),))
    cells = [source.index(0, column).data() for column in (KIND, SHAPE, PARAMETERS)]
    assert cells == ["Conv2d", "64 × 55 × 55", "1.2 k"]


def test_ordinal() -> None:
    assert [ordinal(number) for number in (1, 2, 3, 4, 11, 22)] == ["1st", "2nd", "3rd", "4th", "11th", "22nd"]


def test_shape_leaves_the_batch_out() -> None:
    assert format_shape((1, 1000)) == "1000"
