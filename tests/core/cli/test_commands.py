import json
import shutil

import numpy as np
import pytest
from PIL import Image

from core.cli.main import main, parser
from core.cli.names import COMMANDS
from core.weights import builtin
from core.zoo import catalog
from core.zoo.compact_vgg import compact_vgg

SIDE = builtin.card().preprocessing.crop


@pytest.fixture
def folder(tmp_path):
    for number, name in enumerate(("b 10.png", "b 2.png", "deep/ü 画像.png")):
        path = tmp_path / "pictures" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.random.default_rng(number).integers(0, 256, (80, 100, 3), dtype=np.uint8)).save(path)
    (tmp_path / "pictures" / "broken.png").write_bytes(b"no picture")
    return tmp_path / "pictures"


@pytest.fixture
def run(capsys):
    def run(*arguments):
        status = main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return status, out, err

    return run


def test_classify_as_json(run, folder, monkeypatch):
    monkeypatch.chdir(folder.parent)
    status, out, err = run("classify", "pictures/b 2.png", "gone.jpg", "pictures", "--recursive", "--json", "--top", 3)
    rows = json.loads(out)
    assert status == 1
    assert err == ""
    assert [row["path"] for row in rows] == [
        "pictures/b 2.png", "gone.jpg",
        "pictures/b 2.png", "pictures/b 10.png", "pictures/broken.png", "pictures/deep/ü 画像.png",
    ]
    assert all(list(row) == ["path", "model", "weights", "top", "error", "sure"] for row in rows)
    assert all((row["model"], row["weights"]) == ("compact_vgg", "builtin") for row in rows)
    assert [row["error"] and row["error"]["kind"] for row in rows] == [
        None, "missing", None, None, rows[4]["error"]["kind"], None,
    ]
    assert rows[1]["top"] == rows[4]["top"] == []
    assert rows[1]["sure"] is rows[4]["sure"] is None
    assert rows[0]["sure"] == (rows[0]["top"][0]["probability"] >= builtin.card().not_sure_below)
    assert "broken.png" in rows[4]["error"]["message"]
    top = rows[0]["top"]
    assert [list(one) for one in top] == [["rank", "index", "category", "probability"]] * 3
    assert [one["rank"] for one in top] == [1, 2, 3]
    assert all(0 < one["probability"] < 1 for one in top)
    assert rows[2]["top"] == top


def test_classify_for_people(run, folder):
    status, out, err = run("classify", folder / "b 2.png", folder / "broken.png", folder / "b 10.png", "--top", 1)
    assert status == 1
    lines = out.splitlines()
    assert lines[0] == str(folder / "b 2.png")
    assert lines[1].split()[0] == "1"
    assert "%" in lines[1]
    assert len(lines) == 4
    assert "broken.png" in err
    assert err.startswith("layerscope: ")
    assert "Traceback" not in err


def test_folders_without_pictures(run, folder, tmp_path):
    (tmp_path / "empty").mkdir()
    status, out, err = run("classify", tmp_path / "empty", "--json")
    assert (status, json.loads(out)) == (0, [])
    assert "no pictures" in err
    assert "--recursive" in err


def test_layers(run, folder):
    status, out, err = run("layers", "--json")
    rows = json.loads(out)
    assert (status, err) == (0, "")
    assert rows[0] == {
        "name": "features.0", "kind": "Conv2d", "output_shape": [1, 32, SIDE, SIDE], "parameters": 864, "call": 1,
        "macs": 864 * SIDE**2, "receptive_field": [3, 3], "stride": [1, 1], "activation_bytes": 4 * 32 * SIDE**2,
    }
    assert sum(row["parameters"] for row in rows) == sum(one.numel() for one in compact_vgg().parameters())
    everything = json.loads(run("layers", "--json", "--all")[1])
    assert everything[0]["name"] == "features"
    assert [row for row in everything if row["name"] not in {"features"}] == rows
    assert json.loads(run("layers", folder / "b 2.png", "--json")[1]) == rows
    table = run("layers")[1].splitlines()
    assert " ".join(table[0].split()) == "layer kind output parameters MACs receptive field stride activation bytes"
    assert table[1].split()[-5:] == ["864", f"{864 * SIDE**2:,}", "3×3", "1×1", f"{128 * SIDE**2:,}"]
    assert table[-1].split()[-3:-1] == ["–", "–"]
    assert len(table) == len(rows) + 1
    status, out, err = run("layers", folder / "broken.png")
    assert (status, out) == (1, "")
    assert "broken.png" in err


