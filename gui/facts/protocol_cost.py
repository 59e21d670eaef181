"""How long a protocol will take, in passes of one view."""

from __future__ import annotations

from dataclasses import replace

from core.protocols.plan import count
from core.types import PROTOCOLS, Protocol

SOON = 300.0
"""Milliseconds after which an answer does not follow a change any more, but lags behind."""

_ALWAYS = 2.0
"""Passes that are always quick enough: those of a view and its mirror image."""

_ASPECT = 1.4
"""The long side of a photograph to its short one."""


def passes(protocol: Protocol, scales: tuple[int, ...], side: int) -> float:
    """How many passes of one view a protocol is worth, for a photograph and a network with inputs of ``side`` pixels."""
    kind = PROTOCOLS[protocol.name]
    flip, scales = protocol.flip and kind.takes_flip, scales or (side,)
    whole = len(scales) * (1 + flip) if kind.dense else 0
    crops = count(replace(protocol, scales=scales, flip=flip)) - whole
    areas = sum(_ASPECT * (scale / max(1, side)) ** 2 for scale in scales)
    return crops + areas * whole / len(scales)


def is_quick(protocol: Protocol, scales: tuple[int, ...], side: int, pace: float) -> bool:
    """Whether a protocol follows every change; ``pace`` is what a pass takes in milliseconds, 0 where that is not known."""
    needed = passes(protocol, scales, side)
    return needed <= _ALWAYS or (pace > 0 and needed * pace <= SOON)
