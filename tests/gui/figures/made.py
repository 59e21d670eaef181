"""Maps with known values, and what a figure of them must look like, without the code that draws it."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QImage

from core.insight.activations import present
from core.types import ActivationGrid, LayerInfo
from gui.figures.figure import Words
from gui.figures.formats import to_image
from gui.widgets.map_colours import EACH, MapColours

WORDS = Words("layer1.0.conv1, “ü” & <画像>", "Conv2d · 6 maps of 8 × 10", "orange.jpg · ResNet-50 · IMAGENET1K_V2")


def grid(count: int = 6, height: int = 8, width: int = 10, seed: int = 0) -> ActivationGrid:
    values = np.random.default_rng(seed).normal(size=(1, count, height, width)).astype(np.float32)
    values[0, :, 0, 0] = np.arange(count) + 3.0
    layer = LayerInfo("layer1.0.conv1", "Conv2d", values.shape, 0)
    made = present(values, layer, (layer,))
    assert isinstance(made, ActivationGrid)
    return made


def colours(maps: ActivationGrid, name: str = "Grey", scaling: str = EACH) -> MapColours:
    return MapColours.of(maps, name, scaling, dark=False)


def grey(maps: ActivationGrid, channel: int) -> np.ndarray:
    """A map in grey over its own values, uint8 (height, width), after numpy alone."""
    values = maps.values[channel].astype(np.float64)
    return np.floor((values - values.min()) / (values.max() - values.min()) * 255 + 0.5).astype(np.uint8)


def close(found: np.ndarray, expected: np.ndarray) -> None:
    """Equal but for a step where single and double precision round to different sides, which is rare."""
    away = np.abs(found.astype(int) - expected.astype(int))
    assert found.shape == expected.shape
    assert away.max() <= 1
    assert (away > 0).mean() < 0.02


def rgb(image: QImage) -> np.ndarray:
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()


def painted(figure: object, scale: float = 1.0) -> np.ndarray:
    return rgb(to_image(figure, scale))