def test_any_number_of_classes_and_channels_with_random_weights(run):
    status, out, err = run("layers", "--model", "nin", "--classes", "4", "--channels", "1", "--json")
    rows = json.loads(out)
    assert (status, rows[0]["parameters"], rows[-1]["output_shape"]) == (0, 5 * 5 * 1 * 192 + 192, [1, 4])
    assert "random (seed 0)" in err
    rows = json.loads(run("layers", "--model", "resnet18", "--weights", "random:2", "--classes", "3", "--json")[1])
    assert rows[-1]["output_shape"] == [1, 3]


def test_models(run):
    status, out, err = run("models", "--json")
    rows = json.loads(out)
    assert (status, err) == (0, "")
    assert tuple(row["name"] for row in rows) == catalog.architectures()
    assert rows[0] == {
        "name": "compact_vgg", "family": "Layerscope", "weights": ["builtin"], "parameters": rows[0]["parameters"],
    }
    by_name = {row["name"]: row for row in rows}
    assert by_name["resnet50"]["weights"] == ["IMAGENET1K_V1", "IMAGENET1K_V2"]
    assert by_name["alexnet"]["parameters"] == 61_100_840
    assert by_name["nin"] == {"name": "nin", "family": "Seed documents", "weights": [], "parameters": 966_986}
    assert next(line for line in run("models")[1].splitlines() if line.startswith("nin ")).endswith("none published")
    assert "resnet50" in run("models")[1]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["classify"], "PATH"),
        (["nonsense"], "invalid choice"),
        ([], "COMMAND"),
        (["classify", "x.png", "--top", "0"], "from 1 to 10"),
        (["classify", "x.png", "--top", "11"], "from 1 to 10"),
        (["classify", "x.png", "--top", "two"], "from 1 to 10"),
        (["classify", "x.png", "--model", "resnet81"], "no architecture called “resnet81”"),
        (["classify", "x.png", "--model", "resnet18"], "--weights random"),
        (["classify", "x.png", "--model", "nin"], "Nobody publishes weights for nin"),
        (["classify", "x.png", "--model", "nin", "--classes", "0"], "from 1 to 1,000,000"),
        (["layers", "--model", "resnet18", "--channels", "1"], "resnet18 looks at pictures of 3 channels"),
        (["layers", "--model", "resnet18", "--channels", "2"], "invalid choice"),
        (["layers", "--classes", "4", "--weights", "builtin"], "--classes and --channels are for random weights"),
        (["classify", "x.png", "--model", "resnet18", "--weights", "builtin"], "no built-in weights"),
        (["classify", "x.png", "--model", "resnet18", "--weights", "IMAGENET1K_V1"], "resnet18-f37072fd.pth"),
        (["classify", "x.png", "--model", "resnet18", "--weights", "V7"], "no weights called “V7”"),
        (["classify", "x.png", "--weights", "gone.pth"], "gone.pth"),
        (["classify", "x.png", "--device", "cuda:77"], "no device “cuda:77”"),
        (["layers", "--model", "nonsense", "--weights", "random"], "no architecture"),
        (["models", "--jsn"], "unrecognized"),
    ],
)
def test_wrong_use_is_answered_in_words_with_status_2(run, arguments, words):
    status, out, err = run(*arguments)
    assert (status, out) == (2, "")
    assert words in err
    assert "Traceback" not in err


def test_help(run):
    for arguments in (["--help"], *([command, "--help"] for command in COMMANDS)):
        status, out, err = run(*arguments)
        assert (status, err) == (0, "")
        assert "usage: layerscope" in out


def test_every_command_of_the_grammar_is_one_that_opens_no_window():
    listed = next(one.choices for one in parser()._actions if one.dest == "command")
    assert set(COMMANDS) == set(listed)


def test_interrupts_and_surprises_leave_no_traceback(run, monkeypatch):
    monkeypatch.setattr("core.cli.models.run", raising(KeyboardInterrupt()))
    assert run("models") == (130, "", "")
    monkeypatch.setattr("core.cli.models.run", raising(ZeroDivisionError("division by zero")))
    status, out, err = run("models")
    assert (status, out) == (1, "")
    assert err.count("\n") == 1
    assert "ZeroDivisionError" in err


def raising(error):
    def run(options):
        raise error

    return run


def test_originals_are_left_alone(run, folder, tmp_path):
    copy = shutil.copytree(folder, tmp_path / "copy")
    run("classify", folder, "--recursive", "--json")
    for path in copy.rglob("*.png"):
        assert path.read_bytes() == (folder / path.relative_to(copy)).read_bytes()
