"""What was done, in a sentence."""

from __future__ import annotations

from collections.abc import Sequence

from core.protocols.plan import GRID
from core.types import PROTOCOLS, Preprocessing, Protocol

_VIEWS = {
    "single": ("1 view", "1 view and its mirror image"),
    "scale": ("the centre", "the centre and its mirror image"),
    "multi-scale": ("the centre", "the centre and its mirror image"),
    "dense": ("the whole picture", "the whole picture and its mirror image"),
}


def describe(protocol: Protocol, how: Preprocessing, shares: Sequence[float] = ()) -> str:
    """Say what a protocol did.

    Parameters
    ----------
    protocol
        With the scales that were used.
    how
        How the first model wants its pictures.
    shares
        Of the models that were fused, the first model first, the sum being 1; empty where it was one.

    Returns
    -------
    One sentence without a full stop: "50 views at 256: softmax, then average".
    """
    parts = [f"{_views(protocol)} at {_scales(protocol)}: {_order(protocol)}"]
    if isinstance(how.resize, tuple):
        height, width = how.resize
        parts.append(f"squeezed to the shape that the weights ask for, {width}×{height}")
    if shares:
        weights = " : ".join(f"{share:.3g}" for share in shares)
        parts.append(f"then the softmax of {len(shares)} models averaged, {weights}")
    whole = "; ".join(parts)
    return whole[0].upper() + whole[1:]


def _views(protocol: Protocol) -> str:
    if protocol.name in _VIEWS:
        return _VIEWS[protocol.name][protocol.flip]
    count = len(protocol.scales) * (10 if protocol.name == "ten-crop" else 2 * GRID**2)
    whole = f"{_VIEWS['dense'][protocol.flip]}, and " if PROTOCOLS[protocol.name].dense else ""
    return f"{whole}{count} views"


def _scales(protocol: Protocol) -> str:
    texts = [str(scale) for scale in protocol.scales]
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"


def _order(protocol: Protocol) -> str:
    kind = PROTOCOLS[protocol.name]
    mixed = protocol.name == "dense+multi-crop"
    one = len(protocol.scales) == 1 and not protocol.flip and kind.takes_flip and not mixed
    parts = ["scores averaged over the map"] if kind.dense else []
    if one:
        parts.append("then softmax" if parts else "softmax")
    elif protocol.average == "softmax":
        parts.append("softmax, then average")
    else:
        parts.append("scores averaged, then softmax")
    return ", ".join(parts) + (", half for the whole picture and half for the crops" if mixed else "")
