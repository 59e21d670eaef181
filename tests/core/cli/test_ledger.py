"""``layerscope ledger`` as a person calls it."""

import csv
import json

import pytest

from core.cli.main import main
from core.insight.ledger.vgg_paper import FAMILY


def run(capsys, *arguments):
    status = main(["ledger", *arguments])
    said = capsys.readouterr()
    return status, said.out, said.err


def test_the_vgg_family_is_what_one_gets(capsys):
    status, out, err = run(capsys)
    assert (status, err) == (0, "")
    assert [line.split()[0] for line in out.splitlines()[3:9]] == list(FAMILY)
    assert "133,638,952  = 134 M" in out


def test_json(capsys):
    status, out, err = run(capsys, "vgg11", "alexnet", "--json")
    assert (status, err) == (0, "")
    first, second = json.loads(out)
    assert (first["parameters"], first["parameters_verdict"]) == (132_863_336, "equal")
    assert second["parameters_verdict"] == "different"
    assert "60,965,224" in second["parameters_reason"]
    assert json.loads(run(capsys, "vgg11", "--json", "--layers")[1])[0]["layers"][0]["word"] == "conv3-64"


def test_classes(capsys):
    _, out, _ = run(capsys, "vgg16", "--classes", "10", "--json")
    (made,) = json.loads(out)
    assert (made["classes"], made["parameters"]) == (10, 134_301_514)
    assert made["parameters_reason"] == "It has 10 classes, the paper's 1,000."


@pytest.mark.parametrize(
    ("name", "begins"),
    [("a.csv", "network,paper"), ("a.md", "### Networks"), ("a.tex", "% Networks"), ("a.txt", "Networks"), ("a.json", "[")],
)
def test_the_ending_says_the_format(capsys, tmp_path, name, begins):
    target = tmp_path / name
    target.write_text("old")
    status, out, err = run(capsys, "nin", "--output", str(target))
    assert (status, out) == (0, "")
    assert "was written" in err
    assert target.read_text(encoding="utf-8").startswith(begins)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_the_format_that_is_asked_for_counts(capsys, tmp_path):
    target = tmp_path / "ledger.data"
    assert run(capsys, "nin", "vgg11", "--layers", "--format", "csv", "--output", str(target))[0] == 0
    rows = list(csv.DictReader(target.read_text(encoding="utf-8").splitlines()))
    assert {row["network"] for row in rows} == {"nin", "vgg11"}


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (["vgg61"], 2, "Did you mean"),
        (["nin", "--output", "x.doc"], 2, "does not say which format is meant"),
        (["nin", "--json", "--format", "csv"], 2, "two formats"),
        (["nin", "--classes", "0"], 2, "whole number from 1"),
        (["nin", "--output", "no/such/folder/x.csv"], 1, "could not be written"),
    ],
)
def test_wrong_use_is_told(capsys, arguments, status, sentence):
    found, out, err = run(capsys, *arguments)
    assert (found, out) == (status, "")
    assert sentence in err
    assert "Traceback" not in err
