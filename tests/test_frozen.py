"""The packaged program's command line: each command answers as it does from source, wherever the program lies.

Skipped where there is none; `make test-frozen` builds it first.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import pickle
import re
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import load_file

from core import paths
from core.cli.main import main as run_from_source
from core.cli.names import COMMANDS
from core.types import METHODS
from tests.core.exported.programs import export, small
from tests.core.training.conftest import draw
from tests.helpers.frozen import bare_environment, needs_program, run_program
from tests.helpers.model_code import write as write_code
from tests.helpers.program import run as run_from_source_in_a_process

pytestmark = [pytest.mark.slow, needs_program]

SAMPLE, OTHER = (str(path) for path in paths.sample_pictures()[:2])
SMALL = ["--model", "squeezenet1_1", "--weights", "random:1"]
CODE = ["--model", "net.py", "--run-code"]
PROGRAM_OF_TORCH = ["--weights", "small.pt2"]

FORMATS = ("png", "webp", "avif", "heic", "gif", "bmp", "tiff", "jp2", "ico", "icns", "psd", "tga", "qoi", "ppm")

CASES: dict[str, list[list[str]]] = {
    "classify": [
        [SAMPLE, OTHER],
        [SAMPLE, "--top", "3", "--json"],
        [SAMPLE, *SMALL, "--json"],
        [SAMPLE, *SMALL, "--channels", "1", "--classes", "7"],
        [SAMPLE, "--weights", "weights.pth"],
        [SAMPLE, *PROGRAM_OF_TORCH, "--json"],
        [SAMPLE, *CODE, "--json"],
        *([SAMPLE, "--protocol", name, "--scales", "112"] for name in ("scale", "multi-crop", "dense", "dense+multi-crop")),
        [SAMPLE, "--protocol", "multi-scale", "--scales", "96,128", "--average", "logits", "--json"],
        [SAMPLE, "--protocol", "ten-crop", "--votes"],
        [SAMPLE, *SMALL, "--fuse", "mobilenet_v3_small:random:2", "shufflenet_v2_x0_5:random:3", "--fuse-weights", "2,1,1"],
        ["pictures"],
        ["kinds", "--recursive", "--json"],
        ["no-such-file.jpg"],
    ],
    "layers": [
        [],
        [SAMPLE, "--json"],
        # Networks whose modules TorchScript reads when they are imported, and some of every other family.
        *(["--model", name] for name in ("densenet121", "googlenet", "vit_b_32", "swin_t", "maxvit_t", "vgg11_lrn")),
        [SAMPLE, *PROGRAM_OF_TORCH],
        [SAMPLE, *CODE, "--json"],
        ["--model", "net.py"],
    ],
    "activations": [
        *([SAMPLE, "--layer", "features.0", "--output", f"out.{kind}"] for kind in ("npz", "npy", "safetensors", "png", "csv")),
        [SAMPLE, *PROGRAM_OF_TORCH, "--layer", "block.act@2", "--output", "out.npz"],
        [SAMPLE, *CODE, "--layer", "second", "--output", "out.npz"],
    ],
    "explain": [
        *([SAMPLE, "--method", method, "--output", "out.npz"] for method in METHODS),
        [SAMPLE, "--output", "out.png"],
        [SAMPLE, "--class", "teapot", "--layer", "features.8", "--output", "out.npz"],
        [SAMPLE, *CODE, "--method", "integrated-gradients", "--output", "out.npz"],
        [SAMPLE, *PROGRAM_OF_TORCH, "--output", "out.npz"],
    ],
    "models": [[], ["--json"]],
    "weights": [["list", "--model", "resnet18"], ["list", "--json"], ["verify"], ["fetch", "nonsense"]],
    "doctor": [
        ["weights.safetensors", "--json"],
        ["weights.pth"],
        ["weights.pth", "--keys"],
        ["weights.pth", "--model", "vgg16"],
        ["weights.pth", "--repair", "out.safetensors"],
        ["weights.pth", "--repair", "out.safetensors", "--classes", "5"],
        ["small.pt2", "--json"],
        ["script.pt"],
        ["broken.pth"],
        ["evil.pth"],
    ],
    "evaluate": [["kinds"], ["kinds", "--json"], ["pictures"], ["kinds", *SMALL], ["colours", *CODE, "--json"]],
    "ledger": [
        [],
        ["vgg16", "--layers"],
        ["vgg16", "resnet18", "--classes", "10", "--json"],
        *(["vgg16", "--output", f"out.{ending}"] for ending in ("tex", "csv", "md", "json", "txt")),
        *(["resnet18", "--format", name] for name in ("csv", "markdown", "latex")),
    ],
    "train": [
        ["colours", "--look"],
        ["kinds", "--look", "--json"],
        ["list.csv", "--look"],
        ["no-such-folder", "--look"],
        ["colours"],
    ],
}  # fmt: skip
"""What each command is asked, and answers as it does from source; runs of training are in test_frozen_train_command.py."""

_TIMES = (
    (re.compile(r"\d[\d.,]* ?(?:ms|s)\b"), "TIME"),
    (re.compile(r'("(?:seconds|milliseconds|\w*_ms|\w*_seconds)": )[\d.]+'), r"\g<1>0"),
)


@dataclass(frozen=True, slots=True)
class Told:
    """What a run said, without the times in it, and what it wrote."""

    status: int
    output: str
    errors: str
    files: tuple[str, ...]


def told(folder: Path, status: int, output: str, errors: str) -> Told:
    plain = [text.replace(str(folder), "FOLDER") for text in (output, errors)]
    for pattern, word in _TIMES:
        plain = [pattern.sub(word, text) for text in plain]
    files = tuple(sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()))
    return Told(status, plain[0], plain[1], files)


@pytest.fixture(scope="module")
def materials(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the commands are given: pictures of each format, data sets, weights files, programs, code."""
    folder = tmp_path_factory.mktemp("materials")
    (folder / "pictures").mkdir()
    with Image.open(SAMPLE) as sample:
        for ending in FORMATS:
            _save(sample.convert("RGB"), folder / "pictures" / f"ü 画像.{ending}")
    for path in paths.sample_pictures():
        kind = folder / "kinds" / path.stem.partition("_")[2]
        kind.mkdir(parents=True)
        (kind / path.name).write_bytes(path.read_bytes())
    draw(folder / "colours", 3, colours={"cat": (40, 60, 200), "dog": (50, 170, 60)})
    rows = [f"{path},{path.parent.name}" for path in sorted((folder / "colours").rglob("*.png"))]
    (folder / "list.csv").write_text("\n".join(["path,category", *rows]), "utf-8")
    write_code(folder)
    _write_weights(folder)
    return folder


