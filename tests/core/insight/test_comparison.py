import gc
import weakref
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from core.errors import ImageError, LayerError, ModelError, WeightsError
from core.inference.session import Session
from core.insight.comparison import compare, counterpart, difference, options
from core.insight.inspect import Inspector
from core.types import (
    BUILTIN_SPEC,
    ActivationGrid,
    ActivationVector,
    CompareOptionsRequest,
    CompareRequest,
    ImageRef,
    LayerInfo,
    ModelSpec,
    WeightsSpec,
)

LAYER = "features.8"


def random_spec(seed, architecture="compact_vgg"):
    return ModelSpec(architecture, WeightsSpec("random", seed=seed))


@pytest.fixture(scope="module")
def session():
    return Session.load(BUILTIN_SPEC, "cpu")


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictures")
    made = []
    for seed, size in enumerate(((90, 120), (64, 200), (300, 200))):
        path = folder / f"{seed}.png"
        Image.fromarray(np.random.default_rng(seed).integers(0, 256, (*size, 3), dtype=np.uint8)).save(path)
        made.append(ImageRef(path))
    return made


def finish(work):
    steps = []
    while True:
        try:
            steps.append(next(work))
        except StopIteration as end:
            return steps, end.value


def run(inspector, *arguments):
    return finish(compare(inspector, CompareRequest(1, *arguments)))[1]


def plain(model, image, layer=LAYER):
    """Logits and a layer's output by a hook of our own."""
    kept = []
    handle = model.model.get_submodule(layer).register_forward_hook(lambda _m, _i, out: kept.append(out.clone()))
    with torch.inference_mode():
        logits = model.model(Inspector(model).tensor(image))
    handle.remove()
    return logits[0].softmax(0).numpy(), kept[0][0].numpy()


def hooks(session):
    return sum(len(module._forward_hooks) + len(module._forward_pre_hooks) for module in session.model.modules())


def test_another_picture_is_what_it_is_alone_and_the_difference_is_b_minus_a(session, pictures):
    inspector = Inspector(session)
    one, two = pictures[:2]
    inspector.classify(one, LAYER)
    remembered = inspector.tensor(one)
    found = run(inspector, one, two, None, LAYER)
    alone = Inspector(session).classify(two, LAYER)
    assert found.classification.predictions == alone.classification.predictions
    assert np.array_equal(found.activations.values, alone.activations.values)
    assert np.array_equal(found.network_input.pixels, alone.network_input.pixels)
    assert found.network_input.box == alone.network_input.box
    assert (found.picture.image, found.against, found.same_model, found.note, found.remark) == (two, one, True, "", "")
    (_, maps_a), (_, maps_b) = plain(session, one), plain(session, two)
    assert np.array_equal(found.difference.values, maps_b - maps_a)
    assert np.array_equal(found.difference.minimum, (maps_b - maps_a).min(axis=(1, 2)))
    assert inspector.tensor(one) is remembered
    assert hooks(session) == 0


def test_another_layer_costs_one_pass_of_b_that_ends_there_and_none_of_a(session, pictures):
    inspector = Inspector(session)
    one, two = pictures[:2]
    inspector.classify(one, LAYER)
    run(inspector, one, two, None, LAYER)
    inspector.activations(one, "features.4")
    first, last = [], []
    handles = [
        session.model.get_submodule("features.0").register_forward_hook(lambda *_: first.append(1)),
        session.model.register_forward_hook(lambda *_: last.append(1)),
    ]
    found = run(inspector, one, two, None, "features.4")
    for handle in handles:
        handle.remove()
    assert (len(first), len(last)) == (1, 0)
    (_, maps_a), (_, maps_b) = plain(session, one, "features.4"), plain(session, two, "features.4")
    assert np.array_equal(found.difference.values, maps_b - maps_a)
    fresh = run(Inspector(session), one, two, None, "features.4")
    assert found.changes == fresh.changes
    assert found.classification.predictions == fresh.classification.predictions


