"""The heads of a network that has several: what each says of a picture, and where on the way it hangs."""

from __future__ import annotations

from dataclasses import dataclass

from core.types.answers import ImageRef, Prediction

HEADED = ("googlenet", "googlenet_seed", "inception_v3")
"""Architectures of the catalogue with auxiliary heads."""


@dataclass(frozen=True, slots=True)
class HeadAnswer:
    """What one head says.

    ``name`` is its path in ``named_modules``; ``layer`` the :attr:`LayerInfo.key` of the layer that it reads. ``share`` of the
    network's multiply-adds, from 0 to 1, and ``depth`` of its ``depths`` convolutions and linear layers lie before the end of
    that layer; the head's own do not count, but for the final one, which is part of the network.
    """

    name: str
    layer: str
    share: float
    depth: int
    depths: int
    predictions: tuple[Prediction, ...]
    final: bool = False


@dataclass(frozen=True, slots=True)
class HeadsAnswer:
    """All heads in order of execution, the final one last; ``reason`` says why that is the only one, "" where it is not."""

    image: ImageRef
    heads: tuple[HeadAnswer, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class HeadsRequest:
    """Ask all heads of the loaded model about a picture: ``count`` categories each, at most."""

    id: int
    image: ImageRef
    count: int = 5
