"""Where maps lie on the picture: each unit where it looks."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from core.inference.measure import measure_layers
from core.insight.field import field_box
from core.insight.placement import map_box
from core.types import LayerInfo, NetworkInput, Preprocessing

HOW = Preprocessing(20, 20, "bilinear", (0.0,) * 3, (1.0,) * 3, "test")


def seen(side=20, box=(0, 0, 20, 20)):
    return NetworkInput(np.zeros((side, side, 3), np.uint8), box, HOW)


def measured(network, side):
    with torch.inference_mode():
        return measure_layers(network.eval(), torch.zeros(1, 3, side, side))[0]


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
