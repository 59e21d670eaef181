"""The real command line in its own process."""

import json
import os
import signal
import subprocess
import sys

import pytest
import torch
from PIL import Image

from core.zoo import backend
from tests.helpers.shared_data import ROOT, need_shared_data

PROGRAM = (
    "import sys; from core.cli.main import main; assert 'torch' not in sys.modules; status = main(sys.argv[1:]); "
    "assert not [name for name in sys.modules if name.startswith('PySide6')]; sys.exit(status)"
)
AT_A_TERMINAL = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
"""What a shell starts in the background inherits that Ctrl-C is ignored."""


def run(*arguments, environment=None, **keywords):
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", PROGRAM, *map(str, arguments)], cwd=ROOT, timeout=300,
        capture_output=True, env={**os.environ, **(environment or {})}, **keywords,
    )


def test_classify_equals_plain_torchvision():
    data = need_shared_data()
    weights = need_shared_data("weights/squeezenet1_1-imagenet.pth")
    photos = sorted((data / "photos").iterdir())
    done = run("classify", *photos, data / "images" / "truncated_image.png", "--model", "squeezenet1_1",
               "--weights", weights, "--device", "cpu", "--json")
    assert (done.returncode, done.stderr) == (1, b"")
    rows = json.loads(done.stdout)
    assert [row["path"] for row in rows[:-1]] == [str(photo) for photo in photos]
    assert rows[-1]["error"]["kind"] == "truncated"
    models = backend._torchvision().models
    model = models.squeezenet1_1().eval()
    model.load_state_dict(torch.load(weights, weights_only=True))
    transforms = models.SqueezeNet1_1_Weights.IMAGENET1K_V1.transforms()
    for photo, row in zip(photos, rows, strict=False):
        with Image.open(photo) as image, torch.inference_mode():
            expected = model(transforms(image.convert("RGB")).unsqueeze(0)).softmax(1)[0].topk(5)
        assert [one["index"] for one in row["top"]] == expected.indices.tolist()
        assert [one["probability"] for one in row["top"]] == pytest.approx(expected.values.tolist(), abs=1e-4)
        assert row["error"] is None


def test_names_survive_a_terminal_of_another_encoding(tmp_path):
    Image.new("RGB", (70, 70), "red").save(tmp_path / "ü 画像.png")
    environment = {"PYTHONIOENCODING": "latin-1", "LC_ALL": "C"}
    done = run("classify", tmp_path / "ü 画像.png", "--top", 1, environment=environment)
    assert (done.returncode, done.stderr) == (0, b"")
    assert "ü 画像.png" in done.stdout.decode("utf-8")


@pytest.mark.skipif(os.name == "nt", reason="pipes break differently on Windows")
def test_a_reader_that_goes_away_ends_it_quietly():
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, "models"], cwd=ROOT, stdout=writer, stderr=subprocess.PIPE, timeout=300
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.skipif(os.name == "nt", reason="a console's Ctrl-C cannot be sent to one process on Windows")
def test_ctrl_c_in_the_middle_of_a_protocol_leaves_an_array_that_can_be_read(tmp_path):
    for number in range(90):  # far more than are done before the signal arrives, however late
        Image.effect_noise((300, 200), 50).convert("RGB").save(tmp_path / f"{number}.png")
    arguments = ["classify", str(tmp_path), "--protocol", "multi-crop", "--scales", "100", "--json"]
    with subprocess.Popen(
        [sys.executable, "-c", AT_A_TERMINAL + PROGRAM, *arguments],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:
        first = process.stdout.readline()
        process.send_signal(signal.SIGINT)
        # communicate() would leave out what readline() has read ahead.
        rest, errors = process.stdout.read(), process.stderr.read()
    rows = json.loads(first + rest)
    assert (process.returncode, errors) == (130, b"")
    assert 1 <= len(rows) < 90
    assert all(row["protocol"]["views"] == 50 for row in rows)
