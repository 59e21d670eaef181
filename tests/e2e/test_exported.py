"""An exported program outside the catalogue, dropped on the real window: loaded, classified with, looked into."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from core.types import ActivationGrid
from core.zoo import backend
from core.zoo.backend import BuildOptions
from gui import commands
from tests.core.exported.programs import export, small
from tests.e2e.conftest import LONG, Bench
from tests.e2e.test_main_job import drop, files


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exported")
    (folder / "class_indices.json").write_text(json.dumps(dict(enumerate(["ant", "bee", "cat", "dog", "eel"]))))
    return export(small(), folder / "small.pt2", 1, 3, 64, 64)


def wait_model(bench: Bench, title: str) -> None:
    def loaded() -> bool:
        return bench.conductor.idle and bench.state.model is not None and bench.state.model.title == title

    bench.qtbot.waitUntil(loaded, timeout=LONG)


def test_a_dropped_program_is_loaded_and_its_layers_are_shown(launch, program, picture):
    bench = launch()
    path = picture("one.png")
    drop(bench.window, files(path))
    bench.wait_answer(path)
    drop(bench.window, files(program))
    wait_model(bench, "small.pt2")
    bench.qtbot.waitUntil(lambda: isinstance(bench.state.activations, ActivationGrid) and bench.conductor.idle, timeout=LONG)
    model = bench.state.model
    assert model.categories == ("ant", "bee", "cat", "dog", "eel")
    names = [layer.name for layer in model.layers]
    assert names[:6] == ["stem", "stem.0", "stem.1", "stem.2", "block", "block.conv"]
    assert bench.window.admission.doctor is None
    assert any("own graph" in notice for notice in (*bench.notices, *model.notices))
    bench.state.set_layer("block.conv")
    bench.qtbot.waitUntil(lambda: bench.conductor.idle and bench.state.activations.layer.name == "block.conv", timeout=LONG)
    assert bench.state.classification.model.own_graph


def test_from_a_program_back_to_weights_of_the_catalogue(launch, program, tmp_path):
    torch.manual_seed(1)
    other = tmp_path / "squeeze.pth"
    torch.save(backend.build("squeezenet1_1", options=BuildOptions(num_classes=5)).state_dict(), other)
    bench = launch()
    drop(bench.window, files(program))
    wait_model(bench, "small.pt2")
    commands.open_weights(bench.state, other, bench.state.spec.architecture)
    wait_model(bench, "squeezenet1_1")
    assert bench.window.admission.doctor is None
