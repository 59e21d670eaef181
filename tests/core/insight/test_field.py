"""The receptive field of a unit, placed on the picture and clipped at its border, against the support of the gradient."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from core.inference.measure import measure_layers
from core.insight.field import field_box
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
