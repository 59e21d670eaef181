"""What a run was asked for can be read again, and is the very same run."""

from __future__ import annotations

import pytest

from core.errors import LayerscopeError
from core.training.journal import identity
from core.training.loop import train
from core.training.plan import is_unfinished, read_plan, write_plan
from core.training.recipe import PRESETS, changed
from core.types import ModelSpec, Recipe, TrainConfig, WeightsSpec
from tests.core.training.conftest import finished

ODD = changed(Recipe(), ["rate=0.00012345678", "phases=32:2,48+64:1", "crop_area=0.1,0.333", "colour=0.1", "seed=7"])


@pytest.mark.parametrize("recipe", [*PRESETS.values(), ODD])
def test_written_and_read(tmp_path, recipe):
    weights = WeightsSpec("file", path=tmp_path / "a, b.pth", repairs=("unwrap",))
    config = TrainConfig(tmp_path / "ü data", tmp_path / "out", ModelSpec("squeezenet1_1", weights), recipe, "cpu", 0.25)
    (config.output / "run").mkdir(parents=True)
    write_plan(config)
    assert read_plan(config.output) == config
    assert identity(read_plan(config.output), "x") == identity(config, "x")


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"data": 1}', "no"])
def test_damaged(tmp_path, content):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "plan.json").write_text(content)
    with pytest.raises(LayerscopeError, match="cannot be read"):
        read_plan(tmp_path)


@pytest.mark.slow
def test_a_broken_off_run_goes_on_by_its_plan(pictures, tmp_path):
    recipe = changed(Recipe(), ["mode=scratch", "phases=32:3", "batch_size=18", "precision=float32"])
    config = TrainConfig(pictures, tmp_path / "out", ModelSpec("nin", WeightsSpec("random")), recipe, "cpu")
    assert not is_unfinished(config.output)
    work = train(config)
    while not getattr(next(work), "best", False):
        pass
    work.close()
    assert is_unfinished(config.output)
    _, outcome = finished(train(read_plan(config.output), resume=True))
    assert [one.epoch for one in outcome.history] == [1, 2, 3]
    assert not is_unfinished(config.output)
