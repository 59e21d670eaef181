"""Which views a protocol takes of a picture."""

from __future__ import annotations

from core.types import Preprocessing, Protocol


def usual_scales(how: Preprocessing, protocol: Protocol) -> tuple[int, ...]:
    """The scales Q that a protocol takes where a person chose none, in pixels, ascending.

    Of protocols with several they are the model's own short side, and one and a half and two times that: 256, 384 and 512 for
    networks that look at 224 pixels, as in section 4.2 of the paper.
    """
    short = how.resize if isinstance(how.resize, int) else min(how.resize)
    short = max(short, how.crop)
    if protocol.name in {"multi-scale", "multi-crop", "dense+multi-crop"}:
        return short, round(1.5 * short), 2 * short
    return (short,)