def _write_weights(folder: Path) -> None:
    import torch

    (folder / "weights.safetensors").write_bytes((paths.BUILTIN / "weights.safetensors").read_bytes())
    state = {f"module.{name}": torch.from_numpy(value) for name, value in load_file(folder / "weights.safetensors").items()}
    torch.save({"state_dict": state, "epoch": 3}, folder / "weights.pth")
    (folder / "broken.pth").write_bytes((folder / "weights.pth").read_bytes()[:5000])
    (folder / "evil.pth").write_bytes(pickle.dumps(Evil()))
    export(small(), folder / "small.pt2", 1, 3, 64, 64)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch would have people leave TorchScript; there are files of it.
        torch.jit.trace(small(), torch.zeros(1, 3, 64, 64)).save(str(folder / "script.pt"))


class Evil:
    """Would make a file if it were unpickled."""

    def __reduce__(self) -> tuple[object, tuple[str, ...]]:
        return os.mkdir, ("it ran",)


def _save(image: Image.Image, target: Path) -> None:
    import pillow_heif

    pillow_heif.register_heif_opener()
    if target.suffix == ".psd":
        header = b"8BPS\0\1" + bytes(6) + (3).to_bytes(2, "big") + image.height.to_bytes(4, "big")
        planes = b"".join(band.tobytes() for band in image.split())
        target.write_bytes(header + image.width.to_bytes(4, "big") + b"\0\x08\0\3" + bytes(12) + b"\0\0" + planes)
    else:
        side = (128, 128) if target.suffix in {".ico", ".icns"} else image.size
        image.resize(side).save(target)


def laid_out(materials: Path, folder: Path) -> Path:
    folder.mkdir()
    for path in materials.rglob("*"):
        if path.is_file():
            place = folder / path.relative_to(materials)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.symlink_to(path)
    return folder


def from_source(folder: Path, arguments: list[str]) -> Told:
    output, errors = io.StringIO(), io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
        status = run_from_source(arguments)
    return told(folder, status, output.getvalue(), errors.getvalue())


