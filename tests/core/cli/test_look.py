"""``layerscope train --look`` as a person calls it."""

import json
import shutil

from core.cli.main import main
from tests.core.training.conftest import draw


def run(capsys, *arguments):
    status = main(["train", *map(str, arguments)])
    said = capsys.readouterr()
    return status, said.out, said.err


def test_counts_and_what_to_know(capsys, tmp_path):
    draw(tmp_path, 10)
    (tmp_path / "red" / "0.png").write_bytes(b"damaged")
    status, out, err = run(capsys, tmp_path, "--look", "--val-share", "0.2")
    assert (status, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "3 categories · 24 pictures to train with, 6 to validate with (20% of each category, by seed 0)"
    assert [line.split() for line in lines[1:5]] == [
        ["category", "train", "val"], ["blue", "8", "2"], ["green", "8", "2"], ["red", "8", "2"],
    ]  # fmt: skip
    assert "! One picture cannot be read and is left out: “red/0.png”." in lines
    assert sorted(one.name for one in tmp_path.iterdir()) == ["blue", "green", "red"]


def test_json(capsys, tmp_path):
    draw(tmp_path / "train", 3)
    draw(tmp_path / "val", 2, seed=1)
    shutil.copy(tmp_path / "train" / "red" / "1.png", tmp_path / "val" / "red" / "x.png")
    status, out, _ = run(capsys, tmp_path, "--look", "--json")
    found = json.loads(out)
    assert (status, found["train"], found["val"]) == (0, 9, 7)
    (leak,) = found["duplicates"]
    assert leak == {"names": ["train/red/1.png", "val/red/x.png"], "categories": ["red"], "leaks": True, "same_file": True}
    assert [one["kind"] for one in found["remarks"]] == ["leak"]


def test_without_a_place_for_the_result(capsys, tmp_path):
    status, out, err = run(capsys, tmp_path)
    assert (status, out) == (2, "")
    assert "--output DIR" in err


def test_what_is_no_data_set_says_why(capsys, tmp_path):
    status, _, err = run(capsys, tmp_path, "--look")
    assert status == 2
    assert "no folders with pictures" in err
