"""Lesions: channels changed on the way through the network, to see what depends on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Lesion:
    """One channel of one layer (:attr:`LayerInfo.key`), changed at every forward pass; the weights stay as they are.

    ``mute`` sets its values to 0, ``clamp`` to ``value``, ``scale`` multiplies them by ``value``.
    """

    layer: str
    channel: int
    action: Literal["mute", "clamp", "scale"] = "mute"
    value: float = 0.0
