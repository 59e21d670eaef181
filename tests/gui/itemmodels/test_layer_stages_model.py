from __future__ import annotations

import math
from types import MappingProxyType

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester

from core.insight.stages import Stage
from core.types import LayerInfo, LayerMeans
from gui.itemmodels.layer_rows import (
    COLUMNS,
    FIELD,
    KIND,
    MACS,
    MEAN,
    MEMORY,
    NAME,
    OFFSET,
    PARAMETERS,
    SHAPE,
    STRIDE,
    short_name,
)
from gui.itemmodels.layer_tree_model import KEY_ROLE, SEARCH_ROLE, SHARE_ROLE, LayerTreeModel
from gui.state import AppState
from tests.gui.samples import ORANGE, model

Role = Qt.ItemDataRole


def network() -> tuple[LayerInfo, ...]:
    """Two resolutions and a head; the second stage is one container with two blocks."""

    def one(name: str, kind: str, *shape: int, **more: object) -> LayerInfo:
        return LayerInfo(name, kind, (1, *shape), 1000, macs=2_000_000, activation_bytes=4 * math.prod(shape), **more)

    seen = {"receptive_field": (3, 3), "stride": (1, 1), "offset": (0.0, 0.0)}
    return (
        one("conv", "Conv2d", 8, 16, 16, **seen),
        one("relu", "ReLU", 8, 16, 16, **seen),
        one("body", "Sequential", 8, 8, 8, leaf=False),
        one("body.0", "Block", 8, 8, 8, leaf=False),
        one("body.0.conv", "Conv2d", 8, 8, 8),
        one("body.1", "Block", 8, 8, 8, leaf=False),
        one("body.1.attend", "MultiheadAttention", 64, 8),
        LayerInfo("body.1.attend#attention", "Attention", (1, 2, 64, 64), 0, heads=2),
        one("head", "Linear", 10),
    )


@pytest.fixture
def source(state: AppState) -> LayerTreeModel:
    source = LayerTreeModel(state)
    source.tester = QAbstractItemModelTester(source, QAbstractItemModelTester.FailureReportingMode.Fatal)
    state.set_model(model(found=network()))
    return source


def test_one_row_a_stage(source: LayerTreeModel) -> None:
    source.set_stages(True)
    assert source.rowCount() == source.count == 3
    names = [source.index(row, NAME).data() for row in range(3)]
    assert names == ["16×16 · conv … relu", "8×8 · body", "vector · head"]
    assert [source.index(row, NAME).data(KEY_ROLE) for row in range(3)] == ["relu", "body", "head"]
    assert source.index(1, KIND).data() == "2 × Block"
    assert source.index(0, PARAMETERS).data() == "2.0 k"
    assert source.index(0, MACS).data() == "4.0 M"
    assert source.index(0, SHAPE).data() == "8 × 16 × 16"
    assert source.headerData(NAME, Qt.Orientation.Horizontal) == "Stage"
    source.set_stages(False)
    assert source.rowCount() == 4
    assert source.headerData(NAME, Qt.Orientation.Horizontal) == "Layer"


@pytest.mark.parametrize(
    ("parts", "name"),
    [
        (("layer2",), "layer2"),
        (("features.4", "features.8"), "features.4 … 8"),
        (("encoder.layers.encoder_layer_3",), "encoder_layer_3"),
        (("conv_proj", "encoder.dropout"), "conv_proj … dropout"),
        (("features.conv0", "features.relu0"), "conv0 … relu0"),
        (("features.2.1", "features.4.0"), "features.2.1 … features.4.0"),
        (("avgpool", "fc"), "avgpool … fc"),
        (("blocks.0",), "blocks.0"),
    ],
)
def test_short_names(parts: tuple[str, ...], name: str) -> None:
    layers = tuple(LayerInfo(part, "X", (1, 3, 4, 4), 0) for part in parts)
    assert short_name(Stage(layers, (4, 4), "X", 0, 0)) == name


