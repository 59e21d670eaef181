"""Where maps lie on the picture, and which units see a point, against the gradients of real networks."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from core.inference.measure import measure_layers
from core.insight.field import field_box, units_seeing
from core.insight.placement import map_box
from core.types import LayerInfo, NetworkInput, Preprocessing

HOW = Preprocessing(20, 20, "bilinear", (0.0,) * 3, (1.0,) * 3, "test")


def seen(side=20, box=(0, 0, 20, 20)):
    return NetworkInput(np.zeros((side, side, 3), np.uint8), box, HOW)


def measured(network, side):
    with torch.inference_mode():
        return measure_layers(network.eval(), torch.zeros(1, 3, side, side))[0]


convolutions = st.lists(
    st.tuples(st.integers(1, 5), st.integers(1, 2), st.integers(0, 2), st.integers(1, 2)), min_size=1, max_size=3
).map(lambda found: [(kernel, stride, min(padding, kernel // 2), dilation) for kernel, stride, padding, dilation in found])


@settings(max_examples=40, deadline=None)
@given(convolutions, st.integers(0, 31), st.integers(0, 31))
def test_units_that_see_a_point_are_those_with_a_gradient_there(stack, x, y):
    """Positive weights, so that nothing of a field is lost: the support of the gradient is the whole field."""
    side = 32
    parts, channels = [], 3
    for kernel, stride, padding, dilation in stack:
        parts.append(nn.Conv2d(channels, 1, kernel, stride, padding, dilation, bias=False))
        channels = 1
    network = nn.Sequential(*parts).double()
    for parameter in network.parameters():
        parameter.data.fill_(1.0)
    try:
        layer = measured(network.float(), side)[-1]
    except RuntimeError:
        return  # the kernels are larger than what is left
    pixels = torch.zeros(1, 3, side, side)
    pixels[0, :, y, x] = 1.0
    with torch.inference_mode():
        lit = network(pixels)[0, 0] > 0
    found = units_seeing(layer, (x + 0.5, y + 0.5), seen(side, (0, 0, side, side)))
    if not lit.any():
        # A dilated or long step may leave the pixel out, although it lies inside of what a unit spans.
        assert found is None or any(part[1] > 1 or part[3] > 1 for part in stack)
        return
    rows, columns = lit.any(1).nonzero().flatten(), lit.any(0).nonzero().flatten()
    assert found[0] <= rows[0]
    assert found[1] <= columns[0]
    assert found[2] >= rows[-1]
    assert found[3] >= columns[-1]
    if all(part[3] == 1 and part[1] <= part[0] for part in stack):
        assert found == (rows[0], columns[0], rows[-1], columns[-1])


@settings(max_examples=100, deadline=None)
@given(
    st.tuples(st.integers(1, 40), st.integers(1, 40)), st.tuples(st.integers(1, 8), st.integers(1, 8)),
    st.tuples(st.integers(-8, 8), st.integers(-8, 8)), st.floats(0, 299.9), st.floats(0, 199.9),
)  # fmt: skip
def test_units_seeing_is_the_inverse_of_field_box(field, stride, low, x, y):
    offset = tuple(first + (size - 1) / 2 for first, size in zip(low, field, strict=True))
    layer = LayerInfo("c", "Conv2d", (1, 512, 6, 7), 0, receptive_field=field, stride=stride, offset=offset)
    inputs = seen(40, (40.0, 20.0, 240.0, 180.0))
    inside = []
    for row in range(6):
        for column in range(7):
            box = field_box(layer, row, column, inputs)
            if box is not None and box[0] <= x < box[2] and box[1] <= y < box[3]:
                inside.append((row, column))
    found = units_seeing(layer, (x, y), inputs)
    if not inside:
        assert found is None
        return
    rows, columns = [row for row, _ in inside], [column for _, column in inside]
    assert found == (min(rows), min(columns), max(rows), max(columns))


@pytest.mark.parametrize(
    ("shape", "facts", "expected"),
    [
        ((1, 197, 768), {}, (0, 0, 13, 13)),
        ((1, 49, 768), {}, (0, 0, 6, 6)),
        ((1, 7, 7, 96), {}, (0, 0, 6, 6)),
        ((1, 96, 7, 7), {}, (0, 0, 6, 6)),
        ((1, 10), {}, (0, 0, 0, 0)),
        ((1, 5, 5, 96), {"receptive_field": (4, 4), "stride": (4, 4), "offset": (1.5, 1.5)}, (2, 1, 2, 1)),
        ((1, 96, 5, 5), {"receptive_field": (4, 4), "stride": (4, 4), "offset": (1.5, 1.5)}, (2, 1, 2, 1)),
    ],
)
def test_layouts(shape, facts, expected):
    assert units_seeing(LayerInfo("x", "X", shape, 0, **facts), (5.5, 10.0), seen()) == expected


def test_beside_the_crop_nothing_sees():
    layer = LayerInfo("c", "Conv2d", (1, 8, 20, 20), 0, receptive_field=(3, 3), stride=(1, 1), offset=(0.0, 0.0))
    inputs = seen(box=(100, 50, 140, 90))
    assert units_seeing(layer, (99.9, 60), inputs) is None
    assert units_seeing(layer, (140, 60), inputs) is None
    assert units_seeing(layer, (100, 50), inputs) == (0, 0, 1, 1)


@pytest.mark.parametrize(
    ("network", "side", "expected"),
    [
        (nn.Sequential(nn.Conv2d(3, 4, 3, padding=1)), 20, (0, 0, 20, 20)),
        (nn.Sequential(nn.Conv2d(3, 4, 3)), 20, (1, 1, 19, 19)),
        (nn.Sequential(nn.Conv2d(3, 4, 5, padding=4)), 20, (-2, -2, 22, 22)),
        (nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.MaxPool2d(4)), 20, (0, 0, 20, 20)),
        (nn.Sequential(nn.Conv2d(3, 4, 3, stride=2, padding=1)), 20, (-0.5, -0.5, 19.5, 19.5)),
        (nn.Sequential(nn.Conv2d(3, 4, (3, 1))), 20, (0, 1, 20, 19)),
    ],
)
def test_map_lies_where_its_units_look(network, side, expected):
    layer = measured(network, side)[-1]
    rows, columns = layer.output_shape[2:]
    assert map_box(layer, rows, columns, seen(side)) == expected
    # The crop of a larger picture, twice its size.
    placed = map_box(layer, rows, columns, seen(side, (10, 30, 50, 70)))
    assert placed == tuple(start + 2 * edge for start, edge in zip((10, 30, 10, 30), expected, strict=True))


def test_centre_of_each_cell_is_the_centre_of_what_the_unit_sees():
    layer = measured(nn.Sequential(nn.Conv2d(3, 4, 3, stride=2), nn.Conv2d(4, 4, 3)), 31)[-1]
    rows, columns = layer.output_shape[2:]
    inputs = seen(31, (0, 0, 31, 31))
    left, top, right, bottom = map_box(layer, rows, columns, inputs)
    for row, column in ((0, 0), (3, 5), (rows - 1, columns - 1)):
        field = field_box(layer, row, column, inputs)
        assert left + (column + 0.5) * (right - left) / columns == pytest.approx((field[0] + field[2]) / 2)
        assert top + (row + 0.5) * (bottom - top) / rows == pytest.approx((field[1] + field[3]) / 2)


def test_map_of_a_layer_that_sees_everything_covers_the_crop():
    layer = LayerInfo("attention", "MultiheadAttention", (1, 197, 768), 0)
    assert map_box(layer, 14, 14, seen(box=(1, 2, 3, 4))) == (1, 2, 3, 4)
