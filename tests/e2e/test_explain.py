"""Why a category, in the real window with its real threads."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt

from core.types import METHODS, ExplainRequest, ModelSpec, WeightsSpec
from core.weights import builtin
from tests.e2e.conftest import LONG
from tests.e2e.test_main_job import drop, files

SIDE = builtin.card().preprocessing.crop


@pytest.fixture
def bench(launch, picture):
    """A window with two pictures, the first one answered."""
    bench = launch()
    bench.paths = [picture("one.png"), picture("two.png", "#2030f0", (120, 160))]
    bench.requests = []
    # In the GUI thread: on the worker's own signal it would be called there, at any time after the answer was shown.
    bench.conductor.answered.connect(lambda request, _: bench.requests.append(request))
    drop(bench.window, files(*bench.paths))
    bench.wait_answer(bench.paths[0])
    return bench


def settled(bench, **wanted):
    """Wait for an explanation of the current picture and category."""
    facts = bench.state.explanation

    def there():
        found = facts.found
        about = found is not None and found.image == bench.state.image and found.category == bench.state.category
        return about and bench.conductor.idle and all(getattr(found, name) == value for name, value in wanted.items())

    bench.qtbot.waitUntil(there, timeout=LONG)
    return facts.found


def gone(bench):
    bench.qtbot.waitUntil(lambda: bench.state.explanation.found is None, timeout=LONG)
    assert bench.state.overlays["why"].heat is None


def panel(bench):
    return bench.window.inspect.details.why


def show_panel(bench, name="why"):
    bench.window.actions_by_key[f"panel_{name}"].trigger()


def test_nothing_is_asked_while_nobody_looks(bench):
    bench.state.selection.set_category(5)
    bench.state.set_layer("features.4")
    bench.wait_idle()
    show_panel(bench)
    settled(bench)
    assert [type(request) for request in bench.requests] == [ExplainRequest]


def test_from_the_panel_to_the_picture_and_every_choice_is_followed(bench):
    show_panel(bench)
    first = settled(bench, method="gradcam", layer="features")
    heat = bench.state.overlays["why"].heat
    assert np.array_equal(heat.values, first.values)
    assert heat.box == bench.state.network_input.box
    legend = bench.window.inspect.image_view.findChild(object, "overlayLegend")
    assert legend.isVisible()
    assert first.name in legend.accessibleDescription()
    # Another category, by a click in the predictions.
    view = bench.window.inspect.predictions.view
    place = view.visualRect(view.model().index(2, 1)).center()
    bench.qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    second = settled(bench)
    assert second.category == bench.state.classification.predictions[2].index != first.category
    assert panel(bench).category.currentText() == second.name
    # Another method, another layer, another picture.
    bench.state.explanation.set_method("gradcam++")
    settled(bench, method="gradcam++")
    bench.state.explanation.set_follows_layer(True)
    bench.state.set_layer("features.7")
    settled(bench, layer="features.7")
    bench.window.actions_by_key["next"].trigger()
    bench.wait_answer(bench.paths[1])
    third = settled(bench, layer="features.7")
    assert third.image.path == bench.paths[1]
    assert bench.state.overlays["why"].heat.box == bench.state.network_input.box
    assert bench.notices == []


def test_a_layer_without_a_map_is_answered_in_the_panel(bench):
    show_panel(bench)
    settled(bench)
    bench.state.explanation.set_follows_layer(True)
    bench.state.set_layer("classifier")
    bench.qtbot.waitUntil(lambda: bench.state.explanation.failure is not None, timeout=LONG)
    assert "“classifier” puts out 1×102" in panel(bench).accessibleDescription()
    assert bench.state.overlays["why"].heat is None
    assert bench.notices == []
    bench.state.set_layer("features.0")
    settled(bench, layer="features.0")
    assert bench.state.explanation.failure is None


def test_a_long_one_waits_for_a_person_can_be_cancelled_and_is_dropped_by_another_choice(bench):
    show_panel(bench)
    settled(bench)
    facts = bench.state.explanation
    facts.set_method("integrated-gradients")
    gone(bench)
    bench.wait_idle()
    assert not bench.conductor.waits_for(ExplainRequest)
    button = panel(bench).run.button
    bench.qtbot.waitUntil(button.isEnabled)
    bench.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert bench.conductor.waits_for(ExplainRequest)
    bench.window.actions_by_key["cancel"].trigger()
    assert not bench.conductor.waits_for(ExplainRequest)
    assert facts.progress is None
    assert facts.found is None
    bench.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    found = settled(bench, method="integrated-gradients")
    assert found.values.shape == (SIDE, SIDE)
    # It is about this category only; another one is not begun by itself.
    bench.state.selection.set_category(bench.state.classification.predictions[1].index)
    gone(bench)
    bench.wait_idle()
    assert facts.progress is None
    # Asked for, and overtaken by another picture.
    bench.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    bench.window.actions_by_key["next"].trigger()
    bench.wait_answer(bench.paths[1])
    bench.wait_idle()
    assert facts.found is None
    assert facts.progress is None
    bench.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert settled(bench).image.path == bench.paths[1]


def test_w_makes_shows_and_hides_it_without_the_panel(bench):
    facts, overlays = bench.state.explanation, bench.state.overlays
    bench.qtbot.keyClick(bench.window, Qt.Key.Key_W)
    settled(bench)
    assert overlays["why"].visible
    # It is kept: the next picture has one, too.
    bench.window.actions_by_key["next"].trigger()
    bench.wait_answer(bench.paths[1])
    settled(bench)
    assert overlays["why"].heat is not None
    bench.qtbot.keyClick(bench.window, Qt.Key.Key_W)
    assert not overlays["why"].visible
    before = len(bench.requests)
    bench.window.actions_by_key["previous"].trigger()
    bench.wait_answer(bench.paths[0])
    bench.qtbot.waitUntil(lambda: facts.found is None, timeout=LONG)
    assert len(bench.requests) == before
    facts.set_method("occlusion")
    bench.qtbot.keyClick(bench.window, Qt.Key.Key_W)
    assert settled(bench, method="occlusion").layer == ""
    assert overlays["why"].visible


def test_another_model_drops_it_and_has_its_own(bench):
    show_panel(bench)
    settled(bench)
    bench.state.selection.set_category(3)
    settled(bench)
    bench.state.choose_spec(ModelSpec("squeezenet1_1", WeightsSpec("random")))
    bench.qtbot.waitUntil(lambda: bench.state.model.spec.architecture == "squeezenet1_1", timeout=LONG)
    assert bench.state.overlays["why"].heat is None
    bench.qtbot.waitUntil(lambda: bench.conductor.idle and bench.state.classification.model == bench.state.spec, timeout=LONG)
    found = settled(bench)
    assert found.model == bench.state.spec
    assert bench.state.selection.category is None
    assert panel(bench).layer.itemText(0) == "Last with a map: features"


def test_the_same_model_on_the_same_device_again_keeps_what_is_true(bench):
    show_panel(bench)
    found = settled(bench)
    bench.state.choose_device("cpu")
    bench.qtbot.waitUntil(lambda: bench.state.model.device == "cpu" and bench.conductor.idle, timeout=LONG)
    bench.qtbot.waitUntil(lambda: bench.state.overlays["why"].heat is not None, timeout=LONG)
    assert bench.state.explanation.found.category == found.category


def test_the_last_picture_takes_everything_with_it(bench):
    show_panel(bench)
    settled(bench)
    bench.state.remove_images(bench.state.images)
    gone(bench)
    assert panel(bench).accessibleDescription().startswith("No picture yet")


def test_every_method_comes_over_the_picture(bench):
    show_panel(bench)
    for method in METHODS:
        bench.state.explanation.set_method(method)
        bench.wait_idle()
        bench.qtbot.waitUntil(lambda: bench.conductor.idle)
        bench.window.desks.explain.begin()
        settled(bench, method=method)
        assert bench.state.overlays["why"].heat.words.startswith(METHODS[method].title)


def test_w_in_a_field_of_text_is_a_letter(bench):
    bench.window.inspect.layers.focus_filter()
    bench.qtbot.keyClick(bench.window.inspect.layers.filter, Qt.Key.Key_W)
    assert bench.window.inspect.layers.filter.text() == "w"
    bench.wait_idle()
    assert bench.requests == []
