"""Weights files that people have, dropped on the real window: looked at, repaired, loaded, classified with."""

from __future__ import annotations

import json
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import safetensors.torch
import torch
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from core.settings import Settings
from core.types import ModelSpec, WeightsSpec
from core.zoo import backend
from core.zoo.backend import BuildOptions
from gui import commands
from gui.dialogs.keys_dialog import KeysDialog
from tests.e2e.conftest import LONG, Bench
from tests.e2e.test_main_job import drop as drop_on
from tests.e2e.test_main_job import files
from tests.helpers.shared_data import need_shared_data

SMALL = "squeezenet1_1"


@pytest.fixture
def checkpoint(tmp_path: Path) -> Callable[..., Path]:
    """Write the state_dict of a small random network with 5 classes, changed as a test wants."""

    def write(name: str = "mine.pth", change: Callable[..., object] = dict) -> Path:
        torch.manual_seed(3)
        state = backend.build(SMALL, options=BuildOptions(num_classes=5)).state_dict()
        torch.save(change(state), tmp_path / name)
        return tmp_path / name

    return write


def prefixed(state: dict[str, torch.Tensor]) -> dict[str, object]:
    return {"epoch": 3, "state_dict": {f"module.{name}": value.half() for name, value in state.items()}}


def drop(bench: Bench, *paths: Path) -> None:
    drop_on(bench.window, files(*paths))


def wait_dialog(bench: Bench):
    bench.qtbot.waitUntil(lambda: bench.window.admission.doctor is not None and bench.conductor.idle, timeout=LONG)
    return bench.window.admission.doctor


def wait_model(bench: Bench, path: Path) -> None:
    def loaded() -> bool:
        model = bench.state.model
        return bench.conductor.idle and model is not None and model.spec.weights.path == path

    bench.qtbot.waitUntil(loaded, timeout=LONG)


def test_a_file_that_is_right_is_loaded_at_once(bench, checkpoint):
    path = checkpoint()
    bench.wait_idle()
    drop(bench, path)
    wait_model(bench, path)
    assert bench.window.admission.doctor is None
    assert bench.state.model.spec == ModelSpec(SMALL, WeightsSpec("file", path=path))
    assert len(bench.state.model.categories) == 5
    assert bench.state.checkpoint.recent == (path,)
    assert bench.settings.recent_weights == [str(path)]


def test_dropped_read_repaired_loaded_classified(bench, checkpoint, photos):
    path = checkpoint(change=prefixed)
    (path.parent / "class_indices.json").write_text('{"0": "daisy", "1": "rose", "2": "tulip", "3": "lily", "4": "iris"}')
    bench.wait_idle()
    before = bench.state.model
    drop(bench, path)
    dialog = wait_dialog(bench)
    assert bench.state.model is before  # nothing is loaded before it was agreed to
    assert "SqueezeNet" in dialog.report.headline.text() or SMALL in dialog.report.headline.text()
    assert dialog.report.boxes["strip_prefix"].isChecked()
    assert dialog.load_button.isEnabled()
    bench.qtbot.keyClick(dialog, Qt.Key.Key_Return)
    wait_model(bench, path)
    model = bench.state.model
    assert model.spec.architecture == SMALL
    assert {"unwrap", "strip_prefix"} <= set(model.spec.weights.repairs)
    assert model.categories == ("daisy", "rose", "tulip", "lily", "iris")
    bench.conductor.open_paths((photos[0],))
    bench.wait_answer(photos[0])
    assert bench.state.classification.predictions[0].category in model.categories
    assert bench.window.admission.doctor is None


def test_the_repaired_model_comes_back_with_the_next_session(launch, checkpoint):
    path, settings = checkpoint(change=prefixed), Settings()
    bench = launch(settings=settings)
    bench.wait_idle()
    drop(bench, path)
    wait_dialog(bench).accept()
    wait_model(bench, path)
    repairs = bench.state.model.spec.weights.repairs
    bench.window.close()
    again = launch(settings=settings)
    wait_model(again, path)
    assert again.state.model.spec.weights.repairs == repairs
    assert again.window.admission.doctor is None


def test_a_picked_architecture_that_is_another_one_is_asked_about(bench, checkpoint):
    path = checkpoint()
    bench.wait_idle()
    commands.open_weights(bench.state, path, "squeezenet1_0")
    dialog = wait_dialog(bench)
    assert "You picked" in dialog.report.headline.text()
    assert dialog.load_button.text().replace("&", "") == f"Load as {SMALL}"
    dialog.load_button.click()
    wait_model(bench, path)
    assert bench.state.model.spec.architecture == SMALL