def test_file_that_changed_on_disk_is_looked_at_again(session, tmp_path):
    inspector, path = Inspector(session), tmp_path / "changing.png"
    Image.new("RGB", (80, 80), "red").save(path)
    red = inspector.look(ImageRef(path), LAYER)
    assert inspector.look(ImageRef(path), LAYER).activations is red.activations
    Image.new("RGB", (90, 80), "blue").save(path)
    blue = inspector.look(ImageRef(path), LAYER)
    assert np.array_equal(blue.activations.values, Inspector(session).classify(ImageRef(path), LAYER).activations.values)
    assert not np.array_equal(blue.probabilities, red.probabilities)
    assert blue.picture.size == (90, 80)


def test_changes_are_those_of_the_full_softmax(session, pictures):
    one, two = pictures[:2]
    found = run(Inspector(session), one, two, None, LAYER)
    (a, _), (b, _) = plain(session, one), plain(session, two)
    for row in found.changes:
        assert row.index_a == row.index_b
        assert (row.a, row.b) == (pytest.approx(a[row.index_a], abs=1e-6), pytest.approx(b[row.index_b], abs=1e-6))
    assert {row.index_a for row in found.changes} == {*np.argsort(-a)[:10], *np.argsort(-b)[:10]}


def test_other_weights_are_loaded_once_and_kept_until_the_comparison_is_over(session, pictures):
    inspector = Inspector(session)
    image = pictures[0]
    found = run(inspector, image, image, random_spec(7), LAYER)
    assert any("random" in notice for notice in found.notices)
    other = Session.load(random_spec(7), "cpu")
    (_, maps_a), (b, maps_b) = plain(session, image), plain(other, image)
    assert np.array_equal(found.difference.values, maps_b - maps_a)
    assert found.classification.predictions[0].probability == pytest.approx(float(b.max()), abs=1e-6)
    assert found.model.spec == random_spec(7)
    assert not found.same_model
    kept = weakref.ref(inspector.companion.inspector.session)
    again = run(inspector, image, image, random_spec(7), "features.0")
    assert again.notices == ()
    assert inspector.companion.inspector.session is kept()
    assert hooks(kept()) == hooks(session) == 0
    assert run(inspector, None, None) is None
    gc.collect()
    assert kept() is None
    assert inspector.companion is None


def test_another_opponent_lets_the_one_before_go_first(session, pictures):
    inspector = Inspector(session)
    image = pictures[0]
    run(inspector, image, image, random_spec(1), LAYER)
    first = weakref.ref(inspector.companion.inspector.session)
    work = compare(inspector, CompareRequest(1, image, image, random_spec(2), LAYER))
    assert "Loading" in next(work).text
    gc.collect()
    assert first() is None
    steps, found = finish(work)
    assert "loaded" in steps[0].text
    assert found.model.spec == random_spec(2)


def test_model_of_a_asked_for_as_b_is_not_loaded_twice(session, pictures):
    inspector = Inspector(session)
    found = run(inspector, pictures[0], pictures[0], BUILTIN_SPEC, LAYER)
    assert found.same_model
    assert inspector.companion.inspector.session is session
    assert not found.difference.values.any()


def test_closing_at_any_step_leaves_no_hook_and_a_second_try_works(session, pictures):
    inspector = Inspector(session)
    request = CompareRequest(1, pictures[0], pictures[1], random_spec(3), LAYER)
    for stop in range(1, 5):
        work = compare(inspector, request)
        for _ in range(stop):
            next(work, None)
        work.close()
        assert hooks(session) == 0
    assert finish(compare(inspector, request))[1].difference is not None


def test_model_without_the_layer_says_so_and_still_compares_probabilities(session, pictures):
    found = run(Inspector(session), pictures[0], pictures[0], random_spec(0, "resnet18"), LAYER)
    assert found.activations is None
    assert found.difference is None
    assert "resnet18 has no layer “features.8”" in found.note
    assert "matched by name" in found.remark
    assert any(row.a is not None and row.b is not None for row in found.changes)
    assert found.network_input.pixels.shape == (224, 224, 3)


