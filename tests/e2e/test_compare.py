"""A beside B: the numbers, and what becomes of the second model."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication, QToolButton, QWidget

from core.inference.session import Session
from core.insight.inspect import Inspector
from core.types import BUILTIN_SPEC, ActivationVector, ImageRef, ModelSpec, WeightsSpec
from gui.facts.comparison import DIFFERENCE, A, B, Opponent
from tests.e2e.comparing import LAYER, all_probabilities, begin, companion, hooks, plain_maps, random_spec, wait_for_b
from tests.e2e.test_main_job import drop, files


def test_next_picture_beside_the_first_with_the_numbers_it_has_alone(bench, photos):
    state = bench.state
    state.set_layer(LAYER)
    answer = begin(bench)
    session = Session.load(BUILTIN_SPEC, "cpu")
    one, two = ImageRef(photos[0]), ImageRef(photos[1])
    assert answer.classification.predictions == Inspector(session).classify(two).classification.predictions
    maps_a, maps_b = plain_maps(session, one), plain_maps(session, two)
    grid = bench.window.inspect.activations.grid
    for side, values in ((A, maps_a), (B, maps_b), (DIFFERENCE, maps_b - maps_a)):
        state.comparison.set_side(side)
        assert np.array_equal(grid._grid.values, values)
    assert hooks(bench) == 0
    table = bench.window.findChild(QWidget, "changeTable")
    row = answer.changes[0]
    assert table.model().index(0, 0).data() == state.classification.predictions[0].category == row.category
    assert row.a == state.classification.predictions[0].probability
    assert row.b == pytest.approx(dict(all_probabilities(session, two))[row.index_a], abs=1e-6)


def test_two_seeds_of_one_model_and_the_second_is_let_go_at_the_end(bench, photos):
    bench.state.set_layer(LAYER)
    told = []
    bench.state.comparison.progress_changed.connect(told.append)
    answer = begin(bench, Opponent(spec=random_spec(11)))
    assert "Loading compact_vgg" in told[0].text
    assert told[-1] is None
    image = ImageRef(photos[0])
    maps_a = plain_maps(Session.load(BUILTIN_SPEC, "cpu"), image)
    maps_b = plain_maps(Session.load(random_spec(11), "cpu"), image)
    assert np.array_equal(answer.difference.values, maps_b - maps_a)
    assert any("seed 11" in notice for notice in bench.notices)
    kept = weakref.ref(companion(bench).inspector.session)
    assert hooks(bench) == 0
    bench.window.findChild(QToolButton, "endComparison").click()
    bench.wait_idle()
    gc.collect()
    assert kept() is None
    assert companion(bench) is None


def test_layer_channel_picture_and_model_of_a_change_and_b_follows(bench, photos):
    state = bench.state
    begin(bench)
    state.comparison.set_side(DIFFERENCE)
    state.set_layer("features.0")
    wait_for_b(bench)
    assert state.comparison.answer.activations.layer.key == "features.0"
    state.selection.set_channel(3)
    assert bench.window.inspect.activations.grid.current == 3
    state.set_image(ImageRef(photos[2]))
    wait_for_b(bench)
    answer = state.comparison.answer
    assert (answer.against.path, answer.classification.image.path) == (photos[2], photos[1])
    state.choose_spec(random_spec(4))
    wait_for_b(bench)
    answer = state.comparison.answer
    assert answer.model.spec == random_spec(4) == state.model.spec
    assert answer.same_model
    session = Session.load(random_spec(4), "cpu")
    expected = plain_maps(session, ImageRef(photos[1]), state.layer) - plain_maps(session, ImageRef(photos[2]), state.layer)
    assert np.array_equal(bench.window.inspect.activations.grid._grid.values, expected)


def test_model_of_a_changes_while_another_model_is_compared_and_the_first_pair_goes(bench):
    begin(bench, Opponent(spec=random_spec(11)))
    old = weakref.ref(companion(bench).inspector.session)
    bench.state.choose_spec(random_spec(12))
    wait_for_b(bench)
    gc.collect()
    assert old() is None
    answer = bench.state.comparison.answer
    assert answer.model.spec == random_spec(11)
    assert answer.difference.values.any()


def test_only_the_newest_opponent_counts(bench, photos):
    facts = bench.state.comparison
    answers = []
    facts.answer_changed.connect(answers.append)
    for spec in (random_spec(1), random_spec(2), random_spec(3)):
        facts.begin(Opponent(spec=spec))
    facts.begin(Opponent(image=ImageRef(photos[2])))
    wait_for_b(bench)
    assert [answer.classification.image.path for answer in answers] == [photos[2]]
    assert companion(bench).spec is None


def test_ending_and_beginning_at_once_keeps_the_new_one(bench):
    facts = bench.state.comparison
    begin(bench, Opponent(spec=random_spec(1)))
    facts.end()
    facts.begin(Opponent(spec=random_spec(2)))
    wait_for_b(bench)
    assert facts.answer.model.spec == random_spec(2)
    assert companion(bench).spec == random_spec(2)


def test_picture_of_b_leaves_the_strip_and_the_comparison_ends(bench, photos):
    begin(bench)
    bench.state.remove_images((ImageRef(photos[1]),))
    bench.wait_idle()
    assert not bench.state.comparison.active
    assert companion(bench) is None
    assert bench.window.inspect.pictures.second is None


def test_picture_of_a_leaves_the_strip_and_its_neighbour_is_compared(bench, photos):
    begin(bench, Opponent(image=ImageRef(photos[2])))
    bench.state.remove_images((ImageRef(photos[0]),))
    wait_for_b(bench)
    assert bench.state.comparison.answer.against.path == photos[1]
    bench.state.remove_images(bench.state.images)
    bench.wait_idle()
    assert not bench.state.comparison.active


def test_emptied_strip_keeps_the_other_model_for_the_next_picture(bench, photos):
    begin(bench, Opponent(spec=random_spec(1)))
    bench.state.remove_images(bench.state.images)
    bench.wait_idle()
    assert bench.state.comparison.answer is None
    drop(bench.window, files(photos[2]))
    bench.wait_answer(photos[2])
    wait_for_b(bench)
    assert bench.state.comparison.answer.classification.image.path == photos[2]


def test_file_that_does_not_fit_ends_it_in_words(bench, tmp_path):
    junk = tmp_path / "junk.safetensors"
    junk.write_bytes(b"\x10\x00\x00\x00\x00\x00\x00\x00{not a header}")
    begin(bench, Opponent(spec=ModelSpec("compact_vgg", WeightsSpec("file", path=junk))))
    assert any("junk.safetensors" in notice for notice in bench.notices)
    assert not bench.state.comparison.active
    assert bench.window.inspect.pictures.second is None


def test_vector_layers_are_compared_too(bench):
    bench.state.set_layer(bench.state.model.layers[-1].key)
    begin(bench)
    bench.state.comparison.set_side(DIFFERENCE)
    assert isinstance(bench.state.comparison.answer.difference, ActivationVector)
    assert "largest changes" in bench.window.inspect.activations._facts.text()


def test_nothing_is_left_of_fifty_comparisons(bench):
    facts = bench.state.comparison
    begin(bench)
    facts.end()
    bench.wait_idle()
    QApplication.sendPostedEvents(None, 52)
    before = len(bench.window.findChildren(QWidget)), len(bench.window.inspect.image_view.overlays)
    for _ in range(50):
        bench.window.actions_by_key["compare"].trigger()
        bench.window.actions_by_key["compare"].trigger()
    bench.wait_idle()
    QApplication.sendPostedEvents(None, 52)
    assert (len(bench.window.findChildren(QWidget)), len(bench.window.inspect.image_view.overlays)) == before
    assert companion(bench) is None
