import csv
import hashlib
import json
import os
import subprocess
import sys
from dataclasses import asdict
from importlib.metadata import version

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors import safe_open
from safetensors.torch import save_file

from core import paths
from core.cli.main import main
from core.images.decode import decode
from core.images.preprocess import preprocess, target_side
from core.inference.measure import first_tensor
from core.inference.session import Session
from core.types import BUILTIN_SPEC, ImageRef, ModelSpec, WeightsSpec
from core.version import program_version
from core.weights import builtin
from core.zoo import backend
from tests.helpers.shared_data import ROOT

RANDOM = WeightsSpec("random", 5)


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "in" / "ü 画像.png"
    path.parent.mkdir()
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (180, 140, 3), dtype=np.uint8)).save(path)
    return path


@pytest.fixture
def out(tmp_path):
    folder = tmp_path / "out ü"
    folder.mkdir()
    return folder


@pytest.fixture
def run(capsys):
    def run(*arguments):
        status = main(["activations", *(str(argument) for argument in arguments)])
        out, err = capsys.readouterr()
        return status, out, err

    return run


def hooked(spec, path):
    """Every output of every call of every module: plain forward hooks that clone, one plain forward pass."""
    session = Session.load(spec, "cpu")
    outputs, handles = {}, []
    for name, module in session.model.named_modules():
        def hook(_module, _inputs, output, name=name):
            outputs.setdefault(name, []).append(first_tensor(output).clone())

        handles.append(module.register_forward_hook(hook))
    how = session.info.preprocessing
    with torch.no_grad():
        session.model(preprocess(decode(ImageRef(path), short_side=target_side(how)), how).tensor)
    for handle in handles:
        handle.remove()
    return outputs


def same_bits(found, expected, name):
    assert found.dtype == np.float32
    assert found.shape == tuple(expected.shape)
    expected = np.ascontiguousarray(expected.numpy())
    np.testing.assert_array_equal(found.view(np.uint32), expected.view(np.uint32), err_msg=name)


CASES = [
    (BUILTIN_SPEC, (), None),
    (ModelSpec("squeezenet1_1", RANDOM), ("--model", "squeezenet1_1", "--weights", "random:5"),
     ["features.0", "features.1", "features.3.squeeze", "features.3", "classifier.1", "classifier.2", "classifier"]),
    (ModelSpec("resnet18", RANDOM), ("--model", "resnet18", "--weights", "random:5"),
     ["bn1", "relu", "layer1.0.bn1", "layer1.0.relu@1", "layer1.0.relu@2", "layer1.0.relu", "layer4", "avgpool", "fc"]),
]


@pytest.mark.parametrize(("spec", "choice", "layers"), CASES, ids=[spec.architecture for spec, _, _ in CASES])
def test_the_tensor_is_that_of_a_plain_hook_bit_for_bit(run, picture, out, spec, choice, layers):
    expected = hooked(spec, picture)
    for key in layers or [name for name in expected if name]:
        name, _, call = key.partition("@")
        path = out / "x.npy"
        status, said, _ = run(picture, "--layer", key, "--output", path, "--device", "cpu", *choice)
        assert status == 0
        assert str(path) in said
        same_bits(np.load(path, allow_pickle=False), expected[name][int(call or 0) - 1], key)