def test_a_refused_file_leaves_everything_as_it_was(bench, tmp_path):
    bench.wait_idle()
    before = bench.state.model
    path = tmp_path / "page.pth"
    path.write_text("<!DOCTYPE html><html>404</html>")
    drop(bench, path)
    dialog = wait_dialog(bench)
    shown = [button for button in (dialog.load_button, dialog.save_button, dialog.keys_button) if button.isVisible()]
    assert shown == []
    assert "web page" in dialog.report.headline.text()
    dialog.copy_button.click()
    assert "web page" in QApplication.clipboard().text()
    bench.qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert bench.window.admission.doctor is None
    assert bench.state.model is before
    assert bench.state.checkpoint.recent == ()


def test_nothing_in_a_pickle_is_run(bench, tmp_path):
    class Evil:
        def __reduce__(self):
            return (Path.touch, (tmp_path / "owned",))

    path = tmp_path / "evil.pkl"
    path.write_bytes(pickle.dumps({"state_dict": Evil()}))
    bench.wait_idle()
    drop(bench, path)
    wait_dialog(bench).reject()
    assert not (tmp_path / "owned").exists()


def test_all_keys_are_one_click_further(bench, checkpoint):
    path = checkpoint(change=prefixed)
    bench.wait_idle()
    drop(bench, path)
    dialog = wait_dialog(bench)
    dialog.keys_button.click()
    keys = dialog.findChild(KeysDialog)
    bench.qtbot.waitUntil(lambda: keys.table.rows.total > 0, timeout=LONG)
    wanted = list(backend.skeleton(SMALL).state_dict())
    assert [keys.table.rows.row(number).name for number in range(keys.table.rows.total)] == wanted
    assert keys.table.rows.count("matched") == len(wanted)
    keys.field.setText("classifier bias")
    assert keys.table.rows.rowCount() == 1
    keys.reject()
    dialog.reject()


def test_another_candidate_is_compared_and_can_be_looked_through(bench, checkpoint):
    path = checkpoint(change=prefixed)
    bench.wait_idle()
    drop(bench, path)
    dialog = wait_dialog(bench)
    table = dialog.report.candidates
    other = next(row for row in range(table.rows.rowCount()) if table.rows.row(row).model != SMALL)
    name = table.rows.row(other).model
    table.setFocus()
    table.selectRow(other)
    bench.wait_idle()
    said = dialog.report.headline.text()
    assert said.startswith("This is a SqueezeNet 1.1 for 5 classes. You picked")
    assert f"It cannot be loaded as {name}" in said
    assert table.architecture == name
    assert table.hasFocus()  # or the next row would be a walk away
    assert not dialog.load_button.isEnabled()  # what the row says is loaded, or nothing
    assert not dialog.save_button.isEnabled()
    table.selectRow(table.rows.row_of(SMALL))
    bench.wait_idle()
    assert dialog.load_button.text().replace("&", "") == f"Load as {SMALL}"
    dialog.load_button.click()
    wait_model(bench, path)
    assert bench.state.model.spec.architecture == SMALL


def test_the_candidate_that_was_chosen_is_what_is_loaded(bench, tmp_path):
    """A ResNet-34 has all that a ResNet-18 needs; whoever insists on the shorter one gets it, with the file's own tensors."""
    path = tmp_path / "deep.pth"
    torch.manual_seed(3)
    state = backend.build("resnet34", options=BuildOptions(num_classes=5)).state_dict()
    torch.save(prefixed(state), path)
    bench.wait_idle()
    drop(bench, path)
    dialog = wait_dialog(bench)
    assert dialog.report.headline.text().startswith("This is a ResNet-34 for 5 classes.")
    table = dialog.report.candidates
    table.selectRow(table.rows.row_of("resnet18"))
    bench.wait_idle()
    assert dialog.report.headline.text().startswith("This is a ResNet-34 for 5 classes. You picked ResNet-18.")
    assert dialog.report.boxes["drop_extra"].isChecked()
    assert dialog.load_button.text().replace("&", "") == "Load as resnet18"
    copy = tmp_path / "copy.safetensors"
    with bench.qtbot.waitSignal(bench.state.checkpoint.saved, timeout=LONG):
        dialog.save(copy)
    dialog.load_button.click()
    wait_model(bench, path)
    model = bench.state.model
    assert model.spec.architecture == "resnet18"
    assert "keep_architecture" in model.spec.weights.repairs
    saved = safetensors.torch.load_file(copy)
    assert all(torch.equal(value, state[name].half().float()) for name, value in saved.items() if "num_batches" not in name)
    assert "layer3.2.conv1.weight" in state
    assert "layer3.2.conv1.weight" not in saved


def test_a_repaired_copy_is_saved_beside_and_is_right(bench, checkpoint):
    path = checkpoint(change=prefixed)
    original = path.read_bytes()
    bench.wait_idle()
    drop(bench, path)
    dialog = wait_dialog(bench)
    out = path.with_name("copy.safetensors")
    with bench.qtbot.waitSignal(bench.state.checkpoint.saved, timeout=LONG):
        dialog.save(out)
    assert path.read_bytes() == original
    saved = safetensors.torch.load_file(out)
    torch.manual_seed(3)
    plain = backend.build(SMALL, options=BuildOptions(num_classes=5)).state_dict()
    assert set(saved) == set(plain)
    assert all(torch.equal(saved[name], plain[name].half().float()) for name in plain)
    assert str(out) in dialog.message.text()
    dialog.save(path)
    assert "original" in dialog.message.text()
    dialog.reject()
    drop(bench, out)
    wait_model(bench, out)


