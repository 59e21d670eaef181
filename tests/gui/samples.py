"""Small finished values for the tests of widgets and models."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.types import (
    ActivationGrid,
    ActivationVector,
    Classification,
    DeviceInfo,
    ImageRef,
    LayerInfo,
    ModelInfo,
    ModelSpec,
    Prediction,
    Preprocessing,
    Timings,
    WeightsOption,
    WeightsSpec,
    frozen,
)

CATEGORIES = (
    "orange", "lemon", 'spider web, "cobweb"', "banana", "teapot",
    "basketball", "candle", "umbrella", "hen; cock", "ü 画像",
)  # fmt: skip
PROBABILITIES = (0.8731, 0.0912, 0.0214, 0.0091, 0.0031, 0.0012, 0.0005, 0.0003, 0.00007, 0.00003)
ORANGE = ImageRef(Path("pictures/orange.jpg").absolute())
LEMON = ImageRef(Path("pictures/lemon.jpg").absolute())
V1 = WeightsSpec("named", name="IMAGENET1K_V1")
V2 = WeightsSpec("named", name="IMAGENET1K_V2")
RESNET = ModelSpec("resnet50", V1)
CPU = DeviceInfo("cpu", "CPU", 12_300_000_000, 24_000_000_000)
GPU = DeviceInfo("cuda:0", "Fast GPU", None, None)
OPTIONS = (
    WeightsOption(V1, "IMAGENET1K_V1", "76.1 % top-1", True),
    WeightsOption(V2, "IMAGENET1K_V2", "not here", False),
)


def classification(probabilities: tuple[float, ...] = PROBABILITIES, image: ImageRef = ORANGE) -> Classification:
    rows = tuple(
        Prediction(rank, rank * 37 % 102, CATEGORIES[(rank - 1) % 10], probability)
        for rank, probability in enumerate(probabilities, 1)
    )
    return Classification(image, RESNET, rows, Timings(4.2, 1.8, 21.3))


def layer(
    name: str, kind: str = "Conv2d", shape: tuple[int, ...] = (1, 8, 4, 4), call: int = 1, calls: int = 1
) -> LayerInfo:
    return LayerInfo(name, kind, shape, 1234, call, calls)


def layers() -> tuple[LayerInfo, ...]:
    """A stem, two blocks in a list that is never called itself, a reused ReLU, and a head."""
    found = [layer("", "Net", (1, 10)), layer("stem", "Sequential"), layer("stem.0"), layer("stem.1", "BatchNorm2d")]
    for block in (0, 1):
        name = f"blocks.{block}"
        found += [layer(name, "Block"), layer(f"{name}.conv")]
        found += [layer(f"{name}.relu", "ReLU", call=call, calls=2) for call in (1, 2)]
    return (*found, layer("head", "Linear", (1, 10)))


def many_layers(blocks: int = 180) -> tuple[LayerInfo, ...]:
    """About four entries a block."""
    found = []
    for block in range(blocks):
        stage = f"features.stage{block // 30}"
        found += [layer(stage, "Sequential")] if block % 30 == 0 else []
        found += [layer(f"{stage}.{block}{part}", kind) for part, kind in (("", "Block"), (".norm", "Norm"))]
        found += [layer(f"{stage}.{block}.relu", "ReLU"), layer(f"{stage}.{block}.conv")]
    return tuple(found)


def model(spec: ModelSpec = RESNET, found: tuple[LayerInfo, ...] | None = None, device: str = "cpu") -> ModelInfo:
    preprocessing = Preprocessing(256, 224, "bilinear", (0.5, 0.5, 0.5), (0.2, 0.2, 0.2), "sample")
    title = "Compact VGG (built-in)" if spec.architecture == "compact_vgg" else spec.architecture
    known = layers() if found is None else found
    return ModelInfo(spec, title, device, CATEGORIES, "sample", preprocessing, 2_345_678, known)


def grid(count: int = 12, height: int = 4, width: int = 4, note: str = "") -> ActivationGrid:
    """Scaled by its own range, map ``c`` is grey ``(c * 20 + 10) % 256`` everywhere, with one white pixel at its upper left.

    The statistics are made up: means fall and maxima rise with the channel, shares of zeros go up and down.
    """
    steps = np.stack([np.full((height, width), grey(channel), np.float32) for channel in range(count)])
    steps[:, 0, 0] = 255
    low = np.linspace(-1, 0, count, dtype=np.float32)
    high = np.linspace(1, 5, count, dtype=np.float32)
    info = layer("blocks.0.conv", shape=(1, count, height, width))
    mean, std = np.linspace(0.5, -0.5, count, dtype=np.float32), np.full(count, 0.25, np.float32)
    zeros = (np.arange(count) * 7 % 10 / 10).astype(np.float32)
    values = low[:, None, None] + steps * ((high - low) / 255)[:, None, None]
    numbers = (low, high, mean, std, zeros, np.zeros(count, np.int32), values)
    return ActivationGrid(info, count, height, width, *map(frozen, numbers), note)


def grey(channel: int) -> int:
    return (channel * 20 + 10) % 256


def vector(values: list[float], labels: bool = False) -> ActivationVector:
    array = np.array(values, np.float32)
    strongest = tuple(int(unit) for unit in np.argsort(-array, kind="stable")[:5])
    names = tuple(CATEGORIES[unit % 10] for unit in strongest) if labels else ()
    return ActivationVector(layer("head", "Linear", (1, len(values))), frozen(array), strongest, names)
