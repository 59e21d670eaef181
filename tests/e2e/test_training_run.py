"""A run in the window: a real process, watched, held, stopped, killed, gone on with, and its model used."""

from __future__ import annotations

import os
import signal

import pytest
import torch
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox
from safetensors.torch import load_file

from core.images.decode import decode
from core.images.preprocess import preprocess
from core.types import ImageRef, ModelSpec, WeightsSpec
from core.weights.builtin import card
from core.zoo import backend
from core.zoo.backend import BuildOptions
from gui.itemmodels.image_list_model import ImageListModel
from tests.e2e.conftest import LONG
from tests.e2e.training import order, small_data, wait_epochs, wait_stage
from tests.helpers.alternatives import complaints


@pytest.fixture
def data(tmp_path):
    return small_data(tmp_path)


@pytest.fixture
def bench(launch, data):
    """A program that shows a picture of each colour, with the window of training open."""
    bench = launch()
    pictures = tuple(sorted((data / "val").rglob("0.png")))
    bench.conductor.open_paths(pictures)
    bench.wait_answer(pictures[0])
    bench.window.actions_by_key["train"].trigger()
    return bench


def page(bench):
    return bench.window.training_windows.train_window.run


def click(bench, button):
    assert button.isVisible()
    assert button.isEnabled()
    bench.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def long_run(data, output):
    return order(data, output, "epochs=400", "colour=0.1", name="fine-tune")


def test_to_the_end_and_the_model_is_used(bench, data, tmp_path):
    facts, strip = bench.state.training, bench.window.inspect.strip
    rows = ImageListModel(bench.state, strip)
    said = []
    facts.watched_changed.connect(lambda: said.append(rows.index(0).data(ImageListModel.TRAINED)))
    facts.want_run(order(data, tmp_path / "my model"))
    run = page(bench)
    assert run.isVisible()
    assert run.head.heading.text() == "Starting"
    wait_stage(bench, "done", "failed")
    assert facts.failure == ""
    assert [one.epoch for one in facts.history] == [1, 2, 3]
    assert [one.epoch for one in facts.looks] == [1, 2, 3]
    assert said[0] is None
    assert [one[0] for one in said[1:4]] == [1, 2, 3]
    assert said[-1] is None  # only while it runs
    assert run.head.heading.text() == f"Done: {100 * facts.outcome.top1:.1f} % top-1"
    assert len(run.curves.picture.curves) == 3
    assert complaints(bench.window.training_windows.train_window) == []
    run.tabs.setCurrentIndex(1)
    assert complaints(bench.window.training_windows.train_window) == []
    assert facts.outcome.categories == ("blue", "green", "red")

    click(bench, run.use)
    weights = tmp_path / "my model" / "weights.safetensors"
    bench.qtbot.waitUntil(lambda: bench.state.model.spec.weights.path == weights and bench.conductor.idle, timeout=LONG)
    assert bench.state.model.categories == ("blue", "green", "red")
    assert bench.state.model.preprocessing.source == "model.json beside the weights file"
    assert run.use.text() == "✓ In Use"
    # Plain torch: the weights in a network built anew, strictly.
    module = backend.build("compact_vgg", options=BuildOptions(num_classes=3)).eval()
    module.load_state_dict(load_file(weights), strict=True)
    bench.qtbot.waitUntil(lambda: all(bench.state.verdict(one) for one in bench.state.images), timeout=LONG)
    for image in bench.state.images:
        with torch.no_grad():
            best = module(preprocess(decode(ImageRef(image.path)), card().preprocessing).tensor).softmax(1)[0].max(0)
        said = bench.state.verdict(image).prediction
        assert said.category == bench.state.model.categories[best.indices]
        assert said.probability == pytest.approx(best.values.item(), abs=1e-4)


@pytest.mark.slow
def test_a_pause_holds_and_changes_nothing(bench, data, tmp_path):
    facts, run = bench.state.training, page(bench)
    spec = ModelSpec("shufflenet_v2_x0_5", WeightsSpec("random"))
    settings = {"name": "fine-tune", "spec": spec}
    facts.want_run(order(data, tmp_path / "whole", "phases=64:3", **settings))
    wait_stage(bench, "done", "failed")
    assert facts.failure == ""
    facts.want_run(order(data, tmp_path / "held", "phases=64:3", **settings))
    wait_epochs(bench, 1)
    click(bench, run.pause)
    assert run.head.heading.text() == "Pausing…"
    wait_stage(bench, "paused")
    assert run.pause.text() == "Continue"
    heard = []
    bench.window.desks.training.process.heard.connect(heard.append)
    # It answers nothing while it holds: a second word is taken, and still no progress comes with it.
    with bench.qtbot.assertNotEmitted(facts.progressed, wait=300):
        pass
    assert heard == []
    click(bench, run.pause)
    wait_stage(bench, "done", "failed")
    assert facts.failure == ""
    whole, held = (load_file(tmp_path / name / "weights.safetensors") for name in ("whole", "held"))
    assert all(torch.equal(whole[name], held[name]) for name in whole)


@pytest.mark.slow
def test_stopped_it_can_be_gone_on_with(bench, data, tmp_path):
    facts, run = bench.state.training, page(bench)
    facts.want_run(long_run(data, tmp_path / "out"))
    wait_epochs(bench, 2)
    click(bench, run.stop)
    wait_stage(bench, "stopped")
    assert "Stopped after epoch" in run.head.heading.text()
    before = list(facts.history)
    click(bench, run.go_on)
    wait_epochs(bench, len(before) + 1)
    assert facts.history[: len(before)] == before
    facts.want_stop()
    wait_stage(bench, "stopped")


def test_killed_it_says_so_and_can_be_gone_on_with(bench, data, tmp_path):
    facts, run = bench.state.training, page(bench)
    facts.want_run(long_run(data, tmp_path / "out"))
    wait_epochs(bench, 1)
    os.kill(bench.window.desks.training.process.process.processId(), signal.SIGKILL)
    wait_stage(bench, "failed")
    assert "was killed" in run.head.explanation.text()
    assert "Traceback" not in run.head.explanation.text()
    click(bench, run.go_on)
    wait_epochs(bench, 2)
    facts.want_stop()
    wait_stage(bench, "stopped")


def test_a_folder_that_is_not_there(bench, tmp_path):
    facts, run = bench.state.training, page(bench)
    facts.want_run(order(tmp_path / "no pictures here", tmp_path / "out"))
    wait_stage(bench, "failed")
    assert "no pictures here” does not exist." in run.head.explanation.text()
    assert not run.go_on.isVisible()
    click(bench, run.again)
    window = bench.window.training_windows.train_window
    assert window.pages.currentWidget() is window.setup
    assert complaints(window) == []
    click(bench, window.to_run)
    assert window.pages.currentWidget() is run


@pytest.mark.slow
def test_quitting_asks_and_stops_the_run(bench, data, tmp_path):
    facts = bench.state.training
    facts.want_run(long_run(data, tmp_path / "out"))
    wait_epochs(bench, 1)
    process = bench.window.desks.training.process.process.processId()
    assert not bench.window.close()
    question = bench.window.findChild(QMessageBox, "stopTraining")
    keep, stop = (next(one for one in question.buttons() if one.text() == text) for text in ("Keep Training", "Stop and Quit"))
    click(bench, keep)
    assert facts.active
    assert bench.window.isVisible()
    assert not bench.window.close()
    click(bench, stop)
    bench.qtbot.waitUntil(lambda: not bench.window.isVisible(), timeout=LONG)
    assert facts.stage == "stopped"
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
