"""Lesions in the real window with the built-in model."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QSlider

from core.images.decode import decode
from core.images.preprocess import preprocess, target_side
from core.inference.session import Session
from core.types import BUILTIN_MODEL, BUILTIN_SPEC, ImageRef, Lesion, ModelSpec, RankRequest, WeightsSpec
from core.zoo import backend
from gui.widgets.lesions.lesion_editor import STEPS
from tests.e2e.conftest import LONG

LAYER = "features.8"


@pytest.fixture(scope="module")
def network():
    return Session.load(BUILTIN_SPEC, "cpu")


def by_hand(network, path, muted=(), scaled=()):
    """Probabilities from a copy of the forward pass with plain hooks."""
    how = network.info.preprocessing
    batch = preprocess(decode(ImageRef(path), short_side=target_side(how)), how).tensor

    def hook(_module, _inputs, output):
        factor = torch.ones(output.shape[1])
        factor[list(muted)] = 0
        for channel, value in scaled:
            factor[channel] = value
        return output * factor[:, None, None]

    handle = network.model.get_submodule(LAYER).register_forward_hook(hook)
    with torch.inference_mode():
        probabilities = torch.softmax(network.model(batch)[0], 0).numpy()
    handle.remove()
    return probabilities


@pytest.fixture
def bench(launch, picture):
    bench = launch()
    bench.path = picture()
    bench.conductor.open_paths((bench.path,))
    bench.wait_answer(bench.path)
    bench.state.set_layer(LAYER)
    bench.wait_idle()
    return bench


def wait_answered(bench):
    bench.qtbot.waitUntil(lambda: bench.conductor.idle and bench.state.lesions.answered, timeout=LONG)


def test_m_mutes_the_chosen_channel_and_the_answer_follows(bench, network):
    state = bench.state
    state.selection.set_channel(5)
    bench.qtbot.keyClick(bench.window.inspect.activations.grid, Qt.Key.Key_M)
    assert state.lesions.active == (Lesion(LAYER, 5),)
    wait_answered(bench)
    np.testing.assert_allclose(state.lesions.answer.probabilities, by_hand(network, bench.path, [5]), atol=1e-6)
    assert bench.window.inspect.activations.grid.muted == {5}
    assert bench.window.inspect.predictions.lesions.chip.isVisible()
    untouched = by_hand(network, bench.path)
    top = state.classification.predictions[0]
    assert top.probability == pytest.approx(float(untouched[top.index]), abs=1e-6)
    grid = bench.window.inspect.activations.grid
    bench.qtbot.keyClick(grid, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert state.lesions.active == ()
    assert state.lesions.answer is None
    bench.qtbot.keyClick(grid, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert state.lesions.active == (Lesion(LAYER, 5),)
    bench.qtbot.keyClick(grid, Qt.Key.Key_M, Qt.KeyboardModifier.ShiftModifier)
    assert state.lesions.lesions == ()
    bench.wait_idle()
    assert bench.notices == []


def test_letters_do_in_the_tree_of_layers_what_they_do_in_the_maps(bench):
    tree = bench.window.inspect.layers.view
    tree.setFocus()
    bench.qtbot.keyClick(tree, Qt.Key.Key_M)
    assert [(lesion.layer, lesion.channel) for lesion in bench.state.lesions.active] == [(bench.state.layer, 0)]


def test_while_a_slider_is_dragged_answers_keep_coming_and_the_last_one_is_right(bench, network):
    state = bench.state
    bench.window.inspect.details.show_panel("lesions")
    state.selection.set_channel(9)
    state.lesions.put(Lesion(LAYER, 9, "scale", 1.0))
    wait_answered(bench)
    seen = []
    state.lesions.answer_changed.connect(seen.append)
    slider = bench.window.inspect.details.lesions.findChild(QSlider, "lesionSlider")
    slider.setSliderDown(True)
    place = STEPS // 3
    while len(seen) < 5:  # never at rest, so that an answer that waits for rest would not come
        place = place + 7 if place < STEPS - 8 else STEPS // 3
        slider.setSliderPosition(place)
        bench.qtbot.wait(1)
    slider.setSliderPosition(STEPS)
    slider.setSliderDown(False)
    wait_answered(bench)
    assert state.lesions.active == (Lesion(LAYER, 9, "scale", 3.0),)
    expected = by_hand(network, bench.path, scaled=[(9, 3.0)])
    np.testing.assert_allclose(state.lesions.answer.probabilities, expected, atol=1e-6)
    state.lesions.undo()
    assert state.lesions.active == (Lesion(LAYER, 9, "scale", 1.0),)


def test_another_picture_is_answered_with_its_lesions_too(bench, network, picture):
    bench.state.lesions.put(Lesion(LAYER, 5))
    wait_answered(bench)
    other = picture("blue.png", "#2040f0")
    bench.conductor.open_paths((other,))
    bench.wait_answer(other)
    wait_answered(bench)
    assert bench.state.lesions.answer.image.path == other
    np.testing.assert_allclose(bench.state.lesions.answer.probabilities, by_hand(network, other, [5]), atol=1e-6)


def test_a_ranking_fills_its_table_and_mutes_from_it(bench, network):
    state, details = bench.state, bench.window.inspect.details
    details.show_panel("lesions")
    bench.qtbot.mouseClick(details.lesions.findChild(QPushButton, "rankChannels"), Qt.MouseButton.LeftButton)
    bench.qtbot.waitUntil(lambda: state.lesions.wish is None and bench.conductor.idle, timeout=LONG)
    ranking = state.lesions.ranking
    assert ranking.complete
    assert state.lesions.progress is None
    category, untouched = ranking.category, by_hand(network, bench.path)
    for row in (0, 1, 60, -1):
        channel = int(ranking.channels[row])
        change = by_hand(network, bench.path, [channel])[category] - untouched[category]
        assert ranking.probability_changes[row] == pytest.approx(float(change), abs=1e-5)
    details.lesions.ranking.top.setValue(3)
    bench.qtbot.mouseClick(details.lesions.ranking.mute_top, Qt.MouseButton.LeftButton)
    wait_answered(bench)
    expected = by_hand(network, bench.path, ranking.channels[:3].tolist())
    np.testing.assert_allclose(state.lesions.answer.probabilities, expected, atol=1e-6)


def test_a_ranking_can_be_cancelled_and_what_was_found_stays(bench):
    state = bench.state
    bench.window.inspect.details.show_panel("lesions")
    panel = bench.window.inspect.details.lesions
    state.lesions.ranking_changed.connect(lambda *_: None if state.lesions.wish is None else panel.ranking.cancel.click())
    bench.qtbot.mouseClick(panel.ranking.rank, Qt.MouseButton.LeftButton)
    bench.qtbot.waitUntil(lambda: state.lesions.wish is None, timeout=LONG)
    bench.wait_idle()
    assert not bench.conductor.waits_for(RankRequest)
    assert state.lesions.progress is None


@pytest.mark.parametrize("change", ["picture", "layer", "category", "model", "device"])
def test_a_ranking_ends_when_what_it_is_about_changes(bench, picture, change):
    from gui.facts.lesion_bench import RankWish

    state = bench.state
    other = picture("blue.png", "#2040f0")
    state.append_images([ImageRef(other)])
    state.lesions.want_ranking(RankWish(LAYER, state.category))
    assert bench.conductor.waits_for(RankRequest)
    if change == "picture":
        state.set_image(ImageRef(other))
    elif change == "layer":
        state.set_layer("features.4")
    elif change == "category":
        state.selection.set_category((state.category + 1) % 102)
    elif change == "device":
        state.choose_device("cpu")
        bench.qtbot.waitUntil(lambda: state.lesions.wish is None, timeout=LONG)
    else:
        state.choose_spec(ModelSpec(BUILTIN_MODEL, WeightsSpec("random", seed=5)))
        bench.qtbot.waitUntil(lambda: state.model.spec.weights.kind == "random", timeout=LONG)
    assert state.lesions.wish is None
    bench.wait_idle()
    assert state.lesions.progress is None


def test_lesions_stay_with_other_weights_and_go_with_another_architecture(bench):
    state = bench.state
    state.lesions.put(Lesion(LAYER, 5))
    wait_answered(bench)
    first = state.lesions.answer
    state.choose_spec(ModelSpec(BUILTIN_MODEL, WeightsSpec("random", seed=5)))
    bench.qtbot.waitUntil(lambda: state.model.spec.weights.kind == "random", timeout=LONG)
    wait_answered(bench)
    assert state.lesions.active == (Lesion(LAYER, 5),)
    assert state.lesions.answer is not first
    assert state.lesions.answer.model == state.model.spec
    architecture = "squeezenet1_1"
    backend.check_architecture(architecture)
    state.choose_spec(ModelSpec(architecture, WeightsSpec("random")))
    bench.qtbot.waitUntil(lambda: state.model.spec.architecture == architecture and bench.conductor.idle, timeout=LONG)
    assert state.lesions.lesions == ()
    assert not state.lesions.can_undo
    assert any("The lesion is gone" in notice and architecture in notice for notice in bench.notices)


def test_lesions_without_a_number_are_told_and_leave_the_untouched_numbers(bench):
    state = bench.state
    state.lesions.put(Lesion("classifier", 0, "clamp", float("inf")))
    bench.qtbot.waitUntil(lambda: bool(bench.notices), timeout=LONG)
    assert "not a number any more" in bench.notices[0]
    assert state.lesions.answer is None
    assert bench.window.inspect.predictions.lesions.summary.text() == "With lesions: no answer"
    state.lesions.put(Lesion("classifier", 0, "clamp", 1.0))
    wait_answered(bench)
    assert len(bench.notices) == 1
