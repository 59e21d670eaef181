"""How many views go through a network at once, and how large a whole picture may be."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from core.errors import LayerscopeError
from core.inference.devices import free_bytes
from core.types import LayerInfo

LARGEST_BATCH = 256 << 20
"""Bytes that a batch of views may take where there is memory enough: more views at once are hardly faster."""

_OUTPUTS = 4
"""The largest output of a layer is held so many times at the height of a pass: what goes in, what comes out, what the kernel
lays out anew, what a branch waits for. Measured by ``bench/protocols.py``."""

_UNKNOWN = 2 << 30
"""Bytes taken for free where the system does not say."""

_PIXEL = 32
"""Bytes of a pixel that is on its way: Pillow's, numpy's, and three channels of float32 twice."""

_MIB = 1 << 20


def views_at_once(layers: Sequence[LayerInfo], device: torch.device) -> int:
    """Return how many views may go through a network in one batch, at least one.

    On the CPU it is always one: its kernels sum in another order for other sizes of a batch, which moves probabilities by up to
    1e-6, and the size would follow from the clock; one by one, a view gives the same bits as in a loop, in every run. What a
    batch would save there is little (measured: nothing of VGG-16's time, a tenth of SqueezeNet's, a fifth of ResNet-18's).

    Parameters
    ----------
    layers
        All layers of the model.
    device
        Where it is.
    """
    if device.type == "cpu":
        return 1
    free = free_bytes(device)
    allowed = min(LARGEST_BATCH, (free if free is not None else _UNKNOWN) // 4)
    return max(1, allowed // max(1, _height(layers)))


def check_whole(size: tuple[int, int]) -> None:
    """Refuse a picture that is too large to be an input as a whole, before it becomes one.

    What the network makes of it is for :mod:`core.protocols.dense_memory` to say.

    Parameters
    ----------
    size
        (width, height) in pixels.

    Raises
    ------
    LayerscopeError
        Of the kind "too_large", with what it needs and what to do.
    """
    needed = _PIXEL * size[0] * size[1]
    free = free_bytes(torch.device("cpu"))
    allowed = (free if free is not None else _UNKNOWN) // 2
    if needed > allowed:
        raise LayerscopeError(
            f"The whole picture is {size[0]:,}×{size[1]:,} pixels at this Q, which needs {needed // _MIB:,} MiB of memory, and "
            f"{allowed // _MIB:,} MiB may be used. Choose a smaller Q, or a protocol of crops.",
            kind="too_large",
        )


def _height(layers: Sequence[LayerInfo]) -> int:
    """Bytes at the height of a pass of one input, roughly."""
    return _OUTPUTS * max((layer.activation_bytes for layer in layers if layer.leaf), default=0)
