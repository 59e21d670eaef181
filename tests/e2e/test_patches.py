"""Strongest patches in the real window: found, opened, cancelled, answered from what is kept."""

from __future__ import annotations

import os

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton

from core import paths
from core.types import ImageRef, ModelSpec, WeightsSpec
from gui import theme
from tests.e2e.conftest import LONG
from tests.gui.painted import painted, rgb, where

SAMPLES = paths.sample_pictures()
MANY = 60


@pytest.fixture
def opened(launch):
    """A program with the sample pictures and the panel in front."""
    return start(launch)


def start(launch):
    bench = launch()
    bench.conductor.open_paths(SAMPLES)
    bench.wait_answer(SAMPLES[0])
    bench.state.selection.set_channel(3)
    bench.window.inspect.details.show_panel("patches")
    settle(bench)
    return bench


def settle(bench):
    """Wait until what is chosen has been looked up: that is asked for in the next turn of the event loop."""
    QApplication.processEvents()
    bench.wait_settled()  # the means of the layers are a pass of their own


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """A folder of pictures, some in a folder below, that were there for a while."""
    folder = tmp_path_factory.mktemp("many")
    for number in range(MANY):
        path = folder / ("below" if number % 3 else "") / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(number).integers(0, 256, (8, 8, 3), dtype=np.uint8)
        Image.fromarray(pixels).resize((80, 60)).save(path)
        os.utime(path, ns=(10**18, 10**18))
    return folder


def press_find(bench):
    bench.qtbot.mouseClick(bench.window.findChild(QPushButton, "findPatches"), Qt.MouseButton.LeftButton)


def wait_found(bench):
    facts = bench.state.patches
    bench.qtbot.waitUntil(lambda: facts.progress is None and facts.answer is not None, timeout=LONG)


def wait_for_channel(bench, channel):
    def there():
        answer = bench.state.patches.answer
        return bench.conductor.idle and answer is not None and answer.channel == channel

    bench.qtbot.waitUntil(there, timeout=LONG)


def values(bench):
    return [(patch.image, patch.value) for patch in bench.state.patches.answer.patches]


def passes(bench):
    """Counts the passes through the network of the program."""
    counted = []
    bench.conductor.inference._inspector.session.model.register_forward_pre_hook(lambda *_: counted.append(1))
    return counted


def test_find_shows_the_strongest_patch_of_every_picture(opened):
    panel = opened.window.inspect.details.patches
    assert opened.state.patches.answer is None
    opened.qtbot.keyClick(opened.window, Qt.Key.Key_P)
    wait_found(opened)
    answer = opened.state.patches.answer
    assert answer.complete
    assert {image.path for image, _ in values(opened)} == set(SAMPLES)
    assert all(patch.pixels is not None for patch in answer.patches)
    assert panel.grid.model().rowCount() == len(SAMPLES)
    assert panel._heading.text() == f"Channel 3 · {opened.state.layer}"
    # The map that is on the screen knows the value too.
    shown = opened.state.activations
    mine = next(patch for patch in answer.patches if patch.image == opened.state.image)
    assert mine.value == shown.values[3].max() == shown.values[3][mine.row, mine.column]
    assert opened.notices == []


def test_an_opened_patch_is_outlined_in_its_picture_until_something_else_is_looked_at(opened):
    press_find(opened)
    wait_found(opened)
    grid, view, state = opened.window.inspect.details.patches.grid, opened.window.inspect.image_view, opened.state
    row = next(row for row in range(8) if grid.model().patch_at(row).image != state.image)
    patch = grid.model().patch_at(row)
    grid.setFocus()
    grid.setCurrentIndex(grid.model().index(row))
    opened.qtbot.keyClick(grid, Qt.Key.Key_Return)
    opened.wait_answer(patch.image.path)

    def outline():
        view._controls.hide()
        return where(painted(view), rgb(theme.LIGHT.field))

    opened.qtbot.waitUntil(lambda: outline() is not None, timeout=LONG)
    place = view.viewport.box_to_view(patch.box)
    assert outline()[:2] == pytest.approx((place.left(), place.top()), abs=2)
    assert state.selection.channel == 3
    state.set_image(ImageRef(SAMPLES[0]) if patch.image.path != SAMPLES[0] else ImageRef(SAMPLES[1]))
    assert state.patches.opened is None
    opened.wait_idle()
    assert outline() is None


@pytest.mark.slow
def test_a_patch_of_another_layer_brings_its_layer_and_channel_back(opened):
    press_find(opened)
    wait_found(opened)
    state, layer = opened.state, opened.state.layer
    state.patches.watch(False)
    state.selection.set_channel(0)
    state.set_layer("features.0")
    opened.wait_idle()
    state.patches.open(state.patches.answer.patches[0])
    opened.qtbot.waitUntil(lambda: state.selection.channel == 3 and opened.conductor.idle, timeout=LONG)
    assert state.layer == state.activations.layer.key == layer
    assert state.patches.opened is not None
    state.selection.set_channel(4)
    assert state.patches.opened is None