def packaged(folder: Path, home: Path, arguments: list[str]) -> Told:
    done = run_program(*arguments, cwd=folder, environment=bare_environment(home))
    return told(folder, done.returncode, done.stdout, done.stderr)


def arrays(path: Path) -> dict[str, Any]:
    if path.suffix == ".npz":
        with np.load(path) as archive:
            return dict(archive)
    if path.suffix == ".npy":
        return {"": np.load(path)}
    if path.suffix == ".safetensors":
        return dict(load_file(path))
    if path.suffix == ".png":
        with Image.open(path) as image:
            return {"": np.asarray(image)}
    return {"": path.read_text("utf-8")}


def assert_same_content(left: Path, right: Path) -> None:
    ours, theirs = arrays(left), arrays(right)
    assert ours.keys() == theirs.keys()
    for name, value in ours.items():
        if isinstance(value, np.ndarray) and value.dtype.kind == "f":
            np.testing.assert_allclose(theirs[name], value, rtol=1e-4, atol=1e-5)
        elif isinstance(value, np.ndarray) and value.dtype.kind == "U":
            assert str(theirs[name]).replace(str(right.parent), str(left.parent)) == str(value)
        else:
            np.testing.assert_array_equal(theirs[name], value)


@pytest.mark.parametrize(
    "arguments", [[name, *rest] for name, cases in CASES.items() for rest in cases], ids=lambda words: " ".join(words)[-60:]
)
def test_command_answers_as_from_source(tmp_path, home, materials, arguments):
    ours, theirs = (laid_out(materials, tmp_path / name) for name in ("source", "frozen"))
    expected = from_source(ours, arguments)
    found = packaged(theirs, home, arguments)
    assert found == expected
    for name in found.files:
        if not (ours / name).is_symlink():
            assert_same_content(ours / name, theirs / name)


def test_every_command_has_cases():
    assert set(CASES) == set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_every_command(tmp_path, home, command):
    expected = from_source(tmp_path, [command, "--help"])
    assert expected.status == 0
    assert packaged(tmp_path, home, [command, "--help"]) == expected


def test_a_persons_code_finds_torch_torchvision_and_the_standard_library(tmp_path, home):
    code = tmp_path / "mine.py"
    code.write_text(
        "import collections, csv, dataclasses, decimal, fractions, functools, itertools, math, pathlib, statistics, typing\n"
        "import numpy, PIL.Image, torch, torchvision\n"
        "import torch.nn.functional as F, torch.nn.utils.parametrizations, torch.utils.checkpoint\n"
        "from torch import nn\n"
        "def build_model():\n"
        "    body = torchvision.models.resnet18(weights=None, num_classes=3)\n"
        "    return nn.Sequential(body, nn.LogSoftmax(1)).eval()\n"
        "categories = ['a', 'b', 'c']\n",
        "utf-8",
    )
    words = ["layers", "--model", str(code), "--run-code"]
    expected = from_source(tmp_path, words)
    assert expected.status == 0
    assert packaged(tmp_path, home, words) == expected


def test_self_test_finds_what_it_finds_from_source(tmp_path, home):
    environment = bare_environment(home)
    ours = run_from_source_in_a_process("--self-test", "--json", cwd=tmp_path, **environment)
    theirs = packaged(tmp_path, home, ["--self-test", "--json"])
    assert (theirs.status, theirs.errors) == (0, "")
    found, expected = (
        {(row["group"], row["name"]): row["state"] for row in json.loads(text)["checks"]}
        for text in (theirs.output, ours.stdout)
    )
    assert found == expected
    versions = [
        {row["name"]: row["found"] for row in json.loads(text)["checks"] if row["name"] in {"torchvision", "NumPy", "Pillow",
                                                                                             "pillow-heif", "safetensors"}}
        for text in (theirs.output, ours.stdout)
    ]  # fmt: skip
    assert versions[0] == versions[1]
    assert len(versions[0]) == 5
    assert any("the packaged program" in row["found"] for row in json.loads(theirs.output)["checks"])


def test_version_and_wrong_use(tmp_path, home):
    version = packaged(tmp_path, home, ["--version"])
    assert re.fullmatch(r"layerscope \d+\.\d+\.\d+\n", version.output)
    wrong = packaged(tmp_path, home, ["classify", SAMPLE, "--model", "resnet"])
    assert wrong == from_source(tmp_path, ["classify", SAMPLE, "--model", "resnet"])
    assert wrong.status == 2
    assert sys.executable not in wrong.errors
