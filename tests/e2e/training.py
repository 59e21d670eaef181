"""What tests of training in the window share: a small data set, and a bench with the window of training open."""

from __future__ import annotations

from pathlib import Path

from core.training.recipe import changed, preset
from core.types import BUILTIN_SPEC, ModelSpec, TrainConfig
from tests.core.training.conftest import draw
from tests.e2e.conftest import LONG, Bench


def small_data(folder: Path) -> Path:
    """Three colours to train on and to validate with; the name has a space and letters beyond ASCII."""
    data = folder / "bunte Bilder ü 画"
    draw(data / "train", 12, seed=1)
    draw(data / "val", 4, seed=2)
    return data


def order(data: Path, output: Path, *settings: str, name: str = "quick", spec: ModelSpec = BUILTIN_SPEC) -> TrainConfig:
    """A run of seconds on the CPU."""
    recipe = changed(preset(name), ["epochs=3", "batch_size=12", "precision=float32", *settings])
    return TrainConfig(data, output, spec, recipe, "cpu")


def wait_stage(bench: Bench, *stages: str) -> None:
    bench.qtbot.waitUntil(lambda: bench.state.training.stage in stages, timeout=LONG)


def wait_epochs(bench: Bench, count: int) -> None:
    facts = bench.state.training
    bench.qtbot.waitUntil(lambda: len(facts.history) >= count or not facts.active, timeout=LONG)
    assert facts.active, facts.failure
