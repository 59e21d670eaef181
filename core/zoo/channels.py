"""Networks for pictures of another number of channels than three."""

from __future__ import annotations

from torch import nn

from core.errors import ModelError
from core.types import BUILTIN_MODEL
from core.zoo import catalog
from core.zoo.own import NETWORKS
from core.zoo.vgg import draw

USUAL = 3
"""Channels of the input unless an architecture says otherwise: red, green, blue."""


def default(architecture: str) -> int:
    """Channels of the input of an architecture unless somebody says otherwise."""
    return NETWORKS[architecture].in_channels if architecture in NETWORKS else USUAL


def takes_any(architecture: str) -> bool:
    """Whether an architecture can be had for any number of channels."""
    return architecture in {BUILTIN_MODEL, *NETWORKS, *catalog.FAMILIES["VGG"], *catalog.FAMILIES["AlexNet"]}


def checked(architecture: str, wanted: int | None) -> int:
    """Return the number of channels to build an architecture for.

    Raises
    ------
    ModelError
        If it cannot be had for ``wanted`` channels.
    """
    usual = default(architecture)
    if wanted is None or wanted == usual:
        return usual
    if wanted < 1:
        raise ModelError(f"A network needs at least one input channel, not {wanted}.")
    if not takes_any(architecture):
        raise ModelError(
            f"{architecture} looks at pictures of {usual} channels (red, green, blue) only. The VGG and AlexNet families, nin, "
            f"googlenet_seed and {BUILTIN_MODEL} can be had for {wanted}."
        )
    return wanted


def replace_first(module: nn.Module, channels: int) -> None:
    """Put a freshly drawn convolution for another number of channels in the place of the first one of torchvision's VGG or
    AlexNet, drawn as that family draws its own."""
    features = module.get_submodule("features")
    assert isinstance(features, nn.Sequential)
    first = features[0]
    assert isinstance(first, nn.Conv2d)
    fresh = nn.Conv2d(
        channels, first.out_channels, kernel_size=first.kernel_size, stride=first.stride, padding=first.padding  # type: ignore[arg-type]
    )
    if type(module).__name__ == "VGG":
        draw(fresh)
    features[0] = fresh
