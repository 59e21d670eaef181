"""Real processes that are killed while they train."""

import itertools
import json
import random
import signal
import subprocess
import sys

import pytest
import torch
from safetensors.torch import load_file

LAYERSCOPE = [sys.executable, "-m", "gui", "train"]
RECIPE = [
    "--preset", "fine-tune", "--model", "compact_vgg", "--epochs", "4", "--device", "cpu", "--json", "--set", "mixup=0.2",
    "--set", "average=0.9", "--set", "precision=float32", "--set", "batch_size=12",
]  # fmt: skip
EVERYTHING = [
    "--preset", "fine-tune", "--model", "compact_vgg", "--device", "cpu", "--json", "--set", "mixup=0.2", "--set",
    "average=0.9", "--set", "precision=bfloat16", "--set", "batch_size=12", "--set", "phases=32:2,32+48:3,48:1",
]  # fmt: skip
"""The preset has the whole network at two rates, a climb and a cosine, changed colours; and all else that there is."""
_EPOCH = 5
"""Lines of an epoch: three batches, a validation, the epoch itself."""


def command(folder, out, *more):
    return [*LAYERSCOPE, str(folder), "--output", str(out), *RECIPE, *more]


def kill(command, after):
    """Start a training, and kill it after so many lines about learning; it must be at work still."""
    work = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    events = (json.loads(line) for line in work.stdout)
    learning = (event for event in events if event.get("epoch"))
    assert len(list(itertools.islice(learning, after))) == after
    work.send_signal(signal.SIGKILL)
    work.stdout.close()
    assert work.wait() == -signal.SIGKILL


def ends_as_an_unbroken_one(folder, tmp_path, moments):
    run = [*LAYERSCOPE, str(folder), *EVERYTHING, "--resume", "--progress", "--output"]
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    subprocess.run([*run, str(whole)], check=True, capture_output=True)
    for moment in moments:
        kill([*run, str(broken)], moment)
        torch.load(broken / "run" / "state.pt", weights_only=True)  # whole
        assert not (broken / "weights.safetensors").exists()
    (broken / "run" / ".layerscope-0123456789abcdef.part").write_bytes(b"what a killed run began to write")
    subprocess.run([*run, str(broken)], check=True, capture_output=True)
    one, other = (load_file(out / "weights.safetensors") for out in (whole, broken))
    assert one.keys() == other.keys()
    assert all(torch.equal(one[name], other[name]) for name in one)
    # All but how long it took.
    curves = [[row.split(",")[:8] for row in (out / "curves.csv").read_text().splitlines()] for out in (whole, broken)]
    assert curves[0] == curves[1]
    assert curves[0][0][-1] == "side"
    assert not list(broken.rglob("*.part"))


def test_killed_twice_a_run_ends_with_equal_weights(pictures, tmp_path):
    ends_as_an_unbroken_one(pictures, tmp_path, (2 * _EPOCH + 2, _EPOCH))


@pytest.mark.slow
def test_killed_at_ten_moments_a_run_ends_with_equal_weights(pictures, tmp_path):
    dice = random.Random(7)
    moments = [dice.randint(1, _EPOCH - 1) for _ in range(6)] + [dice.randint(_EPOCH, 2 * _EPOCH - 1) for _ in range(4)]
    dice.shuffle(moments)
    ends_as_an_unbroken_one(pictures, tmp_path, moments)


def test_lines_of_json_and_a_word_that_stops(pictures, tmp_path):
    work = subprocess.Popen(
        command(pictures, tmp_path / "out", "--progress", "--control", "--set", "epochs=500"),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    for line in work.stdout:
        if json.loads(line)["event"] == "epoch":
            break
    said, told = work.communicate("pause\nresume\nstop\n", timeout=60)
    assert work.returncode == 130
    assert "--resume" in told
    assert all(json.loads(line) for line in said.splitlines())
    assert not (tmp_path / "out" / "weights.safetensors").exists()
