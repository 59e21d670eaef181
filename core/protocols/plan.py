"""Which views a protocol takes of a picture; numbers only, nothing is looked at."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace

from core.errors import UsageError
from core.images.geometry import centre_corner, resized_size
from core.types import PROTOCOLS, Preprocessing, Protocol

Corner = tuple[int, int]
"""Left and top in pixels of the resized picture."""

GRID = 5
"""Crops of a row and of a column of the grid, section 3.2 of the paper."""

LARGEST = 4096
"""Pixels: the largest Q; the paper's is 512."""

_CENTRE_ONLY = {"single", "scale", "multi-scale"}


@dataclass(frozen=True, slots=True)
class Shot:
    """A view before it is looked at.

    ``crop`` is its box (left, top, right, bottom) in pixels of the picture resized to ``scale``; where it is ``flipped`` the
    part is cut out first, and mirrored then. ``weight`` is its share of the whole, the sum over all scales being 1. A ``dense``
    one is the whole resized picture.
    """

    scale: int
    flipped: bool
    crop: tuple[int, int, int, int]
    weight: float
    dense: bool = False


def usual_scales(how: Preprocessing, protocol: Protocol) -> tuple[int, ...]:
    """The scales Q that a protocol takes where a person chose none, in pixels, ascending.

    Of protocols with several they are the model's own short side, and one and a half and two times that: 256, 384 and 512 for
    networks that look at 224 pixels, as in section 4.2 of the paper.
    """
    short = own_scale(how)
    if protocol.name == "single":
        return (short,)
    short = max(short, how.crop)
    if protocol.name in {"multi-scale", "multi-crop", "dense+multi-crop"}:
        return short, round(1.5 * short), 2 * short
    return (short,)


def own_scale(how: Preprocessing) -> int:
    """The short side in pixels that the weights themselves ask for."""
    return how.resize if isinstance(how.resize, int) else min(how.resize)


def at_scale(how: Preprocessing, scale: int) -> Preprocessing:
    """The weights' preprocessing with a short side of ``scale`` pixels.

    Weights that squeeze pictures to a shape of their own get the same shape, larger or smaller: the network learned on
    squeezed pictures, and at its own scale the view is exactly the one it is used to.
    """
    if isinstance(how.resize, int):
        return replace(how, resize=scale)
    height, width = (round(scale * side / min(how.resize)) for side in how.resize)
    return replace(how, resize=(height, width))


def settled(protocol: Protocol, how: Preprocessing, title: str) -> Protocol:
    """Fill in the scales of a protocol, in ascending order, and make sure that it can be followed.

    Parameters
    ----------
    protocol
        As a person set it up.
    how
        How the model wants its pictures.
    title
        What the model is called.

    Raises
    ------
    UsageError
        If there is no such protocol or average, if the protocol does not take what was chosen, or if a scale is smaller than
        the network's input.
    """
    wrong = _problem(protocol)
    if wrong:
        raise UsageError(wrong)
    scales = tuple(sorted(protocol.scales)) or usual_scales(how, protocol)
    # What the weights ask for themselves is not judged, as it is not where nobody chose a protocol.
    if protocol.name != "single" and scales[0] < how.crop:
        raise UsageError(
            f"Q = {scales[0]:,} is below the side of the pictures that {title} looks at, {how.crop:,} pixels. "
            f"Choose a Q of {how.crop:,} or more."
        )
    return replace(protocol, scales=scales)


