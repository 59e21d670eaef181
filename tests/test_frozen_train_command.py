"""The packaged program trains on the command line: the same weights as from source, watched, paused, stopped and gone on with.

Skipped where there is none; `make test-frozen` builds it first.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file

from core import paths
from tests.core.training.conftest import draw
from tests.helpers.frozen import PROGRAM, bare_environment, needs_program, run_program
from tests.helpers.program import run as run_from_source

pytestmark = [pytest.mark.slow, needs_program]

# Which precision is faster is otherwise measured, and differs from run to run.
WORDS = ["train", "data", "--set", "seed=3", "--set", "precision=float32", "--json"]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    draw(tmp_path / "data" / "train", 6, seed=1)
    draw(tmp_path / "data" / "val", 2, seed=2)
    return tmp_path


def events(output: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.splitlines()]


def without_times(told: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The events without what differs from run to run: times, memory, and the folder."""
    words = ("second", "memory", "output", "folder", "path", "file")
    return [{name: value for name, value in event.items() if not any(word in name for word in words)} for event in told]


def assert_same_weights(one: Path, other: Path) -> None:
    names = sorted(path.name for path in one.glob("*.safetensors"))
    assert names
    for name in names:
        ours, theirs = load_file(one / name), load_file(other / name)
        assert ours.keys() == theirs.keys()
        for key, value in ours.items():
            np.testing.assert_allclose(theirs[key], value, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize(
    "more",
    [
        ["--epochs", "2"],
        ["--epochs", "2", "--preset", "fine-tune", "--watch", str(paths.sample_pictures()[0]), "--progress"],
        ["--epochs", "1", "--preset", "vgg-paper", "--model", "vgg11_narrow", "--weights", "random:1", "--channels", "1"],
        ["--epochs", "1", "--preset", "seed-004"],
    ],
    ids=lambda words: " ".join(word for word in words if "/" not in word),
)
def test_training_gives_the_weights_that_it_gives_from_source(place, home, more):
    environment = bare_environment(home)
    ours = run_from_source(*WORDS, *more, "--output", "source", cwd=place, **environment)
    theirs = run_program(*WORDS, *more, "--output", "frozen", cwd=place, environment=environment)
    assert (theirs.returncode, theirs.stderr) == (ours.returncode, ours.stderr) == (0, "")
    expected, found = without_times(events(ours.stdout)), without_times(events(theirs.stdout))
    assert [event["event"] for event in found] == [event["event"] for event in expected]
    assert [event.keys() for event in found] == [event.keys() for event in expected]
    for event, other in zip(expected, found, strict=True):
        for name in ("loss", "val_loss", "top1"):
            if isinstance(event.get(name), float):
                assert other[name] == pytest.approx(event[name], rel=1e-3, abs=1e-4)
    assert {path.name for path in (place / "source").iterdir()} == {path.name for path in (place / "frozen").iterdir()}
    assert_same_weights(place / "source", place / "frozen")


def test_what_was_trained_is_opened_and_evaluated(place, home):
    environment = bare_environment(home)
    done = run_program(*WORDS, "--epochs", "3", "--output", "run", cwd=place, environment=environment)
    assert (done.returncode, done.stderr) == (0, "")
    weights = next(path for path in (place / "run").glob("*.safetensors") if "last" not in path.name)
    answers = [
        json.loads(run("evaluate", "data/val", "--weights", str(weights), "--json", cwd=place))
        for run in (
            lambda *words, cwd: run_from_source(*words, cwd=cwd, **environment).stdout,
            lambda *words, cwd: run_program(*words, cwd=cwd, environment=environment).stdout,
        )
    ]
    assert answers[0]["images"] == 6
    assert [answers[1][name] for name in ("top1", "top5", "confusion")] == [
        answers[0][name] for name in ("top1", "top5", "confusion")
    ]


def test_a_run_is_paused_stopped_and_gone_on_with(place, home):
    environment = bare_environment(home)
    more = [*WORDS, "--epochs", "300", "--output", "run"]
    with subprocess.Popen([str(PROGRAM), *more, "--control"], cwd=place, env=environment, stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        told = [json.loads(process.stdout.readline())]
        process.stdin.write("pause\n")
        process.stdin.flush()
        while told[-1]["event"] != "held":
            told.append(json.loads(process.stdout.readline()))
        output, errors = process.communicate("stop\n", timeout=300)
    assert (process.returncode, errors.partition(".")[0]) == (130, "layerscope: Stopped")
    reached = max(event["epoch"] for event in told + events(output) if event["event"] == "epoch")
    assert 1 <= reached < 300
    done = run_program(*more, "--resume", cwd=place, environment=environment)
    assert (done.returncode, done.stderr) == (0, "")
    after = events(done.stdout)
    assert after[-1]["event"] == "done"
    assert [event["epoch"] for event in after if event["event"] == "epoch"] == list(range(reached + 1, 301))
