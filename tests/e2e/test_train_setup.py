"""Setting up a run over the real window, with all of its threads."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from core.settings import Settings
from core.types import BUILTIN_SPEC, ModelSpec, WeightsSpec
from core.zoo import backend
from tests.core.training.conftest import draw
from tests.e2e.comparing import random_spec
from tests.e2e.conftest import LONG
from tests.e2e.test_accessibility import look
from tests.helpers.train_table import Table


def sit_down(bench) -> Table:
    """Open the window of training from the menu."""
    bench.wait_idle()
    bench.window.actions_by_key["train"].trigger()
    return Table(bench.state, bench.window.training_windows.train_window, bench.qtbot)


@pytest.fixture
def colours(tmp_path: Path) -> Path:
    """A folder per category, not divided."""
    return draw(tmp_path / "colours", 10)


def test_the_model_that_is_open_is_proposed_until_another_is_chosen(launch, colours):
    bench = launch(random_spec(3, "squeezenet1_1"))
    table = sit_down(bench)
    page = table.page
    page.recipe.take_preset("fine-tune")
    table.choose(colours)
    assert table.start().spec == random_spec(3, "squeezenet1_1")
    table.state.choose_spec(BUILTIN_SPEC)
    table.qtbot.waitUntil(lambda: page.model.spec == BUILTIN_SPEC, timeout=LONG)
    page.model.models.architecture_chosen.emit("compact_vgg")
    table.state.choose_spec(random_spec(3, "squeezenet1_1"))
    bench.wait_idle()
    assert page.model.spec == BUILTIN_SPEC


def test_weights_of_every_kind(launch, colours, tmp_path):
    table = sit_down(launch())
    table.choose(colours)
    page, form = table.page, table.page.model
    path = tmp_path / "mine.pth"
    torch.save(backend.build("squeezenet1_1", 4).state_dict(), path)
    form.models.show_architecture("squeezenet1_1")
    form.models.architecture_chosen.emit("squeezenet1_1")
    table.qtbot.waitUntil(lambda: "looked up" not in form.problem, timeout=LONG)
    assert "is not on this computer. Download it" in page.reason.text()
    assert not page.start.isEnabled()
    assert table.state.downloads.now.state == "offered"
    form.take_file(path)
    assert table.start().spec == ModelSpec("squeezenet1_1", WeightsSpec("file", path=path))
    form.weights.weights_chosen.emit(WeightsSpec("random"))
    assert page.reason.text() == "A new head on random weights learns little: choose weights, or the mode “scratch”."
    page.recipe.take_preset("vgg-paper")
    assert table.start().spec == ModelSpec("squeezenet1_1", WeightsSpec("random"))
    assert not form.weights.isEnabled()


def test_the_folder_that_was_opened_last_is_proposed(launch, colours, tmp_path):
    bench = launch(settings=Settings(recent=[str(tmp_path / "gone"), str(colours), str(tmp_path)]))
    table = sit_down(bench)
    assert table.state.training.data == colours
    table.wait_read()
    assert table.page.start.isEnabled()


def test_in_words_and_by_tab(launch, colours):
    bench = launch()
    table = sit_down(bench)
    (colours / "red" / "0.png").write_bytes(b"damaged")
    table.qtbot.waitUntil(table.window.isActiveWindow, timeout=LONG)
    look(bench, table.page.folder, table.window)
    table.choose(colours)
    table.page.recipe.take_preset("fine-tune")
    table.page.recipe.more.click()
    look(bench, table.page.folder, table.window)
