"""The list of layers in the real window: means that come by themselves, stages, attention, and a budget that is too small."""

from __future__ import annotations

import math

import pytest
from PySide6.QtTest import QSignalSpy

from core.insight.budget import VARIABLE
from core.settings import Settings, load_settings
from core.types import ActivationGrid, ImageRef, LayerMeansRequest, ModelSpec, WeightsSpec
from tests.e2e.conftest import LONG
from tests.e2e.test_main_job import drop, files


def wait_means(bench, path):
    def measured():
        means = bench.state.layer_means.means
        return bench.conductor.idle and means is not None and means.image.path == path

    bench.qtbot.waitUntil(measured, timeout=LONG)
    return bench.state.layer_means.means.means


@pytest.fixture
def asked(monkeypatch):
    """Returns the pictures whose means a program has asked for, in order."""
    from gui.conductor import Conductor

    requests = []
    original = Conductor.ask

    def ask(self, request):
        if isinstance(request, LayerMeansRequest):
            requests.append((self, request.image.path))
        original(self, request)

    monkeypatch.setattr(Conductor, "ask", ask)
    return lambda bench: [path for conductor, path in requests if conductor is bench.conductor]


def test_means_follow_the_picture_and_are_asked_for_once(launch, picture, asked):
    bench = launch()
    paths = [picture("a.png"), picture("b.png", "#20c040")]
    drop(bench.window, files(*paths))
    bench.wait_answer(paths[0])
    first = dict(wait_means(bench, paths[0]))
    assert set(first) == {layer.key for layer in bench.state.model.layers}
    assert all(math.isfinite(mean) and mean >= 0 for mean in first.values())
    for key in ("features.4", "classifier", "features.8"):
        bench.state.set_layer(key)
        bench.wait_idle()
    assert not bench.window.desks.layer_means.plans
    assert asked(bench) == [paths[0]]
    bench.state.set_image(ImageRef(paths[1]))
    bench.wait_answer(paths[1])
    assert wait_means(bench, paths[1]) != first
    assert asked(bench) == paths
    bench.state.set_image(None)
    assert bench.state.layer_means.means is None


def test_another_model_and_pictures_in_a_hurry(launch, picture, asked):
    bench = launch()
    paths = [picture(f"{number}.png") for number in range(6)]
    drop(bench.window, files(*paths))
    bench.wait_answer(paths[0])
    for path in paths[1:]:
        bench.state.set_image(ImageRef(path))
        bench.qtbot.waitUntil(lambda path=path: bench.state.classification.image.path == path, timeout=LONG)
    wait_means(bench, paths[-1])
    spec = ModelSpec("squeezenet1_1", WeightsSpec("random"))
    bench.state.choose_spec(spec)
    bench.qtbot.waitUntil(lambda: bench.state.model.spec == spec, timeout=LONG)
    assert bench.state.layer_means.means is None
    assert "features.12.squeeze" in wait_means(bench, paths[-1])


def test_nobody_asks_while_nobody_looks(launch, picture, asked):
    bench = launch(settings=Settings(layer_columns=["name", "output"]))
    path = picture()
    drop(bench.window, files(path))
    bench.wait_answer(path)
    assert not bench.window.desks.layer_means.plans
    assert not asked(bench)
    bench.window.inspect.layers.set_columns(("mean",))
    wait_means(bench, path)
    assert asked(bench) == [path]


def test_a_picture_that_disappears_is_no_notice_but_a_reason(launch, picture):
    bench = launch(settings=Settings(layer_columns=["name"]))
    path = picture()
    drop(bench.window, files(path))
    bench.wait_answer(path)
    path.unlink()
    bench.window.inspect.layers.set_columns(("mean",))
    bench.qtbot.waitUntil(lambda: bool(bench.state.layer_means.reason), timeout=LONG)
    assert path.name in bench.state.layer_means.reason
    assert not bench.notices


def test_stages_and_columns_are_remembered(launch, picture):
    first = launch()
    path = picture()
    drop(first.window, files(path))
    first.wait_answer(path)
    action = first.window.actions_by_key["layer_stages"]
    assert not action.isChecked()
    action.trigger()
    assert first.window.inspect.layers.stages
    assert action.isChecked()
    first.window.inspect.layers.set_columns(("macs", "output"))
    first.window.close()
    settings, _ = load_settings()
    second = launch(settings=settings)
    assert second.window.inspect.layers.stages
    assert second.window.actions_by_key["layer_stages"].isChecked()
    assert second.window.inspect.layers.columns == ("macs", "output")


def test_maps_that_are_too_large_cost_no_predictions(launch, picture, monkeypatch):
    bench = launch()
    path = picture()
    drop(bench.window, files(path))
    bench.wait_answer(path)
    monkeypatch.setenv(VARIABLE, "1")
    bench.state.set_layer("features.0")
    bench.wait_idle()
    assert "budget" in bench.notices[-1]
    assert bench.state.activations is None
    assert bench.state.classification is not None
    bench.state.set_layer("features.24")
    bench.wait_idle()
    assert isinstance(bench.state.activations, ActivationGrid)


def test_the_answer_of_a_new_model_brings_its_maps_along(bench):
    asked_for_maps_alone = QSignalSpy(bench.conductor.inference.activated)
    bench.state.choose_spec(ModelSpec("squeezenet1_1", WeightsSpec("random")))
    bench.qtbot.waitUntil(lambda: bench.state.model.spec.architecture == "squeezenet1_1", timeout=LONG)
    bench.wait_settled()
    assert isinstance(bench.state.activations, ActivationGrid)
    assert bench.state.activations.layer.key == bench.state.layer
    assert asked_for_maps_alone.count() == 0


@pytest.mark.slow
def test_attention_is_shown_as_a_map_a_head(launch, picture):
    bench = launch(ModelSpec("swin_t", WeightsSpec("random")))
    path = picture()
    drop(bench.window, files(path))
    bench.wait_answer(path)
    bench.state.set_layer("features.3.1.attn#attention")
    bench.wait_idle()
    grid = bench.state.activations
    assert grid.layer.key == "features.3.1.attn#attention"
    assert grid.values.shape == (6, 28, 28)
    assert "put together" in grid.note
    assert "features.3.1.attn" in wait_means(bench, path)
    assert "features.3.1.attn#attention" not in bench.state.layer_means.means.means
