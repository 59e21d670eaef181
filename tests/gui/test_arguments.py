"""The arguments of the window."""

from __future__ import annotations

import socket

import pytest

from core.types import BUILTIN_SPEC, USUAL_WEIGHTS, ModelSpec, Protocol, WeightsSpec
from gui.arguments import parse
from gui.display import has_display
from gui.options import Options


def test_nothing_asked_for_is_what_the_last_session_had():
    assert parse([]) == Options()


@pytest.mark.parametrize(
    ("arguments", "spec"),
    [
        (["--model", "vgg16"], ModelSpec("vgg16", USUAL_WEIGHTS)),
        (["--model", "compact_vgg"], BUILTIN_SPEC),
        (["--weights", "random:7"], ModelSpec("compact_vgg", WeightsSpec("random", seed=7))),
        (["--classes", "4"], ModelSpec("compact_vgg", WeightsSpec("random"), classes=4)),
        (["--model", "vgg16", "--channels", "1"], ModelSpec("vgg16", WeightsSpec("random"), channels=1)),
        (["--model", "nin", "--weights", "random:3", "--classes", "2"], ModelSpec("nin", WeightsSpec("random", 3), classes=2)),
        (["--model", "vgg16", "--weights", "IMAGENET1K_V1"], ModelSpec("vgg16", WeightsSpec("named", name="IMAGENET1K_V1"))),
    ],
)
def test_model_and_weights(arguments, spec):
    assert parse(arguments).spec == spec


def test_a_weights_file_without_a_model_looks_for_the_one_it_fits(tmp_path):
    spec = parse(["--weights", str(tmp_path / "x.pth")]).spec
    assert spec == ModelSpec("", WeightsSpec("file", path=tmp_path / "x.pth"))


def test_paths_come_as_typed_and_as_a_desktop_gives_them(tmp_path):
    assert parse([str(tmp_path / "a b.jpg"), "file:///tmp/a%20b.jpg"]).paths[1].name == "a b.jpg"


@pytest.mark.parametrize("arguments", [
    ["--model", "nope"], ["--weights", "IMAGENET1K_V1"], ["--size", "10x10"], ["--what"], ["--channels", "2"],
    ["--classes", "0"], ["--weights", "builtin", "--classes", "4"],
])
def test_wrong_use_is_status_2(arguments, capsys):
    assert parse(arguments) == 2
    assert "error" in capsys.readouterr().err


def test_a_screenshot_leaves_the_session_alone(tmp_path):
    options = parse(["--screenshot", str(tmp_path / "a.png")])
    assert not options.restore


def test_a_display_is_there_only_if_somebody_listens(monkeypatch, tmp_path):
    for name in ("QT_QPA_PLATFORM", "WAYLAND_DISPLAY", "DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    assert not has_display()
    number = next(number for number in range(4000, 5000) if not (tmp_path / f"X{number}").exists())
    monkeypatch.setenv("DISPLAY", f":{number}")
    assert not has_display()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(f"\0/tmp/.X11-unix/X{number}")
        server.listen()
        assert has_display()


def test_code_is_run_only_where_the_flag_says_so(tmp_path, capsys):
    path = tmp_path / "net.py"
    assert parse(["--model", str(path)]) == 2
    assert "--run-code" in capsys.readouterr().err
    assert parse(["--model", "vgg16", "--run-code"]) == 2
    assert parse(["--run-code"]) == 2
    assert parse(["--model", str(path), "--run-code"]).spec == ModelSpec.of_code(path)
    file = tmp_path / "w.pth"
    spec = parse(["--model", str(path), "--run-code", "--weights", str(file)]).spec
    assert spec == ModelSpec.of_code(path, WeightsSpec("file", path=file))


@pytest.mark.parametrize(
    ("arguments", "protocol"),
    [
        (["--protocol", "dense", "--scales", "384"], Protocol("dense", (384,))),
        (["--protocol", "multi-crop", "--scales", "512, 256,512"], Protocol("multi-crop", (256, 512))),
        (["--protocol", "single", "--flip"], Protocol("single", flip=True)),
        (["--protocol", "dense", "--average", "logits"], Protocol("dense", average="logits")),
    ],
)
def test_a_protocol_shows_its_panel(arguments, protocol):
    options = parse(arguments)
    assert options.protocol == protocol
    assert options.panel == "protocols"
    assert parse([*arguments, "--panel", "why"]).panel == "why"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--scales", "384"], "go with --protocol"), (["--flip"], "go with --protocol"),
        (["--protocol", "single", "--scales", "384"], "takes no --scales"),
        (["--protocol", "scale", "--scales", "256,384"], "takes one scale"),
        (["--protocol", "ten-crop", "--flip"], "takes no --flip"), (["--protocol", "dense", "--scales", "0"], "are no scales"),
        (["--protocol", "dense", "--scales", "2x"], "are no scales"), (["--protocol", "eleven-crop"], "invalid choice"),
    ],
)  # fmt: skip
def test_protocols_that_cannot_be_meant(arguments, words, capsys):
    assert parse(arguments) == 2
    assert words in capsys.readouterr().err
