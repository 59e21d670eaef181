"""The ledger in the real window, counted in its real thread."""

from __future__ import annotations

import csv

import pytest
import torch
from PySide6.QtWidgets import QApplication, QFileDialog

from core.types import LedgerWish, ModelSpec, WeightsSpec
from core.zoo import backend
from core.zoo.backend import BuildOptions
from gui.dialogs.ledger_dialog import LedgerDialog
from gui.itemmodels.ledger_network_model import NAME, PARAMETERS_PAPER
from tests.e2e.comparing import random_spec
from tests.e2e.conftest import LONG
from tests.e2e.test_accessibility import look
from tests.helpers.model_code import write


@pytest.fixture
def ledger(bench):
    """The window with the ledger open, the first networks counted."""
    bench.window.actions_by_key["ledger"].trigger()
    dialog = bench.window.findChild(LedgerDialog)
    wait_counted(bench)
    return dialog


def wait_counted(bench) -> None:
    facts = bench.state.ledger
    bench.qtbot.waitUntil(lambda: bool(facts.wishes) and not facts.missing and bench.conductor.idle, timeout=LONG)


def printed(dialog: LedgerDialog) -> dict[str, str]:
    rows = dialog.rows
    return {rows.index(row, NAME).data(): rows.index(row, PARAMETERS_PAPER).data() for row in range(rows.rowCount())}


def test_the_family_of_the_paper_beside_the_loaded_model(bench, ledger):
    assert printed(ledger) == {
        "compact_vgg, 102 classes — loaded": "", "vgg11": "✓ 133 M", "vgg11_lrn": "✓ 133 M", "vgg13": "✓ 133 M",
        "vgg16_1x1": "✓ 134 M", "vgg16": "✓ 138 M", "vgg19": "✓ 144 M",
    }  # fmt: skip
    loaded = bench.state.ledger.counted[0]
    assert loaded.parameters == bench.state.model.parameters
    assert bench.notices == []


def test_the_window_goes_on_beside_it(bench, ledger, photos):
    assert not ledger.isModal()
    bench.state.set_image(bench.state.images[1])
    bench.wait_answer(photos[1])
    layers = [one.key for one in bench.state.model.layers if one.leaf]
    ledger.first.table.show_row(ledger.first.rows.row_of(layers[5]))
    bench.wait_idle()
    assert bench.state.layer == bench.state.activations.layer.key == layers[5]
    bench.state.set_layer(layers[2])
    assert ledger.first.rows.line(ledger.first.table.row).key == layers[2]


def test_a_wish_in_the_middle_of_others(bench, ledger):
    ledger.networks.tick(("resnet18", "efficientnet_b7", "nin"), loaded=False)
    ledger.networks.tick(("nin", "swin_t"), loaded=False)
    wait_counted(bench)
    assert list(printed(ledger)) == ["swin_t", "nin, 10 classes"]


def test_what_cannot_be_had_for_so_many_classes_has_words(bench, ledger, monkeypatch):
    ledger.networks.tick(("nin",), loaded=False)
    ledger.classes.setValue(37)
    wait_counted(bench)
    assert list(printed(ledger)) == ["nin, 37 classes"]
    bench.state.ledger.want((LedgerWish("inception_v3", side=20),))
    wait_counted(bench)
    assert "cannot be counted at 20×20 pixels" in ledger.said.text()
    assert bench.notices == []


@pytest.mark.parametrize("name", ["mine.csv", "mine"])
def test_export(bench, ledger, tmp_path, monkeypatch, name):
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / name), "CSV (*.csv)"))
    with bench.qtbot.waitSignal(bench.state.ledger.told, timeout=LONG):
        ledger.export_button.click()
    assert ledger.said.text() == f"Written: {tmp_path / 'mine.csv'}"
    rows = list(csv.DictReader((tmp_path / "mine.csv").read_text(encoding="utf-8").splitlines()))
    assert [row["network"] for row in rows][:2] == ["compact_vgg", "vgg11"]
    assert [path.name for path in tmp_path.iterdir() if "mine" in path.name or ".part" in path.name] == ["mine.csv"]


def test_an_export_that_fails_says_why(bench, ledger, tmp_path):
    with bench.qtbot.waitSignal(bench.state.ledger.told, timeout=LONG):
        ledger.save(tmp_path / "no" / "such" / "folder.md")
    assert "could not be written" in ledger.said.text()
    assert ledger.said.property("tone") == "error"


def test_another_model_takes_the_first_row(bench, ledger):
    bench.state.choose_spec(random_spec(1, "squeezenet1_1"))
    bench.qtbot.waitUntil(lambda: bench.state.model.spec.architecture == "squeezenet1_1", timeout=LONG)
    wait_counted(bench)
    assert next(iter(printed(ledger))) == "squeezenet1_1 — loaded"


def test_a_network_of_ones_own_code(bench, ledger, tmp_path):
    path, _ = write(tmp_path)
    bench.state.choose_spec(ModelSpec.of_code(path, WeightsSpec("builtin")))
    bench.qtbot.waitUntil(lambda: bench.state.model.title == path.name and bench.conductor.idle, timeout=LONG)
    wait_counted(bench)
    mine = bench.state.ledger.counted[0]
    assert mine.name == path.name
    assert mine.parameters == bench.state.model.parameters
    assert sum(line.parameters for line in mine.layers) == mine.parameters


@pytest.mark.parametrize("heads", [True, False])
def test_heads_that_the_loaded_weights_lack_are_not_counted(bench, ledger, tmp_path, heads):
    network = backend.build("googlenet", 5, options=BuildOptions(aux_logits=heads))
    torch.save(network.state_dict(), tmp_path / "mine.pth")
    bench.state.choose_spec(ModelSpec("googlenet", WeightsSpec("file", path=tmp_path / "mine.pth")))
    bench.qtbot.waitUntil(lambda: bench.state.model.spec.architecture == "googlenet", timeout=LONG)
    wait_counted(bench)
    mine = bench.state.ledger.counted[0]
    assert (mine.classes, mine.parameters) == (5, bench.state.model.parameters)
    assert any(line.name == "aux1" for line in mine.layers) == heads


def test_closed_while_it_counts(bench, ledger):
    ledger.networks.tick(("efficientnet_v2_l", "regnet_y_128gf", "convnext_large"), loaded=False)
    ledger.reject()
    QApplication.processEvents()
    assert bench.state.ledger.wishes == ()
    bench.wait_idle()
    bench.window.actions_by_key["ledger"].trigger()
    assert bench.window.findChildren(LedgerDialog) == [ledger]
    assert ledger.isVisible()


def test_in_words_and_by_tab(bench, ledger):
    bench.qtbot.waitUntil(ledger.isActiveWindow, timeout=LONG)
    look(bench, ledger.networks.field, ledger)
    place = ledger.second.picker.findText("vgg13")
    ledger.second.picker.setCurrentIndex(place)
    ledger.second.picker.activated.emit(place)
    look(bench, ledger.networks.field, ledger)
    ledger.networks.tick((), loaded=False)
    look(bench, ledger.networks.field, ledger)
