from __future__ import annotations

import math

import pytest

from core.types import LayerInfo, Windows
from gui.itemmodels.layer_words import (
    bar_share,
    cost_words,
    exact_words,
    field_explained,
    field_words,
    format_layer_shape,
    format_mean,
    format_pair,
    mean_words,
)


def layer(**more: object) -> LayerInfo:
    facts = {"name": "features.30", "kind": "MaxPool2d", "output_shape": (1, 512, 7, 7), "parameters": 0, **more}
    return LayerInfo(**facts)  # type: ignore[arg-type]


POOL5 = layer(receptive_field=(212, 212), stride=(32, 32), offset=(15.5, 15.5), macs=0, activation_bytes=100_352)


def test_receptive_fields() -> None:
    assert field_words(POOL5) == "212 × 212, stride 32, offset 15.5"
    assert field_words(layer()) == "everything"
    uneven = layer(receptive_field=(5, 3), stride=(2, 1), offset=(0.0, -1.0))
    assert field_words(uneven) == "5 × 3, stride 2 × 1, offset 0 × -1"
    assert "212 × 212 pixels" in field_explained(POOL5)
    assert "row 15.5, column 15.5" in field_explained(POOL5)
    assert "whole input" in field_explained(layer())
    assert format_pair(None) == ""


def test_costs_short_and_exact() -> None:
    conv = layer(parameters=2_359_808, macs=462_422_016, activation_bytes=401_408)
    assert cost_words(conv) == "2.4 M parameters · 462 M MACs · 401 kB"
    assert cost_words(POOL5) == "100 kB"
    assert cost_words(layer(macs=None, activation_bytes=8)) == "MACs not known · 8 B"
    words = "\n".join(exact_words(conv.parameters, conv.macs, conv))
    assert "2,359,808 parameters" in words
    assert "462,422,016 multiply-adds" in words
    assert "401,408 bytes" in words
    assert "not known" in exact_words(0, None, POOL5)[1]


def test_shapes() -> None:
    assert format_layer_shape(POOL5) == "512 × 7 × 7"
    windows = layer(output_shape=(64, 3, 49, 49), heads=3, windows=Windows(56, 56, 7, 7))
    assert format_layer_shape(windows) == "64 × 3 × 49 × 49"
    assert format_layer_shape(layer(output_shape=(1, 12, 197, 197), heads=12)) == "12 × 197 × 197"


def test_bars_are_logarithmic() -> None:
    assert bar_share(4.0, 4.0) == 1
    assert bar_share(0.4, 4.0) == pytest.approx(0.5)
    assert bar_share(0.04, 4.0) == pytest.approx(0)
    assert bar_share(0.0, 4.0) == 0
    assert bar_share(1e-9, 4.0) == 0
    assert bar_share(None, 4.0) is None
    assert bar_share(math.nan, 4.0) is None
    assert bar_share(0.0, 0.0) is None


def test_means() -> None:
    assert format_mean(0.21345) == "0.213"
    assert format_mean(math.nan) == "not a number"
    assert mean_words(None, 1.0) == ""
    assert mean_words(0.5, 4.0) == (
        "Mean |activation| 0.5; bar: logarithmic, from 1/100 of the largest mean of this network (4) up to it."
    )
