"""Correcting predictions in the real window with the keyboard, fine-tuning on them, and the proof."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from safetensors.torch import load_file

from core.images.decode import decode
from core.images.preprocess import preprocess, target_side
from core.settings import load_settings
from core.training.loop import train
from core.types import ImageRef, Lesion
from core.weights.resolve import resolve
from core.zoo import backend
from gui.dialogs.train.correct_dialog import CorrectDialog
from gui.dialogs.train.corrections_dialog import CorrectionsDialog
from gui.itemmodels.image_list_model import ImageListModel
from tests.core.training.conftest import draw, finished
from tests.e2e.conftest import LONG

Key, Shift, Control = Qt.Key, Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def squares(tmp_path):
    """Noisy squares of three colours: the built-in model knows none of them, so its mistake is systematic."""
    return draw(tmp_path / "squares", 6, seed=3)


@pytest.fixture
def opened(launch, squares):
    bench = launch()
    bench.window.activateWindow()
    bench.conductor.open_paths(tuple(sorted(squares.rglob("*.png"))))
    bench.qtbot.waitUntil(lambda: len(bench.state.images) == 18, timeout=LONG)
    bench.qtbot.waitUntil(lambda: all(bench.state.verdict(one) for one in bench.state.images), timeout=LONG)
    bench.wait_idle()
    return bench


def select(bench, colour):
    view = bench.window.inspect.strip.view
    rows = [row for row, one in enumerate(bench.state.images) if one.path.parent.name == colour]
    view.setFocus()
    view.setCurrentIndex(view.model().index(rows[0]))
    for _ in rows[1:]:
        QTest.keyClick(view, Key.Key_Down, Shift)
    assert [one.path.parent.name for one in bench.window.inspect.strip.selected_images()] == [colour] * 6


def press(bench, key, modifiers=Qt.KeyboardModifier.NoModifier):
    QTest.keyClick(bench.window.inspect.strip.view, key, modifiers)


def dialog(bench, kind):
    def shown():
        return [one for one in bench.window.findChildren(kind) if one.isVisible()]

    bench.qtbot.waitUntil(lambda: bool(shown()), timeout=LONG)
    return shown()[0]


def correct(bench, colour, text):
    select(bench, colour)
    press(bench, Key.Key_C)
    asked = dialog(bench, CorrectDialog)
    QTest.keyClicks(asked.chooser.line, text)
    QTest.keyClick(asked.chooser.line, Key.Key_Return)


def labelled(bench):
    return {one.path.parent.name: label.name for one, label in bench.state.corrections.labels.items()}


def test_correct_confirm_undo_redo_and_restart(opened, launch):
    state = opened.state
    correct(opened, "red", "red square")
    assert labelled(opened) == {"red": "red square"}
    model = opened.window.inspect.strip.view.model()
    row = next(row for row, one in enumerate(state.images) if one.path.parent.name == "red")
    index = model.index(row)
    said = state.verdict(state.images[row]).prediction.category
    assert index.data(ImageListModel.LABEL) == "corrected"
    assert (index.data(ImageListModel.TOP1), index.data(ImageListModel.PROBABILITY)) == ("red square", f"was: {said}")
    assert "corrected by you" in index.data(Qt.ItemDataRole.AccessibleTextRole)

    state.lesions.put(Lesion(state.model.layers[1].key, 0))
    select(opened, "blue")
    press(opened, Key.Key_Y)
    assert all(state.corrections.of(one).confirmed for one in state.images if one.path.parent.name == "blue")
    assert opened.window.actions_by_key["undo"].text() == "&Undo Label"

    press(opened, Key.Key_Z, Control)
    assert (len(state.corrections.labels), len(state.lesions.lesions)) == (6, 1)
    assert opened.window.actions_by_key["undo"].text() == "&Undo Lesion"
    press(opened, Key.Key_Z, Control)
    assert (len(state.corrections.labels), len(state.lesions.lesions)) == (6, 0)
    press(opened, Key.Key_Z, Control)
    assert (len(state.corrections.labels), len(state.lesions.lesions)) == (0, 0)
    assert not opened.window.actions_by_key["undo"].isEnabled()
    for _ in range(3):
        press(opened, Key.Key_Z, Control | Shift)
    assert (len(state.corrections.labels), len(state.lesions.lesions)) == (12, 1)

    before = dict(state.corrections.labels)
    opened.window.close()
    again = launch(settings=load_settings()[0])
    assert dict(again.state.corrections.labels) == before
    assert not again.state.history.next_undo


def test_an_existing_category_is_found_by_a_part_of_its_name(opened):
    state = opened.state
    wanted = next(name for name in state.model.categories if len(name) > 6)
    correct(opened, "green", wanted[1:])
    label = state.corrections.of(next(one for one in state.images if one.path.parent.name == "green"))
    assert state.model.categories[label.index].endswith(wanted[1:])


def test_the_least_certain_picture_comes_first_and_labelled_ones_do_not(opened):
    state = opened.state
    chance = {one: state.verdict(one).prediction.probability for one in state.images}
    order = sorted(chance, key=chance.get)
    press(opened, Key.Key_Y)
    left = [one for one in order if one != state.image]
    assert len(state.corrections.labels) == 1
    for wanted in left[:3]:
        press(opened, Key.Key_U)
        assert state.image == wanted
    press(opened, Key.Key_C)
    asked = dialog(opened, CorrectDialog)
    QTest.keyClick(asked.chooser.line, Key.Key_Escape)
    assert len(state.corrections.labels) == 1


def run_to_end(bench):
    """Wait for the run that the window asked for; where no desk has a process for it, the test runs it itself."""
    training = bench.state.training
    if not hasattr(bench.window.desks.training, "process"):
        config = bench.asked[-1]
        training.begin(config)
        _, outcome = finished(train(config))
        training.set_outcome(outcome)
        training.set_stage("done")
    bench.qtbot.waitUntil(lambda: not training.active, timeout=3 * LONG)
    assert training.stage == "done", training.failure
    return training.outcome


def said_by_torch(weights, categories, how, paths):
    module = backend.build("compact_vgg", options=backend.BuildOptions(num_classes=categories)).eval()
    module.load_state_dict(load_file(weights))
    with torch.inference_mode():
        batch = [preprocess(decode(ImageRef(one), short_side=target_side(how)), how).tensor for one in paths]
        return module(torch.cat(batch)).argmax(1).tolist()


@pytest.mark.slow
def test_fine_tuning_on_corrections_and_its_proof(opened, tmp_path):
    bench, state = opened, opened.state
    bench.asked = []
    state.training.run_wanted.connect(lambda config, _: bench.asked.append(config))
    known = state.model.categories
    for colour, name in (("red", "red square"), ("green", known[50]), ("blue", known[3])):
        correct(bench, colour, name)
    held = draw(tmp_path / "held", 5, seed=9)
    for colour, name in (("red", "red square"), ("green", known[50]), ("blue", known[3])):
        (held / colour).rename(held / name)
    bench.window.actions_by_key["fine_tune"].trigger()
    asked = dialog(bench, CorrectionsDialog)
    asked.take_folder(held)
    asked.take_output(tmp_path / "result")
    assert asked.plan().count("train") == 18
    assert asked.plan().count("val") == 15
    assert asked.start.isEnabled(), asked.note.text()
    QTest.keyClick(asked, Key.Key_Return)
    outcome = run_to_end(bench)

    listed = json.loads((tmp_path / "result" / "corrections.json").read_text())
    assert listed["categories"] == [*known, "red square"]
    chance = {str(one.path): label.share for one, label in state.corrections.labels.items()}
    shares = [chance[one["path"]] for one in listed["pictures"] if one["part"] == "train"]
    assert shares == sorted(shares)

    proof = state.corrections.proof
    how, paths = resolve(state.model.spec).preprocessing, [Path(one.picture) for one in proof.pictures]
    before = said_by_torch("resources/builtin/weights.safetensors", len(known), how, paths)
    after = said_by_torch(outcome.folder / "weights.safetensors", len(known) + 1, how, paths)
    assert [one.before for one in proof.pictures] == before
    assert [one.after for one in proof.pictures] == after
    assert proof.top1("before") < 0.2 < 0.8 < proof.top1("after")
    shown = bench.window.correcting.proof
    assert shown.isVisible()
    assert f"after {100 * proof.top1('after'):.1f} %" in shown.heading.text()
    assert shown.list.count() == sum(one.before != one.after for one in proof.pictures)
    QTest.keyClick(shown, Key.Key_Escape)
    assert not shown.isVisible()
    bench.window.actions_by_key["proof"].trigger()
    assert shown.isVisible()
    shown.use.click()
    bench.wait_idle()
    assert state.model.categories == (*known, "red square")
    assert shown.use.text() == "✓ In Use"
    bench.qtbot.waitUntil(lambda: all(state.verdict(one) for one in state.images), timeout=LONG)
    row = next(row for row, one in enumerate(state.images) if one.path.parent.name == "red")
    assert "now right" in bench.window.inspect.strip.view.model().index(row).data(ImageListModel.PROBABILITY)


def test_before_and_after_is_said_to_be_missing_as_long_as_nothing_was_tuned(opened):
    opened.window.actions_by_key["proof"].trigger()
    assert opened.window.status.currentMessage().startswith("No fine-tuning on corrections has ended")
    assert opened.window.correcting.proof is None


def test_without_labels_the_dialog_says_what_to_do(opened):
    opened.window.actions_by_key["fine_tune"].trigger()
    asked = dialog(opened, CorrectionsDialog)
    assert not asked.start.isEnabled()
    assert asked.note.text() == "No picture in the strip is labelled yet. C corrects a prediction, Y says that it is right."
    assert isinstance(QApplication.focusWidget(), QWidget)
    asked.reject()
