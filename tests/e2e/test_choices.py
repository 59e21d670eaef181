"""Choices that overtake each other, that fail, and that are made with the keyboard alone."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSpinBox, QWidget

from core.types import BUILTIN_SPEC, ImageRef, ModelSpec, WeightsSpec
from tests.e2e.conftest import LONG
from tests.e2e.test_main_job import drop, files


def test_a_load_that_fails_after_another_leaves_window_and_thread_with_the_same_model(launch, picture, tmp_path):
    bench = launch()
    path, junk = picture(), tmp_path / "junk.safetensors"
    junk.write_bytes(b"\x10\x00\x00\x00\x00\x00\x00\x00{not a header}")
    drop(bench.window, files(path))
    bench.wait_answer(path)
    bench.state.choose_spec(ModelSpec("resnet18", WeightsSpec("random")))
    bench.state.choose_spec(ModelSpec("compact_vgg", WeightsSpec("file", path=junk)))
    bench.qtbot.waitUntil(lambda: any("junk.safetensors" in notice for notice in bench.notices), timeout=LONG)
    bench.wait_idle()
    assert bench.state.spec == bench.state.model.spec
    assert bench.state.classification.model == bench.state.model.spec


def test_first_load_that_fails_takes_the_built_in_model_and_says_so(launch, picture, tmp_path):
    bench = launch(ModelSpec("vgg16", WeightsSpec("file", path=tmp_path / "gone.pth")))
    path = picture()
    drop(bench.window, files(path))
    bench.wait_answer(path)
    assert bench.state.model.spec == BUILTIN_SPEC
    assert any("gone.pth" in notice for notice in bench.notices)
    assert any("built-in" in notice for notice in bench.notices)


def test_device_choice_classifies_again_and_an_absent_device_is_refused_in_words(launch, picture):
    bench = launch()
    path = picture()
    drop(bench.window, files(path))
    bench.wait_answer(path)
    first = bench.state.classification
    bench.state.choose_device("cpu")
    bench.qtbot.waitUntil(lambda: bench.conductor.idle and bench.state.classification is not first, timeout=LONG)
    assert bench.state.classification.predictions == first.predictions
    bench.state.choose_device("cuda:42")
    bench.qtbot.waitUntil(lambda: any("cuda:42" in notice for notice in bench.notices), timeout=LONG)
    bench.wait_idle()
    assert bench.state.model.device == bench.state.device == "cpu"


def test_arrow_keys_walk_through_the_strip(launch, picture):
    bench = launch()
    paths = [picture(f"{number}.png") for number in range(3)]
    drop(bench.window, files(*paths))
    bench.wait_answer(paths[0])
    strip = bench.window.findChild(QWidget, "imageStrip")
    bench.qtbot.keyClick(strip, Qt.Key.Key_Down)
    bench.wait_answer(paths[1])
    bench.qtbot.keyClick(strip, Qt.Key.Key_Down)
    bench.qtbot.keyClick(strip, Qt.Key.Key_Up)
    bench.wait_answer(paths[1])
    bench.qtbot.keyClick(strip, Qt.Key.Key_Delete)
    bench.wait_answer(paths[2])
    assert [image.path for image in bench.state.images] == [paths[0], paths[2]]


def test_k_shows_as_many_rows_from_1_to_10(launch, picture):
    bench = launch()
    path = picture()
    drop(bench.window, files(path))
    bench.wait_answer(path)
    table = bench.window.findChild(QWidget, "predictionTable")
    spin = bench.window.inspect.predictions.findChild(QSpinBox)
    assert (spin.minimum(), spin.maximum()) == (1, 10)
    for k in (1, 10, 3):
        spin.setValue(k)
        assert table.model().rowCount() == k == bench.state.top_k


def test_opened_files_and_folders_are_in_the_recent_menu_the_newest_first(launch, picture, tmp_path):
    bench = launch()
    one, two = picture("one/a.png"), picture("two.png")
    bench.conductor.open_paths((tmp_path / "one",))
    bench.wait_answer(one)
    bench.conductor.open_paths((two,))
    bench.wait_answer(two)
    assert bench.window.settings.recent[:2] == [str(two), str(tmp_path / "one")]
    bench.state.remove_images(bench.state.images)
    bench.window._fill_recent_menu()
    bench.window._recent_menu.actions()[1].trigger()
    bench.wait_answer(one)
    assert bench.state.images == (ImageRef(one),)


def test_random_weights_of_one_seed_answer_the_same_every_time(launch, picture):
    bench = launch(ModelSpec("compact_vgg", WeightsSpec("random", seed=5)))
    path = picture()
    drop(bench.window, files(path))
    bench.wait_answer(path)
    again = launch(ModelSpec("compact_vgg", WeightsSpec("random", seed=5)))
    drop(again.window, files(path))
    again.wait_answer(path)
    assert again.state.classification.predictions == bench.state.classification.predictions
