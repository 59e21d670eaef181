"""A network that a person's own code builds: asked about first, run then, and never by another way."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog

from core.settings import Settings, load_settings
from core.types import BUILTIN_SPEC, ActivationGrid, ModelSpec, WeightsSpec
from core.zoo import backend
from gui import commands
from gui.dialogs.compare_dialog import CompareDialog
from tests.e2e.conftest import LONG, Bench
from tests.e2e.test_main_job import drop, files
from tests.helpers.model_code import runs, write


@pytest.fixture
def net(tmp_path: Path) -> tuple[Path, Path]:
    return write(tmp_path)


def ask(bench: Bench, path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    bench.window.actions_by_key["open_code"].trigger()
    return bench.window.admission.code


def wait_model(bench: Bench, title: str) -> None:
    def loaded() -> bool:
        return bench.conductor.idle and bench.state.model is not None and bench.state.model.title == title

    bench.qtbot.waitUntil(loaded, timeout=LONG)


def test_cancel_is_the_default_and_runs_nothing(bench, net, monkeypatch):
    path, marker = net
    bench.wait_idle()
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Escape):
        dialog = ask(bench, path, monkeypatch)
        assert dialog.question.text() == "Run the code in net.py?"
        assert dialog.where.text().replace("\u200b", "") == str(path)
        assert "class Small(nn.Module)" in dialog.code.toPlainText()
        assert dialog.code.isReadOnly()
        assert "anything that you can" in dialog.warning.text()
        assert dialog.cancel_button.isDefault()
        bench.qtbot.keyClick(dialog, key)
        bench.qtbot.waitUntil(lambda: bench.window.admission.code is None)
    bench.wait_idle()
    assert runs(marker) == 0
    assert bench.state.spec == BUILTIN_SPEC


def test_run_loads_classifies_and_shows_maps(bench, net, photos, monkeypatch):
    path, marker = net
    bench.wait_idle()
    dialog = ask(bench, path, monkeypatch)
    assert runs(marker) == 0
    bench.qtbot.mouseClick(dialog.run_button, Qt.MouseButton.LeftButton)
    wait_model(bench, "net.py")
    bench.wait_answer(photos[0])
    assert runs(marker) == 1
    assert {one.category for one in bench.state.classification.predictions} == {"cat", "dog", "bird"}
    bench.state.set_layer("second")
    bench.wait_idle()
    assert isinstance(bench.state.activations, ActivationGrid)
    assert bench.state.activations.layer.output_shape == (1, 6, 32, 32)
    assert bench.window.model_bar.model_picker.currentText() == "net.py"
    assert not [notice for notice in bench.notices if "wrong" in notice or "no architecture" in notice]


def test_weights_of_a_file_go_into_it_and_what_does_not_fit_is_told(bench, net, tmp_path, monkeypatch):
    path, marker = net
    bench.wait_idle()
    ask(bench, path, monkeypatch).accept()
    wait_model(bench, "net.py")
    module = bench.conductor.inference._inspector.session.model
    file, junk = tmp_path / "mine.pth", tmp_path / "other.pth"
    torch.save({name: torch.ones_like(value) for name, value in module.state_dict().items()}, file)
    torch.save({"other.weight": torch.ones(3, 3)}, junk)
    commands.open_weights(bench.state, file, "net.py")
    bench.qtbot.waitUntil(lambda: bench.conductor.idle and bench.state.model.spec.weights.path == file, timeout=LONG)
    assert bench.state.model.spec.code.path == path
    bench.window.model_bar._open_file(junk)
    bench.wait_idle()
    assert any("“other.pth” does not fit the network in “net.py”" in notice for notice in bench.notices)
    assert bench.state.spec.weights == WeightsSpec("file", path=file)
    assert runs(marker) == 3


def test_code_that_fails_leaves_the_model_and_says_where(bench, tmp_path, monkeypatch):
    path = tmp_path / "bad.py"
    path.write_text("from torch import nn\ndef build_model():\n    return nn.Linear(1, 2, 3, 4, 5, 6, 7)\n")
    bench.wait_idle()
    ask(bench, path, monkeypatch).accept()
    bench.wait_idle()
    assert any("“bad.py”, line 3: TypeError" in notice for notice in bench.notices)
    assert bench.state.spec == bench.state.model.spec == BUILTIN_SPEC


def test_what_changed_after_the_question_is_not_run(bench, net, monkeypatch):
    path, marker = net
    bench.wait_idle()
    dialog = ask(bench, path, monkeypatch)
    path.write_text(path.read_text() + "\n# changed\n")
    dialog.accept()
    bench.wait_idle()
    assert any("has changed since you agreed" in notice for notice in bench.notices)
    assert runs(marker) == 0


def test_a_file_that_cannot_be_read_is_a_sentence(bench, tmp_path, monkeypatch):
    assert ask(bench, tmp_path / "gone.py", monkeypatch) is None
    assert any("“gone.py” cannot be read" in notice for notice in bench.notices)


def test_a_drop_a_paste_or_a_recent_file_runs_nothing(bench, net):
    path, marker = net
    bench.wait_idle()
    drop(bench.window, files(path))
    QApplication.clipboard().setMimeData(files(path))
    bench.window.actions_by_key["paste"].trigger()
    commands.open_weights(bench.state, path)
    commands.add_paths(bench.conductor, [path])
    bench.wait_idle()
    assert runs(marker) == 0
    assert bench.window.admission.code is None
    assert bench.state.model.spec == BUILTIN_SPEC
    assert any("is a program" in notice for notice in bench.notices)


def test_a_restart_says_why_it_is_not_run_again(launch, net, monkeypatch):
    path, marker = net
    first = launch()
    first.wait_idle()
    ask(first, path, monkeypatch).accept()
    wait_model(first, "net.py")
    first.window.close()
    settings, damage = load_settings()
    assert damage == ""
    second = launch(settings=settings)
    second.wait_idle()
    assert runs(marker) == 1
    assert second.state.model.spec == BUILTIN_SPEC
    assert "code in “net.py”" in second.window.notices._text.text()


@pytest.mark.parametrize("prefix", ["", "code:"])
def test_settings_that_name_code_run_nothing(launch, net, prefix):
    path, marker = net
    bench = launch(settings=Settings(architecture=f"{prefix}{path}", weights="builtin"))
    bench.wait_idle()
    assert runs(marker) == 0
    assert bench.state.model.spec == BUILTIN_SPEC


def test_code_that_fails_on_a_picture_says_where_and_the_next_model_answers(launch, net, photos):
    path, _ = net
    begin = "    def forward(self, x):\n"
    path.write_text(path.read_text("utf-8").replace(begin, f"{begin}        assert not x.any(), 'bright'\n"), "utf-8")
    bench = launch(ModelSpec.of_code(path))
    wait_model(bench, "net.py")
    drop(bench.window, files(photos[0]))
    bench.qtbot.waitUntil(lambda: bench.state.failure is not None, timeout=LONG)
    assert "“net.py”, line 21: AssertionError: bright." in bench.state.failure.message
    bench.state.choose_spec(BUILTIN_SPEC)
    wait_model(bench, "Compact VGG (built-in)")
    bench.qtbot.waitUntil(lambda: bench.state.classification is not None, timeout=LONG)


def test_a_spec_of_the_command_line_is_loaded(launch, net, photos):
    path, marker = net
    bench = launch(ModelSpec.of_code(path))
    wait_model(bench, "net.py")
    assert runs(marker) == 1


def test_another_model_beside_it_comes_from_the_catalogue_and_code_does_not_run_again(bench, net, monkeypatch):
    path, marker = net
    bench.wait_idle()
    ask(bench, path, monkeypatch).accept()
    wait_model(bench, "net.py")
    bench.window.actions_by_key["compare_model"].trigger()
    dialog = bench.window.findChild(CompareDialog)
    bench.wait_idle()
    assert dialog.spec.code is None
    assert dialog.spec.architecture == BUILTIN_SPEC.architecture
    dialog.accept()
    bench.wait_idle()
    assert runs(marker) == 1


def test_another_device_does_not_run_the_code_again(bench, net, monkeypatch):
    path, marker = net
    bench.wait_idle()
    ask(bench, path, monkeypatch).accept()
    wait_model(bench, "net.py")
    module = bench.conductor.inference._inspector.session.model
    bench.state.choose_device("cpu")
    bench.wait_idle()
    assert bench.state.device == "cpu"
    assert runs(marker) == 1
    assert bench.conductor.inference._inspector.session.model is module
    assert {one.category for one in bench.state.classification.predictions} == {"cat", "dog", "bird"}
    bench.state.choose_spec(bench.state.spec)  # asked for again: built again
    bench.wait_idle()
    assert runs(marker) == 2


@pytest.fixture
def weights_of_the_code(bench, net, tmp_path, monkeypatch) -> Path:
    path, _ = net
    bench.wait_idle()
    ask(bench, path, monkeypatch).accept()
    wait_model(bench, "net.py")
    module = bench.conductor.inference._inspector.session.model
    state = {f"module.{name}": torch.full_like(value, 0.25) for name, value in module.state_dict().items()}
    torch.save({"state_dict": state}, tmp_path / "mine.pth")
    return tmp_path / "mine.pth"


def offered(bench: Bench):
    bench.qtbot.waitUntil(lambda: bench.window.admission.offer is not None, timeout=LONG)
    return bench.window.admission.offer


def test_weights_that_are_dropped_are_offered_to_the_code_that_is_loaded(bench, net, weights_of_the_code):
    path, marker = net
    drop(bench.window, files(weights_of_the_code))
    dialog = offered(bench)
    assert dialog.question.text() == "Load mine.pth into the network of net.py?"
    assert runs(marker) == 1  # nothing is run before the answer
    bench.qtbot.keyClick(dialog, Qt.Key.Key_Return)
    bench.qtbot.waitUntil(
        lambda: bench.conductor.idle and bench.state.model.spec.weights.path == weights_of_the_code, timeout=LONG
    )
    assert bench.state.model.spec.code.path == path
    module = bench.conductor.inference._inspector.session.model
    assert all(bool((value == 0.25).all()) for value in module.state_dict().values())
    assert runs(marker) == 2


def test_who_declines_is_shown_what_the_catalogue_says(bench, net, weights_of_the_code):
    drop(bench.window, files(weights_of_the_code))
    offered(bench).other_button.click()
    bench.qtbot.waitUntil(lambda: bench.window.admission.doctor is not None, timeout=LONG)
    assert "No model of the catalogue has these tensors" in bench.window.admission.doctor.report.headline.text()
    bench.window.admission.doctor.reject()
    drop(bench.window, files(weights_of_the_code))
    bench.qtbot.keyClick(offered(bench), Qt.Key.Key_Escape)
    bench.wait_idle()
    assert bench.window.admission.doctor is None
    assert runs(net[1]) == 1


def test_weights_of_something_else_are_for_the_catalogue(bench, net, weights_of_the_code, tmp_path):
    torch.manual_seed(3)
    other = tmp_path / "squeeze.pth"
    torch.save(backend.build("squeezenet1_1", 5).state_dict(), other)
    drop(bench.window, files(other))
    bench.qtbot.waitUntil(lambda: bench.conductor.idle and bench.state.model.spec.weights.path == other, timeout=LONG)
    assert bench.state.model.spec.architecture == "squeezenet1_1"
    assert bench.state.model.tensors == ()
    assert bench.window.admission.offer is None
