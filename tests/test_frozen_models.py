"""Every architecture of the catalogue runs in the packaged program and gives what it gives from source.

Skipped where there is none; `make test-frozen` builds it first.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.zoo.catalog import architectures
from tests.helpers.frozen import bare_environment, needs_program, run_program
from tests.helpers.program import run as run_from_source
from tests.helpers.shared_data import need_shared_data

pytestmark = [pytest.mark.slow, needs_program]

LARGE = 40_000_000
"""Parameters from which on a network is only traced, without numbers: the largest would take gigabytes."""

# A person's model code has all of the program at hand, so that one process does for all of them.
EACH = """
import json, pathlib
import torch
from core.zoo.backend import build
from core.zoo.catalog import architectures

def outputs(network, device):
    given = torch.rand(1, 3, 224, 224, generator=torch.Generator().manual_seed(1)).to(device)
    with torch.inference_mode():
        found = network.eval()(given)
    return found if isinstance(found, torch.Tensor) else found[0]

def build_model():
    told = {}
    for name in architectures():
        with torch.device("meta"):
            network = build(name)
        size = sum(value.numel() for value in network.parameters())
        told[name] = [size, list(outputs(network, "meta").shape)]
        if size < LARGE:
            torch.manual_seed(3)
            found = outputs(build(name), "cpu")
            told[name] += [found[0, :8].tolist(), found.std().item()]
    pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(told))
    return torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(3 * 224 * 224, 2)).eval()

categories = ["a", "b"]
""".replace("LARGE", str(LARGE))


def test_each_architecture_gives_what_it_gives_from_source(tmp_path, home):
    environment = bare_environment(home)
    answers = []
    for name in ("source", "frozen"):
        code = tmp_path / f"{name}.py"
        code.write_text(EACH, "utf-8")
        words = ["layers", "--model", str(code), "--run-code"]
        done = (
            run_from_source(*words, cwd=tmp_path, **environment) if name == "source"
            else run_program(*words, cwd=tmp_path, environment=environment)
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, "")
        answers.append(json.loads(code.with_suffix(".json").read_text("utf-8")))
    expected, found = answers
    assert list(found) == list(expected) == list(architectures())
    assert sum(len(told) > 2 for told in found.values()) > 40
    for name, told in expected.items():
        assert found[name][:2] == told[:2], name
        assert found[name][2:] == pytest.approx(told[2:], rel=1e-3, abs=1e-4) if len(told) == 2 else True
        if len(told) > 2:
            assert found[name][2] == pytest.approx(told[2], rel=1e-3, abs=1e-4), name
            assert found[name][3] == pytest.approx(told[3], rel=1e-3, abs=1e-4), name


def test_weights_are_fetched_verified_and_used(tmp_path, home):
    original = need_shared_data("weights/squeezenet1_1-imagenet.pth")
    picture = str(sorted(need_shared_data("photos").iterdir())[0])
    (tmp_path / "mirror").mkdir()
    (tmp_path / "mirror" / "squeezenet1_1-b8a52dc0.pth").symlink_to(original)
    environment = bare_environment(home, LAYERSCOPE_WEIGHTS_MIRROR=str(tmp_path / "mirror"))
    outputs = []
    for words in (["weights", "fetch", "squeezenet1_1"], ["weights", "verify"],
                  ["classify", picture, "--model", "squeezenet1_1", "--json"]):  # fmt: skip
        done = run_program(*words, cwd=tmp_path, environment=environment)
        assert (done.returncode, done.stderr) == (0, ""), words
        outputs.append(done.stdout)
    assert "squeezenet1_1-b8a52dc0.pth" in outputs[1]
    ours = run_from_source("classify", picture, "--model", "squeezenet1_1", "--json", cwd=tmp_path, **environment)
    assert best(outputs[2]) == best(ours.stdout)


def best(output: str) -> list[str]:
    (told,) = json.loads(output)
    return [row["category"] for row in told["top"]]
