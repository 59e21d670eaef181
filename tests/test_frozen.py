"""The packaged program's command line: each command answers as it does from source, wherever the program lies.

Skipped where there is none; `make test-frozen` builds it first.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import sys
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
from tests.helpers.frozen import bare_environment, needs_program, run_program
from tests.helpers.program import run as run_from_source_in_a_process

pytestmark = [pytest.mark.slow, needs_program]

SAMPLE, OTHER = (str(path) for path in paths.sample_pictures()[:2])
SMALL = ["--model", "squeezenet1_1", "--weights", "random:1"]

FORMATS = ("png", "webp", "avif", "heic", "gif", "bmp", "tiff", "jp2", "ico", "icns", "psd", "tga", "qoi", "ppm")

CASES: dict[str, list[list[str]]] = {
    "classify": [
        [SAMPLE, OTHER],
        [SAMPLE, "--top", "3", "--json"],
        [SAMPLE, *SMALL, "--json"],
        [SAMPLE, "--protocol", "multi-crop", "--scales", "112"],
        [SAMPLE, "--protocol", "dense", "--scales", "112"],
        ["pictures"],
        ["no-such-file.jpg"],
    ],
    "layers": [
        [],
        [SAMPLE, "--json"],
        # Networks whose modules TorchScript reads when they are imported, and some of every other family.
        *(["--model", name] for name in ("densenet121", "googlenet", "vit_b_32", "swin_t", "maxvit_t", "vgg11_lrn")),
    ],
    "activations": [
        [SAMPLE, "--layer", "features.0", "--output", f"out.{ending}"]
        for ending in ("npz", "npy", "safetensors", "png", "csv")
    ],
    "explain": [
        *([SAMPLE, "--method", method, "--output", "out.npz"] for method in METHODS),
        [SAMPLE, "--output", "out.png"],
    ],
    "models": [[], ["--json"]],
    "weights": [["list", "--model", "resnet18"], ["list", "--json"], ["verify"]],
    "doctor": [
        ["weights.safetensors", "--json"],
        ["weights.pth"],
        ["weights.pth", "--repair", "out.safetensors"],
        ["broken.pth"],
    ],
    "evaluate": [["kinds"], ["kinds", "--json"], ["pictures"]],
    "ledger": [[], ["vgg16", "--layers"], ["vgg16", "--output", "out.tex"], ["vgg16", "--json"]],
}  # fmt: skip
_TIMES = (
    (re.compile(r"\d[\d.,]* ?(?:ms|s)\b"), "TIME"),
    (re.compile(r'("(?:seconds|\w*_ms|\w*_seconds)": )[\d.]+'), r"\g<1>0"),
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
    """What the commands are given: pictures of each format, weights files."""
    import torch

    folder = tmp_path_factory.mktemp("materials")
    (folder / "pictures").mkdir()
    with Image.open(SAMPLE) as sample:
        for ending in FORMATS:
            _save(sample.convert("RGB"), folder / "pictures" / f"ü 画像.{ending}")
    for path in paths.sample_pictures():
        kind = folder / "kinds" / path.stem.partition("_")[2]
        kind.mkdir(parents=True)
        (kind / path.name).write_bytes(path.read_bytes())
    (folder / "weights.safetensors").write_bytes((paths.BUILTIN / "weights.safetensors").read_bytes())
    state = {f"module.{name}": torch.from_numpy(value) for name, value in load_file(folder / "weights.safetensors").items()}
    torch.save({"state_dict": state, "epoch": 3}, folder / "weights.pth")
    (folder / "broken.pth").write_bytes((folder / "weights.pth").read_bytes()[:5000])
    return folder


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


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_every_command(tmp_path, home, command):
    expected = from_source(tmp_path, [command, "--help"])
    assert expected.status == 0
    assert packaged(tmp_path, home, [command, "--help"]) == expected


def test_training_gives_the_weights_that_it_gives_from_source(tmp_path, home):
    for kind, start in (("a", 0), ("b", 4)):
        (tmp_path / "data" / kind).mkdir(parents=True)
        for path in paths.sample_pictures()[start : start + 4]:
            (tmp_path / "data" / kind / path.name).symlink_to(path)
    words = ["train", "data", "--epochs", "2", "--set", "seed=3", "--json", "--output"]
    expected = from_source(tmp_path, [*words, "source"])
    found = packaged(tmp_path, home, [*words, "frozen"])
    assert (found.status, found.errors) == (expected.status, expected.errors) == (0, "")
    assert [sorted(json.loads(line)) for line in found.output.splitlines()] == [
        sorted(json.loads(line)) for line in expected.output.splitlines()
    ]
    ours, theirs = ({path.name for path in (tmp_path / name).iterdir()} for name in ("source", "frozen"))
    assert ours == theirs
    for path in (tmp_path / "source").glob("*.safetensors"):
        assert_same_content(path, tmp_path / "frozen" / path.name)


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
    assert any("the packaged program" in row["found"] for row in json.loads(theirs.output)["checks"])


def test_version_and_wrong_use(tmp_path, home):
    version = packaged(tmp_path, home, ["--version"])
    assert re.fullmatch(r"layerscope \d+\.\d+\.\d+\n", version.output)
    wrong = packaged(tmp_path, home, ["classify", SAMPLE, "--model", "resnet"])
    assert wrong == from_source(tmp_path, ["classify", SAMPLE, "--model", "resnet"])
    assert wrong.status == 2
    assert sys.executable not in wrong.errors
