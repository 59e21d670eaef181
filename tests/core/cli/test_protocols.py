"""``layerscope classify --protocol``: what is asked, what is printed, what is refused."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from core.cli import protocol_options
from core.cli.main import main
from core.cli.protocol_options import read_member
from core.errors import ModelError
from core.types import ModelSpec, WeightsSpec


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictures")
    for number, name in enumerate(("a.png", "ü 画像.png")):
        coarse = np.random.default_rng(number).integers(0, 256, (5, 7, 3), dtype=np.uint8)
        Image.fromarray(coarse).resize((120, 90), Image.Resampling.BICUBIC).save(folder / name)
    (folder / "broken.png").write_bytes(b"no picture")
    return folder


@pytest.fixture
def run(capsys):
    def run(*arguments):
        status = main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return status, out, err

    return run


def test_without_a_protocol_nothing_changes(run, folder):
    row = json.loads(run("classify", folder / "a.png", "--json")[1])[0]
    assert list(row) == ["path", "model", "weights", "top", "error", "sure"]


def test_a_folder_as_json(run, folder):
    status, out, err = run("classify", folder, "--protocol", "ten-crop", "--scales", "104", "--json", "--top", 3)
    rows = json.loads(out)
    assert (status, err) == (1, "")
    assert [row["path"] for row in rows] == [str(folder / name) for name in ("a.png", "broken.png", "ü 画像.png")]
    assert [list(row) for row in rows] == [["path", "model", "weights", "top", "error", "sure", "protocol"]] * 3
    assert rows[1]["protocol"] is None
    assert rows[1]["error"]["kind"] == "unsupported"
    assert rows[1]["top"] == []
    for row in (rows[0], rows[2]):
        protocol = row["protocol"]
        assert protocol.pop("milliseconds") > 0
        assert protocol == {
            "name": "ten-crop", "scales": [104], "flip": False, "average": "softmax", "views": 10,
            "words": "10 views at 104: softmax, then average", "fusion": [],
        }  # fmt: skip
        assert [one["rank"] for one in row["top"]] == [1, 2, 3]
    # Printed row by row, and the same array as ever.
    assert out.count("\n") == 5
    assert out.startswith("[\n{")
    assert out.endswith("}\n]\n")


def test_single_says_what_is_said_without_a_protocol(run, folder):
    plain = json.loads(run("classify", folder / "a.png", "--json")[1])[0]
    single = json.loads(run("classify", folder / "a.png", "--json", "--protocol", "single")[1])[0]
    assert {key: single[key] for key in plain} == plain


def test_votes(run, folder):
    out = run("classify", folder / "a.png", "--protocol", "multi-scale", "--scales", "128,96", "--flip", "--votes", "--json",
              "--average", "logits", "--top", 1)[1]
    row = json.loads(out)[0]
    votes = row["votes"]
    assert [(vote["scale"], vote["flipped"]) for vote in votes] == [(96, False), (96, True), (128, False), (128, True)]
    assert [list(vote) for vote in votes] == [["scale", "flipped", "box", "weight", "top"]] * 4
    assert sum(vote["weight"] for vote in votes) == pytest.approx(1)
    assert votes[0]["box"][1::2] == pytest.approx([0, 90])
    assert all(len(vote["top"]) == 1 for vote in votes)
    assert row["protocol"]["flip"] is True
    assert row["protocol"]["average"] == "logits"


def test_votes_of_a_dense_view_have_the_size_of_its_map(run, folder):
    asked = ["--protocol", "dense+multi-crop", "--scales", "128", "--flip", "--votes"]
    status, out, err = run("classify", folder / "a.png", *asked, "--json", "--top", 1)
    row = json.loads(out)[0]
    assert status == 0
    # What dense scores are near borders is said once.
    assert err.count("padded") == 1
    assert row["protocol"]["views"] == len(row["votes"]) == 52
    assert [vote.get("map") for vote in row["votes"][:3]] == [[3, 5], [3, 5], None]
    assert row["votes"][0]["box"] == pytest.approx([0, 0, 120, 90])
    assert sum(vote["weight"] for vote in row["votes"][:2]) == pytest.approx(0.5)
    assert "3×5" in run("classify", folder / "a.png", "--protocol", "dense", "--scales", "128", "--votes")[1]


def test_a_network_that_cannot_slide_is_refused_in_words(run, folder):
    status, out, err = run("classify", folder, "--protocol", "dense", "--model", "swin_t", "--weights", "random", "--json")
    assert (status, out) == (2, "")
    assert "swin_t cannot be evaluated densely" in err


def test_for_people(run, folder):
    pictures = [folder / "a.png", folder / "broken.png"]
    status, out, err = run("classify", *pictures, "--protocol", "multi-scale", "--top", 2, "--votes")
    assert status == 1
    assert "broken.png" in err
    lines = out.splitlines()
    assert lines[0] == str(folder / "a.png")
    assert "The centre at 96, 144 and 192: softmax, then average; " in lines[3]
    assert lines[3].endswith(" ms")
    assert lines[4].split()[:2] == ["Q", "mirrored"]
    assert [line.split()[0] for line in lines[5:]] == ["96", "144", "192"]


def test_fusion(run, folder):
    arguments = ["classify", folder / "a.png", "--protocol", "scale", "--json", "--top", 10]
    status, out, err = run(*arguments, "--fuse", "compact_vgg:random:4", "compact_vgg:random:5", "--fuse-weights", "2,1,1")
    row = json.loads(out)[0]
    assert status == 0
    assert err.count("random (seed 4)") == err.count("random (seed 5)") == 1
    fusion = row["protocol"]["fusion"]
    assert [(one["model"], one["weights"], one["weight"]) for one in fusion] == [
        ("compact_vgg", "builtin", 0.5), ("compact_vgg", "random:4", 0.25), ("compact_vgg", "random:5", 0.25),
    ]  # fmt: skip
    alone = json.loads(run(*arguments)[1])[0]
    assert fusion[0]["top"] == alone["top"]
    assert row["top"] != alone["top"]
    repeated = json.loads(run(*arguments, "--fuse", "compact_vgg:random:4", "--fuse", "compact_vgg:random:5",
                              "--fuse-weights", "2,1,1")[1])[0]
    assert repeated["top"] == row["top"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--protocol", "nonsense"], "invalid choice"),
        (["--scales", "64"], "--scales goes with a test protocol. Say which with --protocol: single, scale"),
        (["--flip"], "--flip goes with a test protocol"),
        (["--average", "softmax"], "--average goes with a test protocol"),
        (["--votes"], "--votes goes with a test protocol"),
        (["--fuse", "compact_vgg"], "--fuse goes with a test protocol"),
        (["--fuse-weights", "1"], "--fuse-weights goes with a test protocol"),
        (["--protocol", "scale", "--scales", "64,big"], "not “64,big”"),
        (["--protocol", "scale", "--scales", "0"], "not “0”"),
        (["--protocol", "scale", "--scales", "64,96"], "takes one Q, not 2. Choose “multi-scale”"),
        (["--protocol", "scale", "--scales", "95"], "Choose a Q of 96 or more"),
        (["--protocol", "single", "--scales", "64"], "Leave Q out"),
        (["--protocol", "ten-crop", "--flip"], "Leave the flip out"),
        (["--protocol", "scale", "--average", "median"], "invalid choice"),
        (["--protocol", "scale", "--fuse-weights", "2,1"], "--fuse-weights has 2 weights for 1 model."),
        (["--protocol", "scale", "--fuse", "compact_vgg", "--fuse-weights", "2"], "--fuse-weights has 1 weight for 2 models"),
        (["--protocol", "scale", "--fuse", "compact_vgg", "--fuse-weights", "2,0"], "numbers above 0"),
        (["--protocol", "scale", "--fuse", "compact_vgg", "--fuse-weights", "2;1"], "numbers above 0"),
        (["--protocol", "scale", "--fuse", "resnet81:random"], "names no model to fuse"),
        (["--protocol", "scale", "--fuse", "a.png"], "A picture belongs before --fuse"),
        (["--protocol", "scale", "--fuse", "resnet18"], "no weights for resnet18 on this computer"),
        (["--protocol", "scale", "--fuse", "compact_vgg:gone.pth"], "gone.pth"),
        (["--protocol", "scale", "--fuse", "squeezenet1_1:random"], "do not have the same categories: number 0 is"),
    ],
)  # fmt: skip
def test_wrong_use_is_answered_in_words_with_status_2(run, folder, arguments, words):
    status, out, err = run("classify", folder / "gone.png", folder / "a.png", "--json", *arguments)
    assert (status, out) == (2, "")
    assert words in err
    assert "Traceback" not in err


def test_a_model_to_fuse_ends_at_the_first_colon_that_makes_a_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert read_member("resnet18:random:3") == ModelSpec("resnet18", WeightsSpec("random", seed=3))
    assert read_member("vgg16:IMAGENET1K_V1") == ModelSpec("vgg16", WeightsSpec("named", name="IMAGENET1K_V1"))
    windows = "C:\\weights\\vgg16.pth"
    assert read_member(f"vgg16:{windows}") == ModelSpec("vgg16", WeightsSpec.parse(windows))
    assert read_member("compact_vgg").weights.kind == "builtin"
    with pytest.raises(ModelError):
        read_member("C:\\weights\\vgg16.pth")


def test_a_name_with_a_colon_in_it_is_tried_before_the_shorter_one(monkeypatch):
    monkeypatch.setattr(protocol_options.catalog, "architectures", lambda: ("vgg:d", "resnet18"))
    monkeypatch.setattr("core.weights.choose.choose_spec", lambda model, weights: (model, weights))
    assert read_member("vgg:d:random") == ("vgg:d", "random")


def test_an_interrupt_leaves_what_was_printed_readable(run, folder, monkeypatch):
    from core.jobs import classify

    real, calls = classify.apply_protocol, []

    def interrupted(*arguments):
        calls.append(arguments)
        if len(calls) > 1:
            raise KeyboardInterrupt
        return real(*arguments)

    monkeypatch.setattr(classify, "apply_protocol", interrupted)
    status, out, err = run("classify", folder, "--protocol", "scale", "--json")
    assert (status, err) == (130, "")
    assert [row["path"] for row in json.loads(out)] == [str(folder / "a.png")]


def test_a_folder_without_pictures(run, tmp_path):
    status, out, err = run("classify", tmp_path, "--protocol", "scale", "--json")
    assert (status, json.loads(out)) == (0, [])
    assert "no pictures" in err
