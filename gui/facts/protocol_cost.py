"""How long a protocol will take, in passes of one view."""

from __future__ import annotations

from core.types import PROTOCOLS, Protocol

SOON = 300.0
"""Milliseconds after which an answer does not follow a change any more, but lags behind."""

_ALWAYS = 2.0
"""Passes that are always quick enough: those of a view and its mirror image."""

_ASPECT = 1.4
"""The long side of a photograph to its short one."""

_CROPS = {"single": 1, "scale": 1, "multi-scale": 1, "ten-crop": 10, "multi-crop": 50, "dense": 0, "dense+multi-crop": 50}


def passes(protocol: Protocol, scales: tuple[int, ...], side: int) -> float:
    """How many passes of one view a protocol is worth, for a photograph and a network with inputs of ``side`` pixels."""
    kind = PROTOCOLS[protocol.name]
    mirrored = 2 if protocol.flip and kind.takes_flip else 1
    crops = _CROPS[protocol.name] * max(1, len(scales) if kind.takes_scales else 1)
    areas = sum(_ASPECT * (scale / max(1, side)) ** 2 for scale in scales) if kind.dense else 0.0
    # The mirror images of a grid of crops are among them already.
    return (crops if _CROPS[protocol.name] > 1 else crops * mirrored) + areas * mirrored


def is_quick(protocol: Protocol, scales: tuple[int, ...], side: int, pace: float) -> bool:
    """Whether a protocol follows every change; ``pace`` is what a pass takes in milliseconds, 0 where that is not known."""
    count = passes(protocol, scales, side)
    return count <= _ALWAYS or (pace > 0 and count * pace <= SOON)
