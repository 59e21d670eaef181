"""From a layer to a channel, to a unit, to the pixels that move it, in the real window."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from core.types import (
    ActivationGrid,
    ActivationVector,
    ChannelRequest,
    ClassWeightsRequest,
    EffectiveFieldRequest,
    ModelSpec,
    WeightsSpec,
)
from gui.facts.channel_facts import BLENDED, OFF
from tests.e2e.conftest import LONG
from tests.e2e.test_main_job import drop, files


@pytest.fixture
def bench(launch, picture):
    bench = launch()
    path = picture()
    drop(bench.window, files(path))
    bench.wait_answer(path)
    return bench


def show_channel(bench, layer, channel=0):
    bench.window.inspect.details.show_panel("channel")
    bench.state.set_layer(layer)
    bench.wait_idle()
    bench.state.selection.set_channel(channel)
    bench.wait_idle()
    QApplication.processEvents()


def press(bench, key):
    bench.window.activateWindow()
    bench.qtbot.keyClick(bench.window.inspect.strip.view, key)


def test_kernel_is_looked_up_while_the_panel_is_shown(bench):
    state, network = bench.state, lambda: bench.conductor.inference._inspector.session.model
    state.set_layer("features.4")
    bench.wait_idle()
    assert state.channel.details is None
    show_channel(bench, "features.4", 9)
    found = state.channel.details
    assert (found.layer, found.channel) == ("features.4", 9)
    np.testing.assert_array_equal(found.kernel.weights, network().features[4].weight[9].numpy())
    state.set_layer("features.5")
    bench.wait_idle()
    assert state.channel.details.normalisation.beta == float(network().features[5].bias[9])
    bench.window.inspect.details.show_panel("input")
    state.selection.set_channel(3)
    assert not bench.conductor.waits_for(ChannelRequest)
    bench.wait_idle()
    assert state.channel.details.channel == 9
    bench.window.inspect.details.show_panel("channel")
    bench.wait_idle()
    assert state.channel.details.channel == 3


def test_another_model_has_other_kernels(bench):
    show_channel(bench, "features.0", 1)
    before = bench.state.channel.details.kernel.weights
    spec = ModelSpec("compact_vgg", WeightsSpec("random", seed=1))
    bench.state.choose_spec(spec)
    bench.qtbot.waitUntil(lambda: bench.conductor.idle and bench.state.model.spec == spec, timeout=LONG)
    assert (bench.state.channel.details.kernel.weights != before).any()


def test_o_lays_the_channel_over_the_picture_and_takes_it_away(bench, picture):
    show_channel(bench, "features.8", 5)
    state = bench.state
    assert state.overlays["channel"].heat is None
    press(bench, Qt.Key.Key_O)
    assert state.channel.mode == BLENDED
    heat = state.overlays["channel"].heat
    np.testing.assert_array_equal(heat.values, state.activations.values[5])
    assert heat.box == pytest.approx(state.network_input.box)
    assert "channel 5 of features.8" in bench.window.inspect.image_view.accessibleDescription()
    state.selection.set_channel(6)
    np.testing.assert_array_equal(state.overlays["channel"].heat.values, state.activations.values[6])
    other = picture("blue.png", "#1020f0")
    drop(bench.window, files(other))
    bench.qtbot.waitUntil(lambda: state.image.path == other, timeout=LONG)
    assert state.overlays["channel"].heat is None or state.classification.image.path == other
    bench.wait_answer(other)
    np.testing.assert_array_equal(state.overlays["channel"].heat.values, state.activations.values[6])
    press(bench, Qt.Key.Key_O)
    assert state.channel.mode == OFF
    assert state.overlays["channel"].heat is None
    # Who types a name means the letters.
    bench.window.inspect.layers.focus_filter()
    bench.qtbot.keyClicks(QApplication.focusWidget(), "oe")
    assert (state.channel.mode, state.channel.field_words) == (OFF, "")


def strongest(grid: ActivationGrid, channel: int) -> tuple[int, int]:
    values = grid.values[channel]
    return tuple(int(at) for at in np.unravel_index(values.argmax(), values.shape))


def test_e_measures_the_effective_field_of_the_unit_pointed_at(bench):
    show_channel(bench, "features.8", 5)
    state, canvas = bench.state, bench.window.inspect.details.channel.map.canvas
    unit = (3, 4)
    bench.qtbot.mouseMove(canvas, canvas.unit_rect(unit).center().toPoint())
    assert state.hovered_unit == unit
    press(bench, Qt.Key.Key_E)
    bench.qtbot.waitUntil(lambda: state.channel.field is not None, timeout=LONG)
    field = state.channel.field
    assert (field.layer, field.channel, field.row, field.column) == ("features.8", 5, *unit)
    shown = state.overlays["field"].heat.values
    assert ((shown == field.heat.values) | (shown == shown.max())).all()
    assert 0 < (shown == shown.max()).sum() <= 0.011 * (field.heat.values > 0).sum() + 1
    assert "95 % of the gradient" in bench.window.inspect.details.channel.field.words.text()
    press(bench, Qt.Key.Key_E)
    assert state.overlays["field"].heat is None
    state.hover_unit(None)
    press(bench, Qt.Key.Key_E)
    bench.qtbot.waitUntil(lambda: state.channel.field is not None, timeout=LONG)
    assert (state.channel.field.row, state.channel.field.column) == strongest(state.activations, 5)


@pytest.mark.parametrize(
    "change",
    ["picture", *(pytest.param(change, marks=pytest.mark.slow) for change in ("channel", "layer", "model"))],
)
def test_the_field_goes_with_what_it_was_about(bench, picture, change):
    show_channel(bench, "features.8", 5)
    state = bench.state
    state.channel.choose_unit((3, 4))
    for waiting in (False, True):
        bench.window.desks.field.measure()
        if not waiting:
            bench.qtbot.waitUntil(lambda: state.channel.field is not None, timeout=LONG)
        if change == "channel":
            state.selection.set_channel(7 + waiting)
        elif change == "layer":
            state.set_layer("features.10" if waiting else "features.9")
        elif change == "picture":
            path = picture(f"{waiting}.png", "#1020f0")
            drop(bench.window, files(path))
            bench.wait_answer(path)
        else:
            state.choose_spec(ModelSpec("compact_vgg", WeightsSpec("random", seed=2 + waiting)))
        bench.wait_idle()
        assert state.overlays["field"].heat is None
        assert state.channel.field is None
        assert not bench.conductor.waits_for(EffectiveFieldRequest)


def test_a_unit_without_a_gradient_is_told_in_words_and_without_the_panel_in_a_notice(bench):
    show_channel(bench, "features.10", 0)
    state = bench.state
    channel, row, column = (int(index[0]) for index in np.nonzero(state.activations.values == 0))
    state.selection.set_channel(channel)
    state.channel.choose_unit((row, column))
    bench.window.desks.field.measure()
    bench.wait_idle()
    assert "switched off by a ReLU" in state.channel.field_words
    assert state.overlays["field"].heat is None
    assert not bench.notices
    bench.window.inspect.details.show_panel("input")
    bench.window.desks.field.measure()
    bench.wait_idle()
    assert not bench.notices  # asked again for the same unit, it goes
    bench.window.desks.field.measure()
    bench.wait_idle()
    assert "switched off by a ReLU" in bench.notices[-1]


def test_without_a_picture_e_and_o_say_so_or_do_nothing(launch):
    bench = launch()
    bench.qtbot.waitUntil(lambda: bench.state.model is not None and bench.conductor.idle, timeout=LONG)
    bench.window.inspect.details.show_panel("channel")
    bench.wait_idle()
    assert bench.state.channel.details is not None  # kernels need no picture
    press(bench, Qt.Key.Key_E)
    assert "open a picture" in bench.state.channel.field_words
    press(bench, Qt.Key.Key_O)
    assert bench.state.overlays["channel"].heat is None


def test_units_of_the_pooled_vector_and_of_the_logits(bench):
    show_channel(bench, "avgpool", 3)
    state, view = bench.state, bench.window.inspect.activations.vector
    assert isinstance(state.activations, ActivationVector)
    assert state.channel.class_weights.weights.shape == (102, len(state.activations.values))
    shares = state.activations.values.astype(np.float64) * state.channel.class_weights.weights[state.category]
    logit = shares.sum() + state.channel.class_weights.bias[state.category]
    state.set_layer("classifier")
    bench.wait_idle()
    assert state.activations.values[state.category] == pytest.approx(logit, rel=1e-4)
    assert state.channel.class_weights is None
    place = view.table.visualRect(view.model.index(1, 0)).center()
    bench.qtbot.mouseClick(view.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert state.selection.category == view.model.unit(1) == state.selection.channel
    bench.wait_idle()
    assert state.channel.details.kernel.is_linear
    # Back to maps: the number of the unit may be one that no map has.
    state.selection.set_channel(101)
    state.set_layer("features.0")
    bench.wait_idle()
    assert state.selection.channel == len(state.activations.values) - 1 == bench.window.inspect.activations.grid.current


def test_class_weights_are_not_looked_up_for_maps(bench):
    show_channel(bench, "features.8")
    assert not bench.conductor.waits_for(ClassWeightsRequest)
    assert bench.state.channel.class_weights is None


@pytest.mark.slow
def test_tokens_of_a_transformer(bench):
    bench.state.choose_spec(ModelSpec("vit_b_16", WeightsSpec("random")))
    bench.qtbot.waitUntil(lambda: bench.conductor.idle and bench.state.model.spec.architecture == "vit_b_16", timeout=LONG)
    show_channel(bench, "encoder.layers.encoder_layer_1", 5)
    state = bench.state
    assert state.activations.values.shape == (768, 14, 14)
    state.channel.set_mode(BLENDED)
    assert state.overlays["channel"].heat.box == state.network_input.box
    state.selection.hover_point(tuple(np.mean(np.reshape(state.network_input.box, (2, 2)), axis=0)))
    assert bench.window.inspect.details.channel.map.canvas._seeing == (0, 0, 14, 14)
    state.channel.choose_unit((7, 7))
    bench.window.desks.field.measure()
    bench.qtbot.waitUntil(lambda: state.channel.field is not None, timeout=LONG)
    assert "all of which it can see" in state.channel.field.words


def test_values_that_are_not_finite_are_shown_over_the_picture_too(bench):
    show_channel(bench, "features.8", 0)
    state = bench.state
    values = state.activations.values.copy()
    values[0, 0] = np.nan
    values[0, 1] = np.inf
    values.setflags(write=False)
    state.set_activations(replace(state.activations, values=values))
    state.channel.set_mode(BLENDED)
    bench.window.grab()
    assert bench.window.inspect.details.channel.map.statistics.text("NaN") == str(values.shape[2])
