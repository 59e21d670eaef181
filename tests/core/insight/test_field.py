"""The receptive field of a unit, placed on the picture and clipped at its border, against the support of the gradient."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from core.inference.measure import measure_layers
from core.insight.field import field_box, units_seeing
from core.types import LayerInfo, NetworkInput, Preprocessing

HOW = Preprocessing(20, 20, "bilinear", (0.0,) * 3, (1.0,) * 3, "test")


def seen(side: int = 20, box: tuple[float, float, float, float] = (0, 0, 20, 20)) -> NetworkInput:
    return NetworkInput(np.zeros((side, side, 3), np.uint8), box, HOW)


def support(network: nn.Module, row: int, column: int, side: int) -> tuple[float, float, float, float]:
    """Where the gradient of one unit is not zero: left, top, right, bottom."""
    picture = torch.rand(1, 3, side, side, dtype=torch.float64, requires_grad=True)
    network.double()(picture)[0, :, row, column].sum().backward()
    assert picture.grad is not None
    touched = picture.grad[0].abs().sum(0) > 0
    rows, columns = touched.any(1).nonzero().flatten(), touched.any(0).nonzero().flatten()
    return float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1)


@pytest.mark.parametrize("unit", [(0, 0), (0, 3), (2, 1), (4, 4)])
def test_field_of_a_unit_is_the_support_of_its_gradient(unit):
    torch.manual_seed(0)
    network = nn.Sequential(
        nn.Conv2d(3, 4, 3, padding=1), nn.AvgPool2d(2), nn.Conv2d(4, 4, 3, stride=2, padding=1)
    )
    for parameter in network.parameters():
        parameter.data.abs_()
    with torch.inference_mode():
        layers, _ = measure_layers(network, torch.zeros(1, 3, 20, 20))
    last = next(layer for layer in layers if layer.name == "2")
    assert field_box(last, *unit, seen()) == support(network, *unit, 20)


def test_field_is_placed_on_the_picture_through_the_crop():
    layer = LayerInfo("conv", "Conv2d", (1, 8, 20, 20), 0, receptive_field=(3, 3), stride=(1, 1), offset=(0.0, 0.0))
    assert field_box(layer, 5, 10, seen(box=(100, 50, 140, 90))) == (118, 58, 124, 64)


def test_unit_that_sees_everything_has_the_whole_crop():
    layer = LayerInfo("attention", "MultiheadAttention", (1, 8, 7, 7), 0)
    assert field_box(layer, 3, 3, seen(box=(10, 20, 30, 40))) == (10, 20, 30, 40)


def test_field_in_the_padding_alone_is_none():
    layer = LayerInfo("conv", "Conv2d", (1, 8, 20, 20), 0, receptive_field=(1, 1), stride=(1, 1), offset=(-2.0, -2.0))
    assert field_box(layer, 0, 0, seen()) is None


def sees(layer: LayerInfo, rows: int, columns: int, point: tuple[float, float], where: NetworkInput) -> list[tuple[int, int]]:
    """By brute force: every unit whose field covers the point, its right and lower edge left out."""
    found = []
    for row in range(rows):
        for column in range(columns):
            box = field_box(layer, row, column, where)
            if box is not None and box[0] <= point[0] < box[2] and box[1] <= point[1] < box[3]:
                found.append((row, column))
    return found


def block(units: tuple[int, int, int, int] | None) -> list[tuple[int, int]]:
    if units is None:
        return []
    top, left, bottom, right = units
    return [(row, column) for row in range(top, bottom) for column in range(left, right)]


halves = st.integers(-12, 12).map(lambda value: value / 2)
pairs = st.tuples(st.integers(1, 24), st.integers(1, 24))
boxes = st.tuples(st.floats(-50, 50), st.floats(-50, 50), st.floats(1, 300), st.floats(1, 300)).map(
    lambda found: (found[0], found[1], found[0] + found[2], found[1] + found[3])
)


@given(pairs, pairs, st.tuples(halves, halves), st.tuples(st.integers(1, 9), st.integers(1, 9)), st.integers(1, 30), boxes,
       st.floats(-0.2, 1.2), st.floats(-0.2, 1.2), st.booleans())  # fmt: skip
def test_units_that_see_a_point_are_those_whose_field_covers_it(
    field, stride, offset, size, side, box, across, down, everywhere
):
    layer = LayerInfo("conv", "Conv2d", (1, 8, *size), 0, receptive_field=field, stride=stride, offset=offset)
    if everywhere:
        layer = LayerInfo("attention", "MultiheadAttention", (1, 8, *size), 0)
    where = seen(side, box)
    point = (box[0] + across * (box[2] - box[0]), box[1] + down * (box[3] - box[1]))
    assert block(units_seeing(layer, *size, point, where)) == sees(layer, *size, point, where)


@given(st.integers(0, 4), st.integers(0, 4), st.sampled_from([0, 1, 2, 3]))
def test_the_edges_of_a_field_are_told_apart_to_the_last_bit(row, column, corner):
    layer = LayerInfo("conv", "Conv2d", (1, 8, 5, 5), 0, receptive_field=(7, 5), stride=(4, 4), offset=(1.5, 1.0))
    where = seen(20, (0.1, 0.7, 33.4, 57.9))
    box = field_box(layer, row, column, where)
    assert box is not None
    for x in (box[2 * (corner % 2)], np.nextafter(box[2 * (corner % 2)], -1e9)):
        point = (float(x), float(box[1 + 2 * (corner // 2)]))
        assert block(units_seeing(layer, 5, 5, point, where)) == sees(layer, 5, 5, point, where)


def test_a_point_beside_the_crop_is_seen_by_nobody():
    layer = LayerInfo("attention", "MultiheadAttention", (1, 8, 7, 7), 0)
    where = seen(box=(10, 20, 30, 40))
    assert units_seeing(layer, 7, 7, (9.9, 30), where) is None
    assert units_seeing(layer, 7, 7, (10, 20), where) == (0, 0, 7, 7)


def test_the_units_that_see_a_point_are_those_that_a_change_there_reaches():
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.AvgPool2d(2), nn.Conv2d(4, 4, 3, stride=2, padding=1))
    for parameter in network.parameters():
        parameter.data.abs_()
    with torch.inference_mode():
        layers, output = measure_layers(network, torch.zeros(1, 3, 20, 20))
        last = next(layer for layer in layers if layer.name == "2")
        for x, y in ((0, 0), (7, 12), (19, 3)):
            picture = torch.zeros(1, 3, 20, 20)
            picture[:, :, y, x] = 1
            reached = (network(picture) - output)[0].abs().sum(0) > 0
            units = units_seeing(last, 5, 5, (x + 0.5, y + 0.5), seen())
            assert block(units) == [(int(row), int(column)) for row, column in reached.nonzero()]
