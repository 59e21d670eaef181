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

_LOGITS_OF_MAPS = "scores averaged over each map and then over the views, then softmax"


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
    return f"{_VIEWS['dense'][protocol.flip]}, and {count} crops" if PROTOCOLS[protocol.name].dense else f"{count} views"


def _scales(protocol: Protocol) -> str:
    texts = [str(scale) for scale in protocol.scales]
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"


def _order(protocol: Protocol) -> str:
    kind = PROTOCOLS[protocol.name]
    mixed = protocol.name == "dense+multi-crop"
    if len(protocol.scales) == 1 and kind.takes_flip and not protocol.flip and not mixed:
        return "scores averaged over the map, then softmax" if kind.dense else "softmax"
    softmax = protocol.average == "softmax"
    if kind.dense:
        order = "scores averaged over each map, softmax, then average" if softmax else _LOGITS_OF_MAPS
    else:
        order = "softmax, then average" if softmax else "scores averaged, then softmax"
    return order + (", whole pictures and crops half each" if mixed else "")
