"""The networks of the catalogue that nobody publishes weights for: how they are built, and what they look at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from torch import nn

from core.types import Preprocessing
from core.zoo.alexnet_gray import AlexNetGray
from core.zoo.googlenet_seed import GoogLeNet
from core.zoo.nin import NiN
from core.zoo.vgg import VGG, NarrowVGG


@dataclass(frozen=True, slots=True)
class OwnNetwork:
    """A network without published weights.

    ``builder`` takes ``num_classes`` and ``in_channels`` (GoogLeNet ``aux_logits`` too); None where torchvision has the class:
    that of ``like``. Of ``like`` are also the categories and the preprocessing where the network has 1,000 classes, the
    preprocessing alone where it has fewer; "" where ``preprocessing`` says what it looks at.
    """

    builder: Callable[..., nn.Module] | None
    num_classes: int = 1000
    in_channels: int = 3
    like: str = ""
    preprocessing: Preprocessing | None = None


def _plain(side: int, channels: int, source: str) -> Preprocessing:
    """Pixels from 0 to 1 as they are."""
    return Preprocessing(side, side, "bilinear", (0.0,) * channels, (1.0,) * channels, source)


NETWORKS: dict[str, OwnNetwork] = {
    "vgg11_lrn": OwnNetwork(partial(VGG, "A-LRN"), like="vgg11"),
    "vgg11_lrn_bn": OwnNetwork(partial(VGG, "A-LRN", batch_norm=True), like="vgg11_bn"),
    "vgg16_1x1": OwnNetwork(partial(VGG, "C"), like="vgg16"),
    "vgg16_1x1_bn": OwnNetwork(partial(VGG, "C", batch_norm=True), like="vgg16_bn"),
    "alexnet_gray": OwnNetwork(
        AlexNetGray, 10, 1, preprocessing=_plain(224, 1, "assumed: grey, 0 to 1, as seed document 002 trains it")
    ),
    "vgg11_narrow": OwnNetwork(
        NarrowVGG, 10, 1, preprocessing=_plain(224, 1, "assumed: grey, 0 to 1, as seed document 002 trains it")
    ),
    "vgg16_bn_10": OwnNetwork(None, 10, like="vgg16_bn"),
    "nin": OwnNetwork(NiN, 10, preprocessing=_plain(32, 3, "assumed: 32 pixels, 0 to 1")),
    "googlenet_seed": OwnNetwork(GoogLeNet, like="googlenet"),
}
"""By the names of :mod:`core.zoo.catalog`."""