def _problem(protocol: Protocol) -> str:
    kind = PROTOCOLS.get(protocol.name)
    if kind is None:
        return f"There is no protocol “{protocol.name}”. There are: {', '.join(PROTOCOLS)}."
    if protocol.average not in {"softmax", "logits"}:
        return f"“{protocol.average}” cannot be averaged. Choose softmax or logits."
    if protocol.scales and not kind.takes_scales:
        return f"The protocol “{kind.key}” takes the scale of the weights. Leave Q out, or choose “scale” or “multi-scale”."
    if len(protocol.scales) > 1 and not kind.many:
        return f"The protocol “{kind.key}” takes one Q, not {len(protocol.scales)}. Choose “multi-scale” for several."
    if len(set(protocol.scales)) < len(protocol.scales):
        twice = next(scale for scale in protocol.scales if protocol.scales.count(scale) > 1)
        return f"Q = {twice:,} is named twice. Name each Q once."
    if any(not 1 <= scale <= LARGEST for scale in protocol.scales):
        wrong = next(scale for scale in protocol.scales if not 1 <= scale <= LARGEST)
        return f"Q = {wrong:,} cannot be used. Choose pixels from the side of the network's input to {LARGEST:,}."
    if protocol.flip and not kind.takes_flip:
        return f"The protocol “{kind.key}” looks at mirror images anyway. Leave the flip out."
    return ""


def count(protocol: Protocol) -> int:
    """How many views a settled protocol takes of any picture."""
    crops, whole = _per_scale(protocol)
    return len(protocol.scales) * (crops + whole)


def shots(protocol: Protocol, how: Preprocessing, size: tuple[int, int], scale: int) -> tuple[Shot, ...]:
    """List the views of a picture at one of the scales of a settled protocol.

    Parameters
    ----------
    protocol
        As :func:`settled` returned it.
    how
        How the model wants its pictures.
    size
        (width, height) of the upright original in pixels.
    scale
        One of ``protocol.scales``.

    Returns
    -------
    The views of the whole picture first, then the crops: those of ``ten-crop`` in the order of torchvision's ``TenCrop`` (the
    corners, the centre, and the same of the mirror image), those of ``multi-crop`` row by row, and then all of them mirrored.
    """
    width, height = resized_size(size, how.resize if protocol.name == "single" else at_scale(how, scale).resize)
    crops, whole = _per_scale(protocol)
    half = 0.5 if crops and whole else 1.0
    share = half / len(protocol.scales)
    found = [Shot(scale, flipped, (0, 0, width, height), share / whole, dense=True) for flipped in (False, True)[:whole]]
    for (left, top), flipped in _corners(protocol, width, height, how.crop):
        found.append(Shot(scale, flipped, (left, top, left + how.crop, top + how.crop), share / crops))
    return tuple(found)


def _per_scale(protocol: Protocol) -> tuple[int, int]:
    """How many crops, and how many whole pictures, there are at each scale."""
    whole = 1 + protocol.flip if PROTOCOLS[protocol.name].dense else 0
    if protocol.name in _CENTRE_ONLY:
        return 1 + protocol.flip, 0
    return {"ten-crop": 10, "multi-crop": 2 * GRID**2, "dense+multi-crop": 2 * GRID**2}.get(protocol.name, 0), whole


def _corners(protocol: Protocol, width: int, height: int, side: int) -> Iterator[tuple[Corner, bool]]:
    """The crops at one scale, and whether they are mirrored."""
    if protocol.name in _CENTRE_ONLY:
        for flipped in (False, True)[: 1 + protocol.flip]:
            yield (centre_corner(width, side), centre_corner(height, side)), flipped
    elif protocol.name == "ten-crop":
        yield from ((corner, False) for corner in five(width, height, side))
        # Cut from the mirror image: where it cannot lie in the very middle, the centre is a pixel further on the other side.
        yield from (((width - side - left, top), True) for left, top in five(width, height, side))
    elif protocol.name != "dense":
        for flipped in (False, True):
            yield from ((corner, flipped) for corner in grid(width, height, side))


def five(width: int, height: int, side: int) -> tuple[Corner, ...]:
    """The crops of a picture at least ``side`` pixels wide and high: left and right above, left and right below, the centre."""
    right, low = width - side, height - side
    return (0, 0), (right, 0), (0, low), (right, low), (centre_corner(width, side), centre_corner(height, side))


def grid(width: int, height: int, side: int) -> tuple[Corner, ...]:
    """A grid of 5×5 crops, row by row, from one border to the other in even steps, rounded to whole pixels."""
    down, across = ([round(step * (whole - side) / (GRID - 1)) for step in range(GRID)] for whole in (height, width))
    return tuple((left, top) for top, left in itertools.product(down, across))
