"""How pictures are prepared, changed in the real window."""

from __future__ import annotations

import json
from dataclasses import replace

import torch
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QToolButton

from core.cli.main import main
from core.settings import Settings
from core.types import ModelSpec, Preprocessing, WeightsSpec
from core.weights import remembered
from core.zoo import backend
from core.zoo.backend import BuildOptions
from tests.e2e.conftest import LONG, Bench


def editor(bench: Bench):
    bench.window.actions_by_key["preprocessing"].trigger()
    return bench.window.admission.editor


def wait_preset(bench: Bench, mean: float) -> None:
    def there() -> bool:
        seen = bench.state.network_input
        return bench.conductor.idle and seen is not None and abs(seen.preprocessing.mean[0] - mean) < 1e-6

    bench.qtbot.waitUntil(there, timeout=LONG)


def test_a_preset_changes_the_answer_at_once_and_can_be_undone(bench, photos):
    bench.conductor.open_paths((photos[0],))
    bench.wait_answer(photos[0])
    own, before = bench.state.model.preprocessing, bench.state.classification
    button = bench.window.findChild(QToolButton, "changePreprocessing")
    button.click()
    dialog = bench.window.admission.editor
    assert dialog.isVisible()
    assert not dialog.isModal()
    assert not dialog.undo.isEnabled()
    dialog.form.preset.setCurrentText("0 to 1, without normalisation")
    dialog.form.preset.activated.emit(dialog.form.preset.currentIndex())
    wait_preset(bench, 0.0)
    assert bench.state.classification.predictions != before.predictions
    assert bench.state.model.own_preprocessing == own
    assert remembered.recall(bench.state.model.weights_sha256) == bench.state.model.preprocessing
    changed = [label for label in bench.window.findChildren(QLabel) if label.text() == "changed by you"]
    assert [label.isVisibleTo(label.parent()) for label in changed] == [True]
    dialog.undo.click()
    wait_preset(bench, own.mean[0])
    assert bench.state.classification.predictions == before.predictions
    assert bench.state.model.own_preprocessing is None
    assert remembered.recall(bench.state.model.weights_sha256) is None
    assert [label.isVisibleTo(label.parent()) for label in changed] == [False]
    dialog.accept()
    assert bench.window.admission.editor is None


def test_sizes_and_numbers_are_typed_and_take_effect(bench, photos):
    bench.conductor.open_paths((photos[0],))
    bench.wait_answer(photos[0])
    dialog = editor(bench)
    form = dialog.form
    form.exact.setChecked(True)
    form.height_field.setValue(100)
    form.width_field.setValue(90)
    form.crop.setValue(80)
    form.interpolation.setCurrentText("bicubic")
    form.mean.setText("0.4")
    form.std.setText("1/255 1/255 1/255")
    dialog.apply()
    wait_preset(bench, 0.4)
    assert bench.state.model.preprocessing == Preprocessing(
        (100, 90), 80, "bicubic", (0.4,) * 3, (1 / 255,) * 3, remembered.SOURCE
    )
    assert bench.state.network_input.pixels.shape == (80, 80, 3)
    dialog.accept()


def test_what_the_network_cannot_take_is_said_and_the_last_good_stays(launch, photos):
    bench = launch(ModelSpec("alexnet", WeightsSpec("random")))
    bench.conductor.open_paths((photos[0],))
    bench.wait_answer(photos[0])
    before = bench.state.model
    dialog = editor(bench)
    dialog.form.crop.setValue(3)
    dialog.apply()
    bench.qtbot.waitUntil(lambda: "cannot be run on 3×3" in dialog.message.text(), timeout=LONG)
    assert bench.state.model is before
    dialog.form.mean.setText("half")
    dialog.apply()
    assert "Mean: 3 numbers" in dialog.message.text()
    dialog.form.mean.setText("0.5")
    dialog.form.crop.setValue(100)
    dialog.apply()
    wait_preset(bench, 0.5)
    assert bench.state.model.preprocessing.crop == 100
    assert dialog.message.text().startswith("Random weights have no file")
    dialog.accept()