def test_maps_of_another_size_are_shown_but_have_no_difference(session, pictures):
    found = run(Inspector(session), pictures[0], pictures[0], random_spec(0, "squeezenet1_1"), LAYER)
    assert isinstance(found.activations, ActivationGrid)
    assert found.difference is None
    side = session.info.preprocessing.crop // 4
    assert f"128 maps of {side} × {side}" in found.note
    assert "256 maps of 13 × 13" in found.note


def test_vector_changes_are_sorted_by_size_and_named_where_they_are_categories(session, pictures):
    last = session.info.layers[-1].key
    one, two = pictures[:2]
    found = run(Inspector(session), one, two, None, last)
    (_, a), (_, b) = plain(session, one, last), plain(session, two, last)
    assert isinstance(found.difference, ActivationVector)
    assert np.array_equal(found.difference.values, b - a)
    assert list(found.difference.strongest) == list(np.argsort(-np.abs(b - a), kind="stable")[:20])
    assert found.difference.labels[0] == session.info.categories[found.difference.strongest[0]]


def test_picture_of_a_that_cannot_be_read_leaves_what_there_is_of_b(session, pictures, tmp_path):
    found = run(Inspector(session), ImageRef(tmp_path / "gone.png"), pictures[1], None, LAYER)
    assert found.activations is not None
    assert found.difference is None
    assert "gone.png" in found.note
    assert all(row.a is None for row in found.changes)


@pytest.mark.parametrize(
    ("error", "spec"),
    [
        (WeightsError, ModelSpec("compact_vgg", WeightsSpec("named", name="NO_SUCH"))),
        (ModelError, ModelSpec("no_such_net", WeightsSpec("random"))),
    ],
)
def test_model_that_cannot_be_had_is_refused_in_words_and_nothing_is_kept(session, pictures, error, spec):
    inspector = Inspector(session)
    run(inspector, pictures[0], pictures[1], None, LAYER)
    with pytest.raises(error) as caught:
        run(inspector, pictures[0], pictures[0], spec, LAYER)
    assert caught.value.message
    assert inspector.companion is None


def test_unreadable_b_and_unknown_layer_are_errors(session, pictures, tmp_path):
    with pytest.raises(ImageError):
        run(Inspector(session), pictures[0], ImageRef(tmp_path / "gone.png"), None, LAYER)
    with pytest.raises(LayerError):
        run(Inspector(session), pictures[0], pictures[1], None, "no.such")


def test_number_of_threads_is_that_of_the_model_of_a_afterwards(session, pictures):
    session = Session.load(BUILTIN_SPEC, "cpu")
    before = torch.get_num_threads()
    run(Inspector(session), pictures[0], pictures[0], random_spec(0, "resnet18"), LAYER)
    assert torch.get_num_threads() == before


def test_nearest_call_of_a_reused_layer_is_taken():
    layers = [LayerInfo("relu", "ReLU", (1, 2), 0, call, 3) for call in (1, 2, 3)]
    assert counterpart(LayerInfo("relu", "ReLU", (1, 2), 0, 5, 5), layers) is layers[2]
    assert counterpart(layers[1], layers) is layers[1]
    assert counterpart(LayerInfo("conv", "Conv2d", (1, 2), 0), layers) is None


def test_infinities_that_meet_are_nan_without_a_warning(session, pictures):
    grid = Inspector(session).classify(pictures[0], LAYER).activations
    values = grid.values.copy()
    values[0, 0, 0] = np.inf
    endless = replace(grid, values=values)
    assert np.isnan(difference(endless, endless).values[0, 0, 0])


def test_options_are_those_of_the_architecture(session):
    found = finish(options(Inspector(session), CompareOptionsRequest(1, "squeezenet1_1")))[1]
    assert any(option.spec.name == "IMAGENET1K_V1" for option in found)