def test_another_channel_of_the_layer_is_answered_at_once(opened):
    press_find(opened)
    wait_found(opened)
    opened.wait_settled()
    first, counted, reports = values(opened), passes(opened), []
    opened.state.patches.progress_changed.connect(lambda report: reports.append(report))
    opened.state.selection.set_channel(5)
    wait_for_channel(opened, 5)
    assert opened.state.patches.answer.complete
    assert values(opened) != first
    opened.state.selection.set_channel(3)
    wait_for_channel(opened, 3)
    assert values(opened) == first
    assert counted == reports == []
    opened.state.set_layer("features.0")
    opened.wait_idle()
    opened.qtbot.waitUntil(lambda: opened.state.patches.answer is None, timeout=LONG)
    assert len(counted) == 1  # the maps themselves


def test_the_next_start_has_it_at_once(launch, qtbot):
    first = start(launch)
    press_find(first)
    wait_found(first)
    expected = values(first)
    first.window.close()
    second = start(launch)
    wait_for_channel(second, 3)
    assert values(second) == expected
    assert second.state.patches.answer.complete


def test_a_search_can_be_cancelled_and_goes_on_where_it_was(opened, many):
    facts, button = opened.state.patches, opened.window.findChild(QPushButton, "findPatches")
    facts.choose_folder(many)
    press_find(opened)
    opened.qtbot.waitUntil(lambda: facts.answer is not None and facts.answer.looked_at > 0, timeout=LONG)
    assert button.text() == "Cancel"
    opened.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert facts.progress is None
    opened.wait_idle()
    stopped = facts.answer
    assert 0 < stopped.looked_at < MANY
    assert not stopped.complete
    counted = passes(opened)
    press_find(opened)
    wait_found(opened)
    assert facts.answer.complete
    assert facts.answer.looked_at == MANY
    assert len(facts.answer.patches) == 24
    assert len(counted) <= MANY - stopped.looked_at


def test_a_search_goes_on_while_other_things_are_done(opened, many):
    facts, state = opened.state.patches, opened.state
    layer = state.layer
    facts.choose_folder(many)
    press_find(opened)
    opened.qtbot.waitUntil(lambda: facts.answer is not None and facts.answer.looked_at > 0, timeout=LONG)
    state.set_layer("features.0")
    state.set_image(ImageRef(SAMPLES[4]))
    opened.window.inspect.details.show_panel("input")
    wait_found(opened)
    opened.wait_idle()
    assert state.classification.image.path == SAMPLES[4]
    assert (facts.answer.layer.key, facts.answer.complete, facts.answer.looked_at) == (layer, True, MANY)
    opened.window.inspect.details.show_panel("patches")
    settle(opened)
    assert facts.answer.layer.key == layer


@pytest.mark.slow
def test_another_channel_chosen_meanwhile_takes_the_search_over(opened, many):
    facts = opened.state.patches
    facts.choose_folder(many)
    counted = passes(opened)
    press_find(opened)
    opened.qtbot.waitUntil(lambda: facts.answer is not None and facts.answer.looked_at > 0, timeout=LONG)
    opened.state.selection.set_channel(7)
    wait_for_channel(opened, 7)
    assert facts.answer.complete
    assert len(counted) == MANY


def test_another_model_ends_the_search_and_takes_its_answer_away(opened, many):
    facts = opened.state.patches
    facts.choose_folder(many)
    press_find(opened)
    opened.qtbot.waitUntil(lambda: facts.answer is not None and facts.answer.looked_at > 0, timeout=LONG)
    opened.state.choose_spec(ModelSpec("compact_vgg", WeightsSpec("random", seed=3)))
    opened.qtbot.waitUntil(lambda: opened.state.model.spec.weights.kind == "random", timeout=LONG)
    opened.wait_idle()
    assert facts.progress is None
    assert facts.answer is None


def test_a_picture_of_a_folder_joins_the_strip_when_its_patch_is_opened(opened, many):
    facts = opened.state.patches
    facts.choose_folder(many)
    press_find(opened)
    wait_found(opened)
    patch = facts.answer.patches[0]
    assert patch.image not in opened.state.images
    facts.open(patch)
    opened.wait_answer(patch.image.path)
    assert opened.state.images[-1] == patch.image
    assert facts.opened.patch is patch


def test_a_damaged_cache_is_told_once_and_stops_nothing(opened, home):
    damaged = home / "cache" / "patches.sqlite"
    damaged.parent.mkdir(exist_ok=True)
    damaged.unlink(missing_ok=True)
    damaged.write_bytes(b"this is no database" * 500)
    for _ in range(2):
        press_find(opened)
        wait_found(opened)
        assert opened.state.patches.answer.complete
    assert len([notice for notice in opened.notices if "patches.sqlite" in notice]) == 1


def test_a_channel_that_the_layer_does_not_have_is_refused_in_words(opened):
    opened.state.selection.set_channel(100_000)
    settle(opened)
    assert opened.notices == []
    press_find(opened)
    opened.qtbot.waitUntil(lambda: bool(opened.notices), timeout=LONG)
    assert "there is no channel 100000" in opened.notices[0]
    assert opened.state.patches.progress is None