def test_what_was_chosen_for_a_file_is_used_by_the_next_session_and_by_the_command_line(launch, photos, tmp_path, capsys):
    torch.manual_seed(0)
    path = tmp_path / "five.pth"
    torch.save(backend.build("squeezenet1_1", options=BuildOptions(num_classes=5)).state_dict(), path)
    settings = Settings()
    bench = launch(settings=settings)
    bench.wait_idle()
    bench.state.checkpoint.open(path)
    bench.qtbot.waitUntil(lambda: bench.conductor.idle and bench.state.model.spec.weights.path == path, timeout=LONG)
    half = replace(bench.state.model.preprocessing, resize=(224, 224), mean=(0.5,) * 3, std=(0.5,) * 3)
    bench.state.preparation.want(half)
    bench.qtbot.waitUntil(lambda: bench.conductor.idle and bench.state.model.own_preprocessing is not None, timeout=LONG)
    bench.conductor.open_paths((photos[0],))
    bench.wait_answer(photos[0])
    shown = bench.state.classification.predictions[0]
    bench.window.close()

    copy = tmp_path / "elsewhere" / "copy.pth"
    copy.parent.mkdir()
    copy.write_bytes(path.read_bytes())
    assert main(["classify", str(photos[0]), "--weights", str(copy), "--json"]) == 0
    said = capsys.readouterr()
    assert "as you chose for these weights" in said.err
    top = json.loads(said.out)[0]["top"][0]
    assert (top["category"], round(top["probability"], 5)) == (shown.category, round(shown.probability, 5))

    again = launch(settings=settings)
    again.qtbot.waitUntil(lambda: again.conductor.idle and again.state.model is not None, timeout=LONG)
    assert again.state.model.preprocessing.mean == (0.5,) * 3
    assert again.state.model.own_preprocessing is not None


def test_another_model_that_comes_meanwhile_is_not_changed(bench):
    bench.wait_idle()
    bench.state.preparation.want(replace(bench.state.model.preprocessing, mean=(0.5,) * 3))
    bench.state.choose_spec(ModelSpec("alexnet", WeightsSpec("random")))
    bench.wait_idle()
    assert bench.state.model.spec.architecture == "alexnet"
    assert bench.state.model.own_preprocessing is None


def test_the_editor_can_be_used_with_the_keyboard_alone(bench):
    bench.wait_idle()
    dialog = editor(bench)
    bench.qtbot.waitUntil(dialog.isVisible)
    dialog.form.mean.setFocus()
    dialog.form.mean.selectAll()
    bench.qtbot.keyClicks(dialog.form.mean, "0.25")
    bench.qtbot.waitUntil(lambda: bench.state.model.preprocessing.mean == (0.25,) * 3, timeout=LONG)
    assert dialog.form.mean.text() == "0.25"  # what is typed stays as it was typed
    bench.wait_idle()
    bench.qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert bench.window.admission.editor is None


def test_numbers_that_are_typed_do_not_stand_under_the_name_of_others(bench, photos):
    bench.conductor.open_paths((photos[0],))
    bench.wait_answer(photos[0])
    dialog = editor(bench)
    form = dialog.form
    assert form.preset.currentText() == "ImageNet"
    own = form.mean.text()
    form.mean.selectAll()
    bench.qtbot.keyClicks(form.mean, "0.5")
    assert form.preset.currentText() == "Choose…"
    form.std.selectAll()
    bench.qtbot.keyClicks(form.std, "0.5, 0.5, 0.5")
    form.mean.selectAll()
    bench.qtbot.keyClicks(form.mean, "0.5 0.5 0.5")
    assert form.preset.currentText() == "0.5 / 0.5 (tutorials)"
    form.mean.selectAll()
    bench.qtbot.keyClicks(form.mean, own)
    assert form.preset.currentText() == "Choose…"
    dialog.reject()
    bench.wait_idle()