def test_a_missing_head_has_to_be_agreed_to(bench, checkpoint):
    path = checkpoint(change=lambda state: {name: value for name, value in state.items() if "classifier" not in name})
    bench.wait_idle()
    drop(bench, path)
    dialog = wait_dialog(bench)
    assert not dialog.load_button.isEnabled()
    dialog.report.boxes["new_head"].click()
    dialog.report.classes.setValue(7)
    assert dialog.load_button.isEnabled()
    dialog.load_button.click()
    wait_model(bench, path)
    assert len(bench.state.model.categories) == 7
    assert any("untrained" in notice for notice in bench.notices)


def test_a_file_dropped_before_another_model_was_chosen_does_not_come_back(bench, checkpoint):
    path = checkpoint(change=prefixed)
    bench.wait_idle()
    drop(bench, path)
    bench.state.choose_spec(ModelSpec("alexnet", WeightsSpec("random")))
    bench.wait_idle()
    assert bench.state.model.spec.architecture == "alexnet"
    assert bench.window.admission.doctor is None
    assert bench.state.progress is None


def test_recent_weights_are_listed_and_those_that_are_gone_are_marked(bench, checkpoint):
    here, gone = checkpoint("here.pth"), checkpoint("gone.pth")
    bench.wait_idle()
    for path in (gone, here):
        drop(bench, path)
        wait_model(bench, path)
    gone.unlink()
    menu = bench.window.admission.menu
    menu.aboutToShow.emit()
    assert [(action.text(), action.isEnabled()) for action in menu.actions()] == [
        ("here.pth", True), ("gone.pth  (gone)", False),
    ]  # fmt: skip
    picker = bench.window.model_bar.weights_picker
    picker.showPopup()
    picker.hidePopup()
    row = picker.find(gone)
    assert not picker.entries.item(row).isEnabled()
    bench.state.choose_spec(ModelSpec("alexnet", WeightsSpec("random")))
    bench.wait_idle()
    menu.actions()[0].trigger()
    wait_model(bench, here)


@pytest.mark.parametrize(
    ("name", "verdict"),
    [("squeezenet1_1_flowers5.pth", "loaded"), ("module_prefix.pth", "asked"), ("truncated_half.pth", "refused"),
     ("git_lfs_pointer_flower_model.pth", "refused"), ("legacy_nonzip.pth", "loaded")],
)  # fmt: skip
def test_files_that_people_have(bench, name, verdict):
    path = need_shared_data("checkpoints") / name
    bench.wait_idle()
    drop(bench, path)
    if verdict != "loaded":
        dialog = wait_dialog(bench)
        assert dialog.load_button.isVisible() == (verdict == "asked")
        if verdict == "refused":
            dialog.reject()
            return
        dialog.accept()
    wait_model(bench, path)
    assert len(bench.state.model.categories) == 5
    assert "class 0" not in bench.state.model.categories


def test_a_program_that_is_dropped_is_not_run_and_what_to_do_is_said(bench, tmp_path):
    path = tmp_path / "model.py"
    path.write_text(f"open({str(tmp_path / 'owned')!r}, 'w')\ndef build_model(): ...\n")
    bench.wait_idle()
    drop(bench, path)
    bench.wait_idle()
    assert "nothing that is dropped here is ever run" in bench.notices[-1]
    assert not (tmp_path / "owned").exists()


def test_an_exported_program_is_loaded_for_its_tensors(bench, tmp_path):
    config, path = {}, tmp_path / "net.pt2"
    torch.manual_seed(3)
    state = backend.build(SMALL, options=BuildOptions(num_classes=5)).state_dict()
    with zipfile.ZipFile(path, "w") as archive:
        for number, (name, value) in enumerate(state.items()):
            archive.writestr(f"net/data/weights/weight_{number}", value.numpy().tobytes())
            sizes, strides = ([{"as_int": one} for one in numbers] for numbers in (value.shape, value.stride()))
            meta = {"dtype": 7, "sizes": sizes, "strides": strides, "storage_offset": {"as_int": 0}, "layout": 7}
            config[name] = {"path_name": f"weight_{number}", "use_pickle": False, "tensor_meta": meta}
        archive.writestr("net/data/weights/model_weights_config.json", json.dumps({"config": config}))
        archive.writestr("net/archive_format", "pt2")
    bench.wait_idle()
    drop(bench, path)
    wait_model(bench, path)
    assert bench.state.model.spec.architecture == SMALL
    assert any("exported program" in notice for notice in bench.notices)
