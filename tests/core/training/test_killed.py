"""Real processes that are killed while they train."""

import json
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


def command(folder, out, *more):
    return [*LAYERSCOPE, str(folder), "--output", str(out), *RECIPE, *more]


@pytest.mark.slow
def test_killed_at_ten_moments_a_run_ends_with_equal_weights(pictures, tmp_path):
    subprocess.run(command(pictures, tmp_path / "whole"), check=True, capture_output=True)
    for moment in range(10):
        again = command(pictures, tmp_path / "killed", "--resume", "--progress")
        work = subprocess.Popen(again, stdout=subprocess.PIPE, text=True)
        lines = (json.loads(line) for line in work.stdout)
        for _, event in zip(range(3 + 2 * moment), lines, strict=False):
            if event["event"] == "done":
                break
        work.send_signal(signal.SIGKILL)
        work.wait()
        work.stdout.close()
        for one in (tmp_path / "killed").rglob("*.safetensors"):
            load_file(one)  # whole, or not there
    subprocess.run(command(pictures, tmp_path / "killed", "--resume"), check=True, capture_output=True)
    whole, killed = (load_file(tmp_path / name / "weights.safetensors") for name in ("whole", "killed"))
    assert whole.keys() == killed.keys()
    assert all(torch.equal(whole[name], killed[name]) for name in whole)


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
