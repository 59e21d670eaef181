import json
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from core.cli.main import main
from tests.helpers.model_code import runs, write


@pytest.fixture
def net(tmp_path):
    return write(tmp_path)


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "p.png"
    Image.fromarray(np.random.default_rng(1).integers(0, 256, (50, 60, 3), dtype=np.uint8)).save(path)
    return path


@pytest.mark.parametrize("command", ["classify", "layers", "activations", "explain"])
def test_without_the_flag_nothing_is_run(net, picture, command, capsys, tmp_path):
    path, marker = net
    more = {"activations": ["--layer", "first", "--output", str(tmp_path / "a.npy")],
            "explain": ["--output", str(tmp_path / "a.png")]}.get(command, [])  # fmt: skip
    assert main([command, str(picture), "--model", str(path), *more]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "--run-code" in err
    assert str(path) in err
    assert runs(marker) == 0


def test_flag_runs_the_code_once_and_classifies(net, picture, capsys):
    path, marker = net
    assert main(["classify", str(picture), "--model", str(path), "--run-code", "--json"]) == 0
    out, err = capsys.readouterr()
    row = json.loads(out)[0]
    assert {one["category"] for one in row["top"]} == {"cat", "dog", "bird"}
    assert row["model"] == "net.py"
    assert str(path) in err
    assert runs(marker) == 1


def test_layers_and_activations_of_code(net, picture, capsys, tmp_path):
    path, _ = net
    out = tmp_path / "maps.npy"
    assert main(["layers", "--model", str(path), "--run-code", "--json"]) == 0
    assert {"first", "second", "head"} <= {row["name"] for row in json.loads(capsys.readouterr().out)}
    arguments = ["activations", str(picture), "--layer", "second", "--output", str(out)]
    assert main([*arguments, "--model", str(path), "--run-code"]) == 0
    assert np.load(out).shape == (1, 6, 32, 32) or np.load(out).shape == (6, 32, 32)


def test_the_flag_alone_is_wrong_use(picture, capsys):
    assert main(["classify", str(picture), "--run-code"]) == 2
    assert "--model FILE.py" in capsys.readouterr().err


def test_code_that_fails_is_a_sentence(tmp_path, picture, capsys):
    path = tmp_path / "bad.py"
    path.write_text("x = \n")
    assert main(["classify", str(picture), "--model", str(path), "--run-code"]) == 2
    err = capsys.readouterr().err
    assert "“bad.py”, line 1: SyntaxError" in err
    assert "Traceback" not in err


@pytest.mark.parametrize("method", ["gradcam", "integrated"])
def test_heat_of_code(net, picture, tmp_path, method):
    out = tmp_path / "heat.npz"
    from core.types import METHODS

    chosen = next(name for name in METHODS if name.startswith(method[:4]))
    arguments = ["explain", str(picture), "--method", chosen, "--output", str(out)]
    assert main([*arguments, "--model", str(net[0]), "--run-code"]) == 0
    assert out.is_file()


def test_code_that_imports_torchvision_before_anything_else_has(tmp_path, picture):
    path = tmp_path / "tv.py"
    path.write_text("from torchvision import models\ndef build_model():\n    return models.squeezenet1_1(num_classes=7)\n")
    command = [sys.executable, "-m", "gui", "classify", str(picture), "--model", str(path), "--run-code", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)[0]["top"]) == 5
