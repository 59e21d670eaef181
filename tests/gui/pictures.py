"""Small pictures and what is known of them, for the tests of the strip, the picture and the network's input."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.errors import ErrorKind
from core.types import Box, Failure, ImageRef, NetworkInput, Picture, Pixels, Prediction, Preprocessing, Verdict, frozen

PREPROCESSING = Preprocessing(
    256, 224, "bilinear", (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "weights SqueezeNet1_1_Weights.IMAGENET1K_V1"
)


def refs(count: int) -> tuple[ImageRef, ...]:
    return tuple(ImageRef(Path(f"pictures/{number:05}.jpg").absolute()) for number in range(count))


def plain(width: int, height: int, colour: tuple[int, int, int] = (255, 255, 255)) -> Pixels:
    return frozen(np.full((height, width, 3), colour, np.uint8))


def noise(width: int, height: int) -> Pixels:
    return frozen(np.random.default_rng(7).integers(0, 256, (height, width, 3), np.uint8))


def checkers(width: int, height: int) -> Pixels:
    """Single black and white pixels in turn."""
    rows, columns = np.indices((height, width))
    return frozen(np.repeat((255 * ((rows + columns) % 2)).astype(np.uint8)[..., None], 3, axis=2))


def picture(image: ImageRef, pixels: Pixels, size: tuple[int, int] | None = None, note: str = "") -> Picture:
    height, width = pixels.shape[:2]
    return Picture(image, pixels, size or (width, height), "PNG", note)


def network_input(box: Box, side: int = 224) -> NetworkInput:
    return NetworkInput(checkers(side, side), box, PREPROCESSING)


def verdict(image: ImageRef, category: str = "orange", probability: float = 0.8731) -> Verdict:
    return Verdict(image, Prediction(1, 7, category, probability))


def failed(image: ImageRef, kind: ErrorKind = "truncated") -> Verdict:
    return Verdict(image, None, Failure(kind, f"{image.name} ends too early. Copy it again.", image.path))
