"""Notices of the real window: what is said of a model goes when that model goes."""

from __future__ import annotations

import torch

from core.types import BUILTIN_SPEC, Failure, ModelSpec, WeightsSpec
from tests.e2e.conftest import LONG, Bench


def shown(bench: Bench) -> list[str]:
    return [one.message for one in bench.window.notices.notices]


def load(bench: Bench, spec: ModelSpec) -> None:
    bench.state.choose_spec(spec)
    bench.qtbot.waitUntil(lambda: bench.conductor.idle and bench.state.model.spec == spec, timeout=LONG)


def test_a_notice_of_a_model_goes_with_the_model(bench):
    other = Failure("note", "Something else.")
    bench.state.raise_notice(other)
    load(bench, ModelSpec("squeezenet1_1", WeightsSpec("random")))
    assert [notice for notice in shown(bench) if "random (seed 0)" in notice]
    load(bench, BUILTIN_SPEC)
    assert shown(bench) == [other.message]


def test_another_device_keeps_what_is_still_true(bench):
    load(bench, ModelSpec("squeezenet1_1", WeightsSpec("random")))
    before = shown(bench)
    bench.state.choose_device("cpu")
    bench.wait_idle()
    assert shown(bench) == before


def test_why_a_model_could_not_be_loaded_is_said_until_another_is(bench, tmp_path):
    path = tmp_path / "junk.pth"
    torch.save({"other.weight": torch.ones(3, 3)}, path)
    bench.state.choose_spec(ModelSpec("squeezenet1_1", WeightsSpec("file", path=path)))
    bench.wait_idle()
    assert any("junk.pth" in notice for notice in shown(bench))
    assert bench.state.model.spec == BUILTIN_SPEC
    load(bench, ModelSpec("squeezenet1_1", WeightsSpec("random")))
    assert not any("junk.pth" in notice for notice in shown(bench))


def test_why_the_start_fell_back_is_still_there_when_the_built_in_model_is(launch, tmp_path):
    bench = launch(ModelSpec("squeezenet1_1", WeightsSpec("file", path=tmp_path / "gone.pth")))
    bench.qtbot.waitUntil(lambda: bench.conductor.idle and bench.state.model is not None, timeout=LONG)
    assert any("gone.pth" in notice for notice in shown(bench))
    assert "The built-in model is used instead." in shown(bench)
    load(bench, ModelSpec("squeezenet1_1", WeightsSpec("random")))
    assert not any("gone.pth" in notice or "built-in" in notice for notice in shown(bench))
