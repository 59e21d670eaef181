"""Where the part of a network that slides ends and its head begins, from one recorded pass."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from core.protocols import dense_words as words
from core.protocols.dense_trace import INPUT, Source, Step


class Role(Enum):
    """What becomes of a step on a larger picture."""

    MAP = "map"
    """It works on larger maps as it did on smaller ones; so does what has nothing to do with the picture."""
    HEAD = "head"
    """It gets every window of the maps that it takes, as a batch."""
    IDLE = "idle"
    """Nothing that the network answers depends on it, as of auxiliary heads: it is left out."""


@dataclass(frozen=True, slots=True)
class Boundary:
    """A map that the head looks at through windows.

    Attributes
    ----------
    shape
        Its shape for a picture of the usual size, with a batch of 1.
    axes
        Its two dimensions of space, from the last one (-1).
    """

    shape: tuple[int, ...]
    axes: tuple[int, int]

    @property
    def window(self) -> tuple[int, int]:
        """Rows and columns of a window: all of the map, for a picture of the usual size."""
        return self.shape[self.axes[0]], self.shape[self.axes[1]]


@dataclass(frozen=True, slots=True)
class Plan:
    """How a network slides.

    Attributes
    ----------
    names, roles
        Of each call of a function of torch: its name, and what becomes of it.
    arguments
        What the head's functions were called with, by number: on windows they work as on the maps of a picture of the usual
        size, whatever sides of maps the code read on its way.
    returned
        What the idle ones returned, in place of which something of the same shapes is handed on; by number.
    boundaries
        The maps that the head looks at, by number and place of what put them out.
    stride
        Steps of the window down and to the right, in pixels.
    padded
        Whether zeros (or other values) are put around maps before the head.
    whole
        Whether some of what maps are multiplied by, or normalised with, comes from the whole picture.
    largest_map, largest_vector
        Numbers in the largest tensor before the head, and in it, for one picture of the usual size.
    """

    names: tuple[str, ...]
    roles: tuple[Role, ...]
    arguments: dict[int, Any]
    returned: dict[int, Any]
    boundaries: dict[tuple[int, int], Boundary]
    stride: tuple[int, int]
    padded: bool
    whole: bool
    largest_map: int
    largest_vector: int


_RESHAPES = frozenset(
    ("flatten", "view", "reshape", "squeeze", "getitem", "unsqueeze", "permute", "transpose", "movedim", "view_as")
)
_ATTENTION = frozenset(("scaled_dot_product_attention", "multi_head_attention_forward"))
_PRODUCTS = frozenset(("matmul", "bmm", "einsum", "rmatmul", "baddbmm"))


def make_plan(steps: Sequence[Step], output: Source | None, side: int) -> Plan:
    """Work out how a network slides.

    Parameters
    ----------
    steps
        All calls of one pass, in order.
    output
        Where its answer came from.
    side
        Of the picture that it was shown, in pixels.

    Raises
    ------
    dense_words.CannotSlide
        With the reason.
    """
    if output is None:
        raise words.opaque()
    head, boundaries = _head(steps, output)
    _refuse(steps, head, boundaries, side)
    alive = _ancestors(steps, output)
    roles = tuple(
        Role.HEAD if number in head else Role.MAP if number in alive or not step.sources else Role.IDLE
        for number, step in enumerate(steps)
    )
    maps = [step for step, role in zip(steps, roles, strict=True) if role is Role.MAP]
    if any(source.step in head for step in maps for source in step.sources):
        raise words.shared()
    fields = [source.field for source in boundaries if source.field is not None]
    return Plan(
        names=tuple(step.name for step in steps),
        roles=roles,
        arguments={number: steps[number].arguments for number in head},
        returned={number: steps[number].returned for number, role in enumerate(roles) if role is Role.IDLE},
        boundaries={
            (source.step, source.place): Boundary(source.shape, field.axes)
            for source, field in zip(boundaries, fields, strict=True)
        },
        stride=fields[0].stride,
        padded=any(_reaches_out(source, side) for source in boundaries),
        whole=any(step.whole for step in maps),
        largest_map=_largest(maps),
        largest_vector=_largest([steps[number] for number in head if steps[number].name not in _RESHAPES]),
    )


def _largest(steps: Iterable[Step]) -> int:
    return max((math.prod(shape) for step in steps for shape in step.shapes), default=0)


def _head(steps: Sequence[Step], output: Source) -> tuple[set[int], set[Source]]:
    """Go back from the answer to the last maps: the steps on the way, and the maps."""
    if output.field is not None:
        raise words.no_head()
    head: set[int] = set()
    boundaries: dict[tuple[int, int], Source] = {}
    open_steps = [output.step]
    while open_steps:
        number = open_steps.pop()
        if number in head:
            continue
        head.add(number)
        for source in steps[number].sources:
            if source.field is None:
                open_steps.append(source.step)
            else:
                boundaries[source.step, source.place] = source
    return head, set(boundaries.values())


def _ancestors(steps: Sequence[Step], output: Source) -> set[int]:
    found: set[int] = set()
    open_steps = [output.step]
    while open_steps:
        number = open_steps.pop()
        if number != INPUT and number not in found:
            found.add(number)
            open_steps += [source.step for source in steps[number].sources]
    return found


def _refuse(steps: Sequence[Step], head: set[int], boundaries: set[Source], side: int) -> None:
    """Raise the reason why it cannot slide, the most telling one first, if there is one."""
    inside = [steps[number] for number in sorted(head)]
    areas = {_extent(source): _extent(source)[0] * _extent(source)[1] for source in boundaries}
    for step in inside:
        for extent, area in areas.items():
            if set(step.fixed) & {area, area + 1} or step.fixed == extent:
                raise words.embedded(extent, side)
    if any(step.name in _ATTENTION for step in inside) or _attends(inside):
        raise words.attends()
    if any(step.batch for step in inside):
        raise words.by_batch()
    for step in inside:
        maps = [source for source in step.sources if source.field is not None]
        if maps and step.name not in _RESHAPES and not _shrinks(step, maps):
            raise words.embedded(_extent(maps[0]), side) if step.fixed else words.unknown(step.name)
    if not boundaries or any(source.field is None or _batch_is_space(source) for source in boundaries):
        raise words.no_head()
    if len({source.field.stride for source in boundaries if source.field is not None}) > 1:
        raise words.several_strides()


def _attends(inside: Sequence[Step]) -> bool:
    """Whether two things that depend on the picture are multiplied as matrices, with a softmax before the end."""
    softmax = any(step.name == "softmax" for step in inside[:-1])
    return softmax and any(step.name in _PRODUCTS and len(step.sources) > 1 for step in inside)


def _shrinks(step: Step, maps: Sequence[Source]) -> bool:
    """Whether a function takes positions together (pooling, sums, maxima), or there is but one of them."""
    large = math.prod(maps[0].shape)
    smaller = sum(math.prod(shape) for shape in step.shapes[:1]) < large
    return smaller or step.name.startswith("adaptive") or _extent(maps[0]) == (1, 1)


def _reaches_out(source: Source, side: int) -> bool:
    """Whether units look at what lies beyond the border of the picture."""
    spans = source.field.spans if source.field is not None else ()
    return any(
        span.low < 0 or span.high + (count - 1) * span.step >= side
        for span, count in zip(spans, _extent(source), strict=True)
    )


def _extent(source: Source) -> tuple[int, int]:
    vertical, horizontal = source.field.axes if source.field is not None else (-2, -1)
    return source.shape[vertical], source.shape[horizontal]


def _batch_is_space(source: Source) -> bool:
    return source.field is not None and any(len(source.shape) + axis == 0 for axis in source.field.axes)
