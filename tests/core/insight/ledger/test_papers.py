"""What is printed, transcribed once more from the papers, and what is said beside it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.insight.ledger import vgg_paper, words
from core.insight.ledger.beside import papers
from core.insight.ledger.counting import count
from core.insight.ledger.googlenet_paper import weights_of
from core.insight.ledger.papers import Printed, billion, million
from core.types import LedgerWish
from core.zoo import catalog

TABLE_1 = """
    A     | 64     | 128     | 256 256         | 512 512         | 512 512
    A-LRN | 64 LRN | 128     | 256 256         | 512 512         | 512 512
    B     | 64 64  | 128 128 | 256 256         | 512 512         | 512 512
    C     | 64 64  | 128 128 | 256 256 1:256   | 512 512 1:512   | 512 512 1:512
    D     | 64 64  | 128 128 | 256 256 256     | 512 512 512     | 512 512 512
    E     | 64 64  | 128 128 | 256 256 256 256 | 512 512 512 512 | 512 512 512 512
"""
TABLE_2 = {"A": 133, "A-LRN": 133, "B": 133, "C": 134, "D": 138, "E": 144}
WEIGHT_LAYERS = {"A": 11, "A-LRN": 11, "B": 13, "C": 16, "D": 16, "E": 19}
ENTRIES = {"A": "vgg11", "A-LRN": "vgg11_lrn", "B": "vgg13", "C": "vgg16_1x1", "D": "vgg16", "E": "vgg19"}

GOOGLENET_OPS = {  # millions, of the "ops" column of Table 1
    "conv1": 34, "conv2 + conv3": 360, "inception3a": 128, "inception3b": 304, "inception4a": 73, "inception4b": 88,
    "inception4c": 100, "inception4d": 119, "inception4e": 170, "inception5a": 54, "inception5b": 71, "fc": 1,
}  # fmt: skip
GOOGLENET_PARAMS = {
    "conv1": "2.7K", "conv2 + conv3": "112K", "inception3a": "159K", "inception3b": "380K", "inception4a": "364K",
    "inception4b": "437K", "inception4c": "463K", "inception4d": "580K", "inception4e": "840K", "inception5a": "1072K",
    "inception5b": "1388K", "fc": "1000K",
}  # fmt: skip


def columns():
    """Each column of Table 1 as a list of the table's words."""
    for line in TABLE_1.split("\n"):
        if line.strip():
            column, *blocks = (part.strip() for part in line.split("|"))
            found = []
            for block in blocks:
                for word in block.split():
                    wide = f"conv1-{word[2:]}" if word.startswith("1:") else f"conv3-{word}"
                    found.append("LRN" if word == "LRN" else wide)
                found.append("maxpool")
            yield column, [*found, "FC-4096", "FC-4096", "FC-1000"]


@pytest.mark.parametrize(("column", "table"), list(columns()))
def test_the_vgg_paper_is_transcribed(column, table):
    paper = papers()[ENTRIES[column]]
    assert [row.word for row in paper.rows] == table
    assert paper.parameters.text == f"{TABLE_2[column]} M"
    assert paper.weight_layers.digits == WEIGHT_LAYERS[column]
    assert paper.title == f"VGG {column}"


@pytest.mark.parametrize("column", TABLE_2)
def test_every_cell_of_the_vgg_paper_is_met(column):
    network = count(LedgerWish(ENTRIES[column]))
    assert network.paper_parameters.verdict == network.paper_weight_layers.verdict == "equal"
    cells = [cell for cell in network.compared if cell is not network.paper_macs]
    assert {cell.verdict for cell in cells} == {"equal"}
    worded = [line for line in network.layers if line.word]
    assert len(cells) == 2 + 3 * len(worded)
    assert [line.paper_layer.text for line in worded] == dict(columns())[column]


def test_the_family_is_the_papers():
    assert tuple(ENTRIES.values()) == vgg_paper.FAMILY


def test_other_classes_are_different_for_a_reason():
    network = count(LedgerWish("vgg16", classes=10))
    assert network.paper_parameters.verdict == "different"
    assert network.paper_parameters.reason == "It has 10 classes, the paper's 1,000."
    different = [line for line in network.layers if any(words.layer_differences(line))]
    assert [line.name for line in different] == ["classifier.6"]
    assert words.kind(different[0]) == "FC-10 ≠ FC-1000"
    grey = count(LedgerWish("vgg16", channels=1, side=256))
    assert "It has 1 input channels" not in (reason := grey.paper_macs.reason)
    assert "1 input channel," in reason
    assert "at 256 pixels" in reason
    assert grey.paper_parameters.verdict == "equal"  # 138 million all the same
    last = [line for line in grey.layers if line.paper_shape][-1]
    assert last.paper_shape.verdict == "equal"


@pytest.mark.parametrize("name", ["vgg16_bn", "vgg16_bn_10"])
def test_batch_norm_stands_in_no_table(name):
    network = count(LedgerWish(name))
    norms = [line for line in network.layers if line.kind == "BatchNorm2d"]
    assert len(norms) == 13
    assert not any(line.paper_layer or line.paper_parameters for line in norms)
    assert any("Batch norm is younger" in note for note in network.notes)