def test_every_format_says_the_same(run, picture, out):
    for suffix in ("npz", "npy", "safetensors", "png", "csv"):
        status, said, err = run(picture, "--layer", "features.0", "--output", out / f"画像.{suffix}")
        assert (status, err) == (0, "")
        side = builtin.card().preprocessing.crop
        assert f"features.0, Conv2d, 1×32×{side}×{side}" in said
    assert len(list(out.iterdir())) == 5
    values = np.load(out / "画像.npy", allow_pickle=False)
    with np.load(out / "画像.npz", allow_pickle=False) as found:
        np.testing.assert_array_equal(found["activations"], values)
        about = {name: str(found[name]) for name in found if name not in {"activations", "shape"}}
    how = Session.load(BUILTIN_SPEC, "cpu").info.preprocessing
    assert about.pop("preprocessing") == how.describe()
    assert json.loads(about.pop("preprocessing_json")) == json.loads(json.dumps(asdict(how)))
    weights = paths.BUILTIN / "weights.safetensors"
    assert about == {
        "layer": "features.0", "kind": "Conv2d", "model": "compact_vgg", "weights": "builtin",
        "weights_sha256": hashlib.sha256(weights.read_bytes()).hexdigest(), "image": "ü 画像.png",
        "image_sha256": hashlib.sha256(picture.read_bytes()).hexdigest(), "device": about["device"],
        "program": f"Layerscope {program_version()}", "torch": version("torch"),
    }
    with safe_open(out / "画像.safetensors", "numpy") as found:
        np.testing.assert_array_equal(found.get_tensor("activations"), values)
        assert about.items() <= found.metadata().items()
    with Image.open(out / "画像.png") as image:
        assert image.mode == "L"
        assert image.width * image.height >= 32 * 66 * 66
    with (out / "画像.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [float(row["max"]) for row in rows] == values.max(axis=(0, 2, 3)).tolist()


def test_the_hash_is_that_of_the_file(run, picture, out, tmp_path):
    with torch.random.fork_rng(devices=()):
        torch.manual_seed(1)
        save_file(backend.build("squeezenet1_1").state_dict(), tmp_path / "ü.safetensors")
    digests = []
    for weights in (tmp_path / "ü.safetensors", "random"):
        arguments = ("--model", "squeezenet1_1", "--weights", weights, "--output", out / "x.npz")
        assert run(picture, "--layer", "features.0", *arguments)[0] == 0
        with np.load(out / "x.npz", allow_pickle=False) as found:
            digests.append(str(found["weights_sha256"]))
    assert digests == [hashlib.sha256((tmp_path / "ü.safetensors").read_bytes()).hexdigest(), ""]
    before = (tmp_path / "ü.safetensors").read_bytes()
    output = tmp_path / "ü.safetensors"
    status, _, err = run(picture, "--layer", "features.0", "--model", "squeezenet1_1", "--weights", output, "--output", output)
    assert status == 2
    assert "made from" in err
    assert output.read_bytes() == before


def test_a_picture_of_tokens_says_how_they_were_read(run, picture, out):
    layer = "features.0.1"  # Permute: the channels of Swin come last
    status, _, err = run(picture, "--layer", layer, "--model", "swin_t", "--weights", "random", "--output", out / "x.png")
    assert status == 0
    assert "About the picture of features.0.1: channels last." in err


def test_attention_per_head(run, picture, out):
    layer, choice = "features.1.1.attn#attention", ("--model", "swin_t", "--weights", "random:5")
    status, said, err = run(picture, "--layer", layer, *choice, "--output", out / "x.npz")
    assert status == 0
    assert f"{layer}, Attention, 64×3×49×49" in said
    with np.load(out / "x.npz", allow_pickle=False) as found:
        np.testing.assert_allclose(found["activations"].sum(-1), 1, atol=1e-5)
        assert str(found["layer"]) == layer
    _, _, err = run(picture, "--layer", layer, *choice, "--output", out / "x.png")
    assert "attention that each position receives" in err
    with Image.open(out / "x.png") as image:
        assert image.width * image.height >= 3 * 58 * 58
    run(picture, "--layer", layer, *choice, "--output", out / "x.csv")
    with (out / "x.csv").open(encoding="utf-8", newline="") as file:
        assert [float(row["mean"]) for row in csv.DictReader(file)] == pytest.approx([1 / 49] * 3)


@pytest.mark.parametrize(
    ("layer", "output", "status", "words"),
    [
        ("features.0", "x.txt", 2, ".npz, .npy, .safetensors, .png, .csv"),
        ("features.0", "x", 2, "does not say what to write"),
        ("features.0", "gone/x.npz", 2, "no folder"),
        ("features.0", "../in/ü 画像.png", 2, "made from"),
        ("featurse.0", "x.npz", 2, "Did you mean features.0"),
        ("features.0@7", "x.npz", 2, "runs 1 time"),
        ("features.0", "x" * 300 + ".npz", 1, "could not be written"),
    ],
)
def test_wrong_use_is_answered_in_words(run, picture, out, layer, output, status, words):
    before = picture.read_bytes()
    found, said, err = run(picture, "--layer", layer, "--output", out / output)
    assert (found, said) == (status, "")
    assert words in err
    assert err.count("\n") == 1
    assert "Traceback" not in err
    assert list(out.iterdir()) == []
    assert picture.read_bytes() == before


def test_a_broken_picture_and_a_place_that_cannot_be_written(run, picture, out, monkeypatch):
    (picture.parent / "broken.png").write_bytes(b"no picture")
    status, said, err = run(picture.parent / "broken.png", "--layer", "features.0", "--output", out / "x.npz")
    assert (status, said) == (1, "")
    assert "broken.png" in err

    def full(_number):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        status, said, err = run(picture, "--layer", "features.0", "--output", out / "x.npz")
    assert (status, said) == (1, "")
    path = out / "x.npz"
    assert err == f"layerscope: “{path}” could not be written (No space left on device). Choose another place for it.\n"
    assert list(out.iterdir()) == []


def test_layer_and_output_must_be_said(run, picture):
    status, said, err = run(picture)
    assert (status, said) == (2, "")
    assert "--layer" in err
    assert "--output" in err


PROGRAM = (
    "import sys; from core.cli.main import main; assert 'torch' not in sys.modules; status = main(sys.argv[1:]); "
    "assert not [name for name in sys.modules if name.startswith('PySide6')]; sys.exit(status)"
)


def test_the_real_process(picture, out):
    arguments = ("activations", "ü 画像.png", "--layer", "classifier", "--output", out / "x.npz", "--device", "cpu")
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROGRAM, *arguments], cwd=picture.parent, timeout=300, capture_output=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "LC_ALL": "C"},
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert "classifier, " in done.stdout.decode("utf-8")
    with np.load(out / "x.npz", allow_pickle=False) as found:
        same_bits(found["activations"], hooked(BUILTIN_SPEC, picture)["classifier"][0], "classifier")
