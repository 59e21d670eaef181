"""The same ledger in every format: nothing lost, nothing that breaks the format."""

import csv
import io
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.insight.ledger import formats, words
from core.insight.ledger.counting import count
from core.insight.ledger.formats import as_object, comma_separated, escape_latex, latex, markdown, text
from core.insight.ledger.sheets import sheets
from core.insight.ledger.vgg_paper import FAMILY
from core.types import Beside, LedgerLayer, LedgerNetwork, LedgerWish

NASTY = r"a_b|c & 50% #1 {x} ~^ $ \ <b> *é*"


@pytest.fixture(scope="module")
def family():
    return [count(LedgerWish(name)) for name in FAMILY]


@pytest.fixture(scope="module")
def mixed():
    return [count(LedgerWish(name)) for name in ("googlenet_seed", "vgg16_1x1", "nin", "vit_b_16")]


@pytest.fixture
def nasty():
    beside = Beside("1 M", NASTY, "different", NASTY)
    line = LedgerLayer(NASTY, NASTY, parameters=3, macs=None, paper_parameters=beside)
    return LedgerNetwork(NASTY, 1, (3, 8, 8), (1,), 0, 3, None, None, (line,), NASTY, None, beside, None, (NASTY,))


def test_text_fits_a_terminal(family, mixed):
    for networks in (family, mixed):
        lines = text(networks, layers=True).splitlines()
        assert max(len(line) for line in lines) <= formats.WIDTH
    first = text(family).splitlines()
    assert first[0] == "Networks for 1,000 classes"
    assert re.search(r"^vgg16 +VGG D +3×224×224 +212 +16 += +138,357,544 += 138 M +15.5 G +≠ 15.3 G$", "\n".join(first), re.M)


@pytest.mark.slow
def test_every_network_fits_a_terminal():
    from core.zoo import catalog

    for name in catalog.architectures():
        assert max(map(len, text([count(LedgerWish(name))], layers=True).splitlines())) <= formats.WIDTH, name


def test_columns_are_aligned(mixed):
    lines = text(mixed).splitlines()
    places = {line.index("3×") for line in lines if "3×" in line and line.startswith(("goo", "vgg", "nin", "vit"))}
    assert len(places) == 1
    assert "classes" in lines[2]  # they differ, so they have a column


def test_csv_says_every_digit(family):
    rows = list(csv.DictReader(io.StringIO(comma_separated(family))))
    assert [row["network"] for row in rows] == list(FAMILY)
    assert [int(row["parameters"]) for row in rows] == [network.parameters for network in family]
    assert {row["parameters_verdict"] for row in rows} == {"equal"}
    assert rows[4]["macs_reason"].startswith("15.3 G are its convolutions alone")
    assert rows[0]["macs_paper"] == rows[0]["macs_verdict"] == ""
    assert rows[0]["input_shape"] == "3x224x224"


def test_csv_of_layers_adds_up(mixed):
    rows = list(csv.DictReader(io.StringIO(comma_separated(mixed, layers=True))))
    for network in mixed:
        own = [row for row in rows if row["network"] == network.name and row["group"] == "false"]
        assert sum(int(row["parameters"]) for row in own) == network.parameters
        assert sum(int(row["macs"]) for row in own) == network.macs


def test_markdown_tables_are_whole(mixed, nasty):
    for content in (markdown(mixed, layers=True), markdown([nasty], layers=True)):
        tables = re.findall(r"(?:^\|.*\|$\n?)+", content, re.M)
        assert len(tables) == len(re.findall(r"^### ", content, re.M))
        for table in tables:
            columns = {len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}
            assert len(columns) == 1
    assert r"a\_b\|c" in markdown([nasty])


def check_latex(content):
    """What can be told without LaTeX: environments, columns, braces and nothing that has another meaning."""
    tables = re.findall(r"\\begin\{tabular\}\{([lr]+)\}\n(.*?)\\end\{tabular\}", content, re.S)
    assert len(tables) == content.count(r"\begin{tabular}") == content.count(r"\end{tabular}") > 0
    for columns, body in tables:
        for row in body.splitlines():
            if row != r"\hline":
                assert row.endswith(r" \\")
                assert len(re.findall(r"(?<!\\)&", row)) == len(columns) - 1
    assert content.isascii()
    bare = re.sub(r"\\[&%$#_{}]", "", content)
    assert bare.count("{") == bare.count("}")
    assert bare.count("$") % 2 == 0
    written = [line for line in bare.splitlines() if not line.startswith("%")]
    assert not [line for line in written if re.search(r"[%#~^]", line)]
    outside = re.sub(r"\$\\(?:times|neq)\$", "", "\n".join(written))
    assert set(re.findall(r"\\[a-z]+", outside)) <= {
        r"\begin", r"\end", r"\hline", r"\par", r"\quad", r"\textbackslash", r"\textasciitilde", r"\textasciicircum", r"\dots",
    }  # fmt: skip


def test_latex_has_the_structure_of_a_table(family, mixed, nasty):
    for networks in (family, mixed, [nasty]):
        check_latex(latex(networks, layers=True))
    assert r"vgg16\_1x1" in latex(family)
    assert r"3$\times$224$\times$224" in latex(family)


@given(st.text(max_size=40))
def test_any_name_can_be_put_into_latex(name):
    escaped = escape_latex(name.replace("\n", " ").replace("\r", " "))
    assert escaped.isascii()
    bare = re.sub(r"\\[&%$#_{}]", "", escaped)
    assert not re.search(r"[&%#_~^]", bare)
    assert bare.count("{") == bare.count("}")


def test_json_survives(mixed):
    made = json.loads(json.dumps([as_object(network, layers=True) for network in mixed], allow_nan=False))
    assert made[0]["layers"][0] | {"layer": "conv1", "parameters_paper": "2.7K"} == made[0]["layers"][0]
    assert made[1]["output_shape"] == [1000]
    assert "layers" not in as_object(mixed[0])


def test_all_formats_say_the_same_of_every_row(family):
    for sheet in sheets(family, layers=True):
        for row in sheet.rows:
            assert len(row) == len(sheet.header)


@pytest.mark.parametrize(
    ("number", "said"),
    [(None, "–"), (0, "0"), (999, "999"), (1234, "1.23 k"), (15_470_264_320, "15.5 G"), (963_400_000, "963 M"),
     (10**9, "1.00 G")],
)
def test_short_numbers(number, said):
    assert words.short(number) == said


def test_words_of_comparisons():
    assert words.verdict(None) == words.verdict(Beside("conv2_x", "x", "")) == ""
    assert words.verdict(Beside("3 M", "T 2015", "equal")) == "Equal to 3 M of T 2015."
    assert words.verdict(Beside("3 M", "T 2015", "different")).endswith("No reason is known here.")
    assert words.printed("12", Beside("13", "", "different")) == "≠ 13"
    assert words.with_mark("12", None) == "12"
    assert words.field((7, 9)) == "7×9"