def test_the_googlenet_paper_is_transcribed_and_its_operations_are_met():
    network = count(LedgerWish("googlenet_seed"))
    lines = {line.name: line for line in network.layers}
    printed = {name: line.paper_macs.text for name, line in lines.items() if line.paper_macs}
    assert printed == {name: f"{ops}M" for name, ops in GOOGLENET_OPS.items()}
    assert {name: line.paper_parameters.text for name, line in lines.items() if line.paper_parameters} == GOOGLENET_PARAMS
    met = {name for name, line in lines.items() if line.paper_macs and line.paper_macs.verdict == "equal"}
    assert set(GOOGLENET_OPS) - met == {"conv1", "inception4a", "inception5a"}
    assert all(line.paper_shape.verdict == "equal" for line in lines.values() if line.paper_shape)
    assert sum(GOOGLENET_OPS.values()) == 1502  # the budget of 1.5 billion


def test_the_weights_of_a_googlenet_row_are_those_of_the_network():
    """What its reasons say of the row's own widths, and of batch norm, is what the lines below add up to."""
    lines = count(LedgerWish("googlenet_seed")).layers
    for group in (line for line in lines if line.group and line.name.startswith("inception")):
        inside = [line for line in lines if line.name.startswith(f"{group.name}.")]
        convolutions = sum(line.parameters for line in inside if line.kind == "Conv2d")
        norms = sum(line.parameters for line in inside if line.kind == "BatchNorm2d")
        assert group.parameters == convolutions + norms
        if group.paper_parameters.verdict == "different":
            assert f"give {convolutions:,} weights" in group.paper_parameters.reason
            assert f"has {norms:,} numbers of batch norm" in group.paper_parameters.reason
    assert weights_of(192, (64, 96, 128, 16, 32, 32)) == 163_328


def test_torchvisions_googlenet_says_where_it_is_another_network():
    lines = count(LedgerWish("googlenet")).layers
    reasons = [line.paper_macs.reason for line in lines if line.name == "inception3a" and line.paper_macs]
    assert reasons == ["The row's own widths give 128.0M. Torchvision's 5×5 branch has 3×3 convolutions."]


def test_reasons_of_the_resnets_by_hand():
    shortcuts = 64 * 128 * 28**2 + 128 * 256 * 14**2 + 256 * 512 * 7**2
    assert papers()["resnet34"].macs.is_met_by(count(LedgerWish("resnet34")).macs - shortcuts)
    assert round(shortcuts / 1e9, 2) == 0.02
    reduction = sum(width * width // 2 * (side**2 - (side // 2) ** 2) for width, side in ((256, 56), (512, 28), (1024, 14)))
    assert round(reduction / 1e9, 2) == 0.23
    for name in ("resnet101", "resnet152"):
        assert papers()[name].macs.is_met_by(count(LedgerWish(name)).macs - reduction)
    fifty = count(LedgerWish("resnet50"))
    assert round((fifty.macs - reduction) / 1e9, 2) == 3.86
    norms = sum(line.parameters for line in fifty.layers if line.kind == "BatchNorm2d")
    assert norms == 53_120
    assert papers()["resnet50"].parameters.is_met_by(fifty.parameters - norms)
    assert [line.paper_shape.verdict for line in fifty.layers if line.paper_shape] == ["equal"] * 5


def test_reason_of_alexnet_by_hand():
    """Krizhevsky 2012: 96, 256, 384, 384, 256 filters; layers 2, 4 and 5 see half of the maps."""
    convolutions = ((11, 3, 96), (5, 48, 256), (3, 256, 384), (3, 192, 384), (3, 192, 256))
    total = sum(kernel**2 * inputs * outputs + outputs for kernel, inputs, outputs in convolutions)
    total += sum(inputs * outputs + outputs for inputs, outputs in ((256 * 6 * 6, 4096), (4096, 4096), (4096, 1000)))
    assert f"{total:,}" in count(LedgerWish("alexnet")).paper_parameters.reason


def test_reason_of_vgg16_by_hand():
    lines = count(LedgerWish("vgg16")).layers
    convolutions = sum(line.macs for line in lines if line.kind == "Conv2d")
    assert papers()["vgg16"].macs.is_met_by(convolutions)
    assert round(convolutions / 1e9, 2) == 15.35


def test_squeezenet_to_the_last_digit():
    assert count(LedgerWish("squeezenet1_0")).paper_parameters.verdict == "equal"


def test_every_paper_is_of_a_network_in_the_catalogue():
    assert set(papers()) <= set(catalog.architectures())
    for name, paper in papers().items():
        for cell in (paper.parameters, paper.macs, paper.weight_layers):
            assert cell is None or (cell.text and re.search(r"\d{4}", cell.source)), name


@given(st.integers(1, 10**12), st.sampled_from([1, 10, 1000, 1024, 10**6]))
def test_a_number_meets_its_own_rounding(number, unit):
    digits = (2 * number + unit) // (2 * unit)  # a half goes upwards
    assert Printed("", digits, unit, "").is_met_by(number)
    assert not Printed("", digits + 1, unit, "").is_met_by(number)


def test_decimals_are_the_unit():
    assert (million("25.5", "").digits, million("25.5", "").unit) == (255, 100_000)
    assert billion("0.70", "").is_met_by(704_999_999)
    assert not billion("0.70", "").is_met_by(705_000_000)
    assert billion("19", "").text == "19 G"
