"""The ledger's dialog, with counts made by the core itself and no threads."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from core.insight.ledger.counting import count
from core.insight.ledger.vgg_paper import FAMILY
from core.types import BUILTIN_SPEC, Failure, LayerInfo, LedgerWish, ModelInfo, ModelSpec, Preprocessing, WeightsSpec
from gui.dialogs.ledger_dialog import LedgerDialog
from gui.facts.ledger import loaded_wish
from gui.itemmodels import ledger_layer_model as layer_columns
from gui.itemmodels.ledger_network_model import MACS, MACS_PAPER, NAME, PARAMETERS, PARAMETERS_PAPER
from gui.state import AppState


def model(name: str = "nin", classes: int = 10, side: int = 32, spec: ModelSpec | None = None) -> ModelInfo:
    how = Preprocessing(side, side, "bilinear", (0.0,) * 3, (1.0,) * 3, "made up")
    layers = (LayerInfo("block1.0", "Conv2d", (1, 192, 32, 32), 14592), LayerInfo("block1.2", "Conv2d", (1, 160, 32, 32), 3))
    categories = tuple(f"class {number}" for number in range(classes))
    spec = spec or ModelSpec(name, WeightsSpec("random"))
    return ModelInfo(spec, name, "cpu", categories, "numbered", how, 5, layers)


class Counter:
    """Answers the wishes of the facts as the desk would, when told to."""

    def __init__(self, state: AppState) -> None:
        self._facts = state.ledger
        self.asked: list[LedgerWish] = []

    def run(self) -> None:
        while self._facts.missing:
            wish = self._facts.missing[0]
            self.asked.append(wish)
            self._facts.put(wish, count(wish))


@pytest.fixture
def opened(state, qtbot):
    state.set_model(model())
    dialog = LedgerDialog(state)
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
    return dialog, state, Counter(state)


def texts(table, column: int) -> list[str]:
    return [str(table.sorter.index(row, column).data()) for row in range(table.sorter.rowCount())]


def test_the_loaded_model_comes_first_then_the_papers_family(opened):
    dialog, state, counter = opened
    assert state.ledger.wishes == (LedgerWish("nin", 10, 3, 32), *(LedgerWish(name) for name in FAMILY))
    assert texts(dialog.table, 1) == ["counting…"] * 7
    assert not dialog.export_button.isEnabled()
    counter.run()
    assert texts(dialog.table, NAME)[:2] == ["nin, 10 classes — loaded", "vgg11"]
    assert texts(dialog.table, PARAMETERS)[1] == "132,863,336"
    assert texts(dialog.table, PARAMETERS_PAPER)[1:] == ["✓ 133 M", "✓ 133 M", "✓ 133 M", "✓ 134 M", "✓ 138 M", "✓ 144 M"]
    assert texts(dialog.table, MACS_PAPER)[5] == "≠ 15.3 G"
    assert dialog.export_button.isEnabled()


def test_a_verdict_is_told_in_words(opened):
    dialog, _, counter = opened
    counter.run()
    different = dialog.rows.index(5, MACS_PAPER)
    for role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
        assert different.data(role).startswith("MACs: different from 15.3 G of He et al. 2015")
    dialog.table.show_row(5)
    assert dialog.said.text().startswith("vgg16: 65 of 66 cells are as printed. MACs: different from 15.3 G")
    assert dialog.said.accessibleDescription() == dialog.said.text()


def test_sorting_by_any_column(opened):
    dialog, _, counter = opened
    counter.run()
    dialog.table.sortByColumn(MACS, Qt.SortOrder.DescendingOrder)
    assert texts(dialog.table, NAME)[:2] == ["vgg19", "vgg16"]
    assert texts(dialog.table, NAME)[-1].startswith("nin")
    dialog.table.sort_as_given()
    assert texts(dialog.table, NAME)[0].startswith("nin")


def test_layers_of_one_beside_another(opened):
    dialog, _, counter = opened
    counter.run()
    assert not dialog.second.table.isVisible()
    dialog.table.show_row(3)
    assert dialog.first.picker.currentText() == "vgg13"
    assert texts(dialog.first.table, layer_columns.KIND)[:3] == ["conv3-64 ✓", "ReLU", "conv3-64 ✓"]
    place = dialog.second.picker.findText("vgg16_1x1")
    dialog.second.picker.setCurrentIndex(place)
    dialog.second.picker.activated.emit(place)
    assert dialog.second.table.isVisible()
    assert "conv1-256 ✓" in texts(dialog.second.table, layer_columns.KIND)
    dialog.second.table.show_row(0)
    assert dialog.said.text().startswith("features.0, 1,792 parameters. As Simonyan and Zisserman 2014")


def test_a_layer_of_the_loaded_model_is_looked_at(opened):
    dialog, state, counter = opened
    counter.run()
    state.set_layer("block1.0")
    assert dialog.first.rows.line(dialog.first.table.row).key == "block1.0"
    row = dialog.first.rows.row_of("block1.2")
    dialog.first.table.show_row(row)
    assert state.layer == "block1.2"
    dialog.first.table.show_row(dialog.first.rows.row_of("block2.0"))  # this made-up model has no such layer
    assert state.layer == "block1.2"
    dialog.table.show_row(2)
    dialog.first.table.show_row(0)  # another network's layer is nobody's
    assert state.layer == "block1.2"


def test_ticks_and_classes(opened):
    dialog, state, counter = opened
    dialog.networks.tick(("vgg16",), loaded=False)
    dialog.classes.setValue(10)
    assert state.ledger.wishes == (LedgerWish("vgg16", 10),)
    counter.run()
    assert counter.asked == [LedgerWish("vgg16", 10)]
    assert texts(dialog.table, NAME) == ["vgg16, 10 classes"]
    assert dialog.rows.index(0, PARAMETERS_PAPER).data() == "≠ 138 M"
    assert "It has 10 classes, the paper's 1,000." in dialog.said.text()
    dialog.networks.tick((), loaded=False)
    assert dialog.table.empty_text == dialog.first.table.empty_text == "Tick a network at the left"
    assert not dialog.copy_button.isEnabled()


def test_typing_filters_the_list(opened, qtbot):
    dialog, _, _ = opened
    qtbot.keyClicks(dialog.networks.field, "seed doc")
    shown = dialog.networks.view.model()
    assert {str(shown.index(row, 0).data()) for row in range(shown.rowCount())} == {
        "alexnet_gray", "vgg11_narrow", "vgg16_bn_10", "nin", "googlenet_seed",
    }  # fmt: skip


def test_what_cannot_be_counted_says_why(opened):
    dialog, state, _ = opened
    wish = state.ledger.missing[0]
    state.ledger.put(wish, Failure("architecture", "nin cannot be counted: it is broken."))
    assert dialog.rows.index(0, 1).data() == "could not be counted"
    assert "it is broken" in dialog.rows.index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert dialog.said.text() == dialog.first.table.empty_text == "nin cannot be counted: it is broken."


def test_copying(opened, qtbot):
    dialog, _, counter = opened
    counter.run()
    dialog.copy_button.click()
    assert "| vgg13 | VGG B |" in QGuiApplication.clipboard().text()
    dialog.table.setFocus()
    dialog.table.selectRow(1)
    dialog.table.copy()
    assert QGuiApplication.clipboard().text().startswith("vgg11\t")


def test_exporting_asks_for_the_format_of_the_ending(opened):
    dialog, state, counter = opened
    counter.run()
    wanted = []
    state.ledger.export_wanted.connect(lambda *order: wanted.append(order))
    dialog.with_layers.setChecked(True)
    dialog.save(Path("/somewhere/ledger.tex"))
    assert wanted == [(Path("/somewhere/ledger.tex"), "latex", True)]
    state.ledger.tell("It could not be written.", failed=True)
    assert dialog.said.property("tone") == "error"


def test_nothing_is_counted_while_nobody_looks(opened):
    dialog, state, _ = opened
    assert state.ledger.wishes
    dialog.reject()
    assert state.ledger.wishes == ()
    state.set_model(model("vgg11", 1000, 224))
    assert state.ledger.wishes == ()


def test_another_model_takes_the_first_place(opened):
    dialog, state, _ = opened
    state.set_model(model("resnet18", 1000, 224))
    assert state.ledger.wishes[0] == LedgerWish("resnet18", 1000, 3, 224)
    assert dialog.networks.entries.item(0).text() == "resnet18 — loaded"


def test_only_one_is_opened(state, qtbot, qapp):
    from PySide6.QtWidgets import QMainWindow

    window = QMainWindow()
    qtbot.addWidget(window)
    window.show()
    state.set_model(model())
    first = LedgerDialog(state, window)
    first.show()
    assert window.findChild(LedgerDialog) is first
    assert not first.isModal()


def test_without_a_model(state, qtbot):
    dialog = LedgerDialog(state)
    qtbot.addWidget(dialog)
    dialog.show()
    assert state.ledger.wishes == tuple(LedgerWish(name) for name in FAMILY)
    assert dialog.networks.entries.item(0).text() == "No model is loaded yet"
    state.set_model(model("compact_vgg", 102, 64, BUILTIN_SPEC))
    assert state.ledger.wishes[0] == loaded_wish(state.model)


def test_narrow_tables_leave_columns_out(opened):
    dialog, _, counter = opened
    counter.run()
    dialog.table.resize(460, 200)
    hidden = [column for column in range(10) if dialog.table.isColumnHidden(column)]
    assert PARAMETERS not in hidden
    assert MACS not in hidden
    assert len(hidden) >= 3
    dialog.table.resize(1400, 200)
    assert not any(dialog.table.isColumnHidden(column) for column in range(10))
