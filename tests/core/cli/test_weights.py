from __future__ import annotations

import json
import re
import socket

import pytest

from core.cli.main import main
from core.cli.progress import in_words
from core.cli.weights import fetch, mirror
from core.settings import Settings, save_settings
from core.types import DownloadProgress, in_megabytes, in_minutes
from core.weights.published import hub_folder
from tests.core.weights.fetch.conftest import CONTENT, weights_at
from tests.helpers.file_server import file_server


@pytest.fixture
def nowhere(monkeypatch):
    """All the world behind a proxy at which nobody answers."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        for name in ("http_proxy", "https_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{nobody.getsockname()[1]}")
        yield


def run(capsys, *arguments):
    status = main(["weights", *arguments])
    out, err = capsys.readouterr()
    return status, out, err


def test_list(capsys):
    hub_folder().mkdir(parents=True)
    (hub_folder() / "vgg16-397923af.pth").write_bytes(b"")
    status, out, err = run(capsys, "list", "--model", "vgg16")
    assert (status, err) == (0, "")
    assert re.search(r"IMAGENET1K_V1\* +71.6 % +138,357,544 +527.8 MB", out)
    assert "features only, no classifier" in out
    status, out, _ = run(capsys, "list", "--json", "--model", "vgg16")
    rows = json.loads(out)
    assert [(row["name"], row["downloaded"], row["classifies"], row["top1"]) for row in rows] == [
        ("IMAGENET1K_V1", True, True, 71.592), ("IMAGENET1K_FEATURES", False, False, None),
    ]  # fmt: skip
    assert len(json.loads(run(capsys, "list", "--json")[1])) > 100
    assert "came with the program" in run(capsys, "list", "--model", "compact_vgg")[1]
    assert run(capsys, "list", "--model", "nonsense")[0] == 2


def test_fetch_without_a_network(capsys, nowhere):
    status, out, err = run(capsys, "fetch", "resnet18")
    assert (status, out) == (1, "")
    assert "cannot be reached" in err
    assert "built-in model" in err


def test_fetch_of_a_wrong_file_from_a_mirror(capsys, nowhere, monkeypatch, tmp_path):
    (tmp_path / "squeezenet1_1-b8a52dc0.pth").write_bytes(bytes(4_958_716))
    monkeypatch.setenv("LAYERSCOPE_WEIGHTS_MIRROR", str(tmp_path))
    status, out, err = run(capsys, "fetch", "SqueezeNet1_1_Weights.IMAGENET1K_V1")
    assert (status, out) == (1, "")
    assert "does not begin with b8a52dc0. It was deleted." in err
    assert list(hub_folder().iterdir()) == []


@pytest.mark.parametrize("name", ["nonsense", "resnet18:V9", "X_Weights.V1", "compact_vgg"])
def test_fetch_of_what_is_not_there(capsys, name):
    status, out, err = run(capsys, "fetch", name)
    assert (status, out) == (2, "")
    assert name.partition(":")[0].partition(".")[0] in err


def test_fetch_prints_the_path_and_says_what_it_used(capsys, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with file_server(CONTENT) as server:
        weights = weights_at(server.address)
        monkeypatch.setenv("LAYERSCOPE_WEIGHTS_MIRROR", "/nowhere")
        assert fetch(weights) == 0
        out, err = capsys.readouterr()
        assert out == f"{hub_folder() / weights.filename}\n"
        assert "There is no file" in err
        assert fetch(weights) == 0
        assert "on this computer already" in capsys.readouterr().err
    assert run(capsys, "verify")[:1] == (0,)


def test_the_mirror_of_the_settings(monkeypatch):
    monkeypatch.delenv("LAYERSCOPE_WEIGHTS_MIRROR", raising=False)
    assert mirror() == ""
    save_settings(Settings(weights_mirror="/mnt/weights"))
    assert mirror() == "/mnt/weights"
    monkeypatch.setenv("LAYERSCOPE_WEIGHTS_MIRROR", "https://mirror.invalid")
    assert mirror() == "https://mirror.invalid"


def test_verify(capsys):
    assert run(capsys, "verify") == (0, f"{hub_folder()}:\n  there is nothing here\n", "")
    hub_folder().mkdir(parents=True)
    (hub_folder() / "resnet18-f37072fd.pth").write_bytes(b"half")
    status, out, err = run(capsys, "verify")
    assert status == 1
    assert "wrong       resnet18-f37072fd.pth" in out
    assert err == "layerscope: 1 of 1 files cannot be used as they are.\n"
    status, out, _ = run(capsys, "verify", "--json")
    (row,) = json.loads(out)
    assert status == 1
    assert (row["state"], row["weights"]) == ("wrong", "resnet18 IMAGENET1K_V1")


def test_words_of_progress():
    progress = DownloadProgress("receiving", 12 * 2**20, 48 * 2**20, "From there", 3.0 * 2**20, 12.0)
    assert in_words("resnet18", progress) == (
        "resnet18 [######..................] 12.0 MB of 48.0 MB, 3.0 MB/s, 12 s left"
    )
    waiting = DownloadProgress("waiting", 1, 2, "Trying again")
    assert in_words("resnet18", waiting) == "resnet18: Trying again"
    assert [in_minutes(seconds) for seconds in (8.2, 59.6, 180, 7500)] == ["8 s", "1 min", "3 min", "2 h 5 min"]
    assert [in_megabytes(size) for size in (0, 2**10, 46_830_571)] == ["0 KB", "1 KB", "44.7 MB"]