def test_every_layer_has_the_row_of_its_stage(source: LayerTreeModel) -> None:
    source.set_stages(True)
    rows = {layer.key: source.index_of(layer.key).row() for layer in network()}
    assert rows == {
        "conv": 0, "relu": 0, "body": 1, "body.0": 1, "body.0.conv": 1, "body.1": 1, "body.1.attend": 1,
        "body.1.attend#attention": 1, "head": 2,
    }  # fmt: skip
    assert not source.index_of("nowhere").isValid()


def test_a_container_that_was_opened_has_the_row_it_ends_in(state: AppState) -> None:
    found = (
        LayerInfo("features", "Sequential", (1, 4, 4, 4), 0, leaf=False),
        LayerInfo("features.0", "Conv2d", (1, 4, 8, 8), 0),
        LayerInfo("features.1", "MaxPool2d", (1, 4, 4, 4), 0),
    )
    state.set_model(model(found=found))
    source = LayerTreeModel(state)
    source.set_stages(True)
    assert [source.index_of(layer.key).row() for layer in found] == [1, 0, 1]


def test_attention_stands_under_its_module(source: LayerTreeModel) -> None:
    index = source.index_of("body.1.attend#attention")
    assert index.data() == "#attention"
    assert index.parent().data() == "attend"
    assert index.parent().parent().data() == "1"
    assert "Attention" in index.data(SEARCH_ROLE)


def test_numbers_are_short_and_exact_ones_in_the_tooltip(source: LayerTreeModel) -> None:
    row = source.index_of("conv").row()
    cells = {column: source.index(row, column).data() for column in (PARAMETERS, MACS, MEMORY, FIELD, STRIDE, OFFSET)}
    assert cells == {PARAMETERS: "1.0 k", MACS: "2.0 M", MEMORY: "8.2 kB", FIELD: "3 × 3", STRIDE: "1", OFFSET: "0"}
    for role in (Role.ToolTipRole, Role.AccessibleTextRole):
        words = source.index(row, MACS).data(role)
        assert "1,000 parameters" in words
        assert "2,000,000 multiply-adds" in words
        assert "8,192 bytes" in words
        assert "3 × 3 pixels" in words
    assert source.index_of("head").siblingAtColumn(FIELD).data() == "everything"
    assert all(source.headerData(column, Qt.Orientation.Horizontal, Role.ToolTipRole) for column in range(len(COLUMNS)))


def test_means_become_bars_and_words(state: AppState, source: LayerTreeModel) -> None:
    cell = source.index_of("conv").siblingAtColumn(MEAN)
    assert cell.data(SHARE_ROLE) is None
    assert "not measured yet" in cell.data(Role.AccessibleTextRole)
    means = {"conv": 2.0, "relu": 0.2, "body": math.nan, "head": 0.0}
    state.layer_means.put(LayerMeans(ORANGE, MappingProxyType(means)))
    shares = [source.index_of(key).siblingAtColumn(MEAN).data(SHARE_ROLE) for key in ("conv", "relu", "head")]
    assert shares == [1, pytest.approx(0.5), 0]
    assert math.isnan(source.index_of("body").siblingAtColumn(MEAN).data(SHARE_ROLE))
    assert "Mean |activation| 0.2;" in source.index_of("relu").siblingAtColumn(MEAN).data(Role.AccessibleTextRole)
    assert "not a number" in source.index_of("body").data(Role.ToolTipRole)
    assert "sums to 1" in source.index_of("body.1.attend#attention").siblingAtColumn(MEAN).data(Role.ToolTipRole)
    source.set_stages(True)
    assert source.index(0, MEAN).data(SHARE_ROLE) == pytest.approx(0.5), "a stage has the bar of its last layer"
    state.layer_means.put(None, "The picture is gone.")
    assert "The picture is gone." in source.index(0, MEAN).data(Role.ToolTipRole)


def test_the_search_finds_parts_of_stages(source: LayerTreeModel) -> None:
    source.set_stages(True)
    assert "conv" in source.index(0, NAME).data(SEARCH_ROLE)
    assert "ReLU" in source.index(0, NAME).data(SEARCH_ROLE)
    assert "16×16" in source.index(0, NAME).data(SEARCH_ROLE)

