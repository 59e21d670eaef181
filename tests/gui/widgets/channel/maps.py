"""Grids of real values, with the statistics that belong to them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from core.insight.activations import present
from core.types import ActivationGrid, LayerInfo

FACTS = {"receptive_field": (40, 60), "stride": (16, 16), "offset": (7.5, 7.5)}


def grid_of(values: np.ndarray, name: str = "conv", **facts: Any) -> ActivationGrid:
    """Make a grid of maps (channels, rows, columns) as the program does."""
    array = np.asarray(values, np.float32)[None]
    layer = LayerInfo(name, "Conv2d", array.shape, 0)
    shown = present(array, layer, (layer,))
    assert isinstance(shown, ActivationGrid)
    return replace(shown, layer=replace(layer, **facts))


def noise(channels: int = 3, side: int = 14, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(channels, side, side)).astype(np.float32)
