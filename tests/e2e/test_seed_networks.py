"""A network for grey pictures in the real window: what it saw is grey, and its layers and maps are there."""

from __future__ import annotations

import numpy as np
from PIL import Image

from core.settings import Settings
from core.types import ActivationGrid, ModelSpec, WeightsSpec
from gui import session
from tests.e2e.conftest import LONG
from tests.e2e.test_main_job import drop, files


def test_a_grey_network_shows_what_it_saw_its_layers_and_its_maps(launch, picture):
    bench = launch(ModelSpec("alexnet_gray", WeightsSpec("random")))
    path = picture()
    drop(bench.window, files(path))
    bench.wait_answer(path)
    model, seen = bench.state.model, bench.state.network_input
    assert (model.spec.architecture, len(model.categories)) == ("alexnet_gray", 10)
    assert any("predictions mean nothing" in notice for notice in model.notices)
    grey = Image.open(path).convert("L").resize((298, 224), Image.Resampling.BILINEAR).crop((37, 0, 261, 224))
    np.testing.assert_array_equal(seen.pixels, np.repeat(np.asarray(grey)[:, :, None], 3, axis=2))
    kinds = [layer.kind for layer in model.layers if layer.leaf]
    assert [kinds.count(kind) for kind in ("Conv2d", "MaxPool2d", "Linear")] == [5, 3, 3]
    assert (model.layers[0].receptive_field, model.layers[0].stride) == ((11, 11), (4, 4))
    assert isinstance(bench.state.activations, ActivationGrid)

    # Another network of the seeds, picked as a person picks it: the name, then Return.
    picker = bench.window.findChild(object, "modelPicker")
    picker.setEditText("nin")
    bench.qtbot.keyClick(picker, "\r")
    bench.qtbot.waitUntil(lambda: bench.state.model.spec.architecture == "nin" and bench.conductor.idle, timeout=LONG)
    bench.wait_answer(path)
    assert bench.state.network_input.pixels.shape == (32, 32, 3)
    assert bench.state.model.layers[-1].output_shape == (1, 10)


def test_the_sizes_of_a_network_with_random_weights_are_remembered_and_go_with_other_weights(launch, picture):
    spec = ModelSpec("compact_vgg", WeightsSpec("random", seed=2), classes=4, channels=1)
    bench = launch(spec)
    path = picture()
    drop(bench.window, files(path))
    bench.wait_answer(path)
    assert bench.state.model.spec == spec
    assert bench.state.model.categories == ("class 0", "class 1", "class 2", "class 3")
    assert not np.ptp(bench.state.network_input.pixels, axis=2).any()
    settings = Settings()
    session.remember(bench.state, settings)
    bench.state.spec = ModelSpec("nin", WeightsSpec("random"))
    session.restore(bench.state, settings)
    assert bench.state.spec == spec

    bar = bench.window.model_bar
    bar.seed.setValue(5)
    assert bench.state.spec == ModelSpec("compact_vgg", WeightsSpec("random", seed=5), classes=4, channels=1)
    bench.wait_answer(path)
    bar.weights_picker.weights_chosen.emit(WeightsSpec("builtin"))
    assert bench.state.spec == ModelSpec("compact_vgg", WeightsSpec("builtin"))
    bench.qtbot.waitUntil(lambda: bench.state.model.spec == bench.state.spec and bench.conductor.idle, timeout=LONG)
    assert len(bench.state.model.categories) == 102
