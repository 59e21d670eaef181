"""What the units of each tensor see while a network is recorded for dense evaluation.

:mod:`core.inference.receptive_field` knows most functions. Here is what is different: a value for the whole picture (of
squeeze-and-excitation) that a map is multiplied by makes it no less a map that slides, and pooling that covers all of a
map is where the head begins.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from torch import Tensor

from core.inference.receptive_field import POINTWISE, Field, field_after
from core.inference.trace import tensors_in


@dataclass(frozen=True, slots=True)
class Known:
    """A tensor that depends on the picture: what its units see, None for no map; whether it is the same at all positions."""

    field: Field | None
    uniform: bool = False


Lookup = Callable[[Tensor], "Known | None"]
"""None for a tensor that does not depend on the picture."""


@dataclass(frozen=True, slots=True)
class Followed:
    """What is known of a result; the facts are those of :class:`core.protocols.dense_trace.Step`."""

    field: Field | None = None
    uniform: bool = False
    whole: bool = False
    fixed: tuple[int, ...] = ()
    batch: bool = False


_JOINS = frozenset(("cat", "concat", "concatenate"))
_ELEMENT_WISE = """sin cos erf log1p log2 expm1 exp2 reciprocal sign round floor ceil lerp addcmul addcdiv where hardshrink
    softshrink tanhshrink nan_to_num floor_divide"""
_MORE_POINTWISE = frozenset(_ELEMENT_WISE.split())
_LIKE = frozenset(("zeros_like", "ones_like", "empty_like", "full_like"))
_SPREADS = frozenset(("expand", "expand_as", "broadcast_to", "repeat", "tile", "interpolate", "upsample"))
_WHOLE = frozenset(("group_norm", "instance_norm"))
_ALONG = {"log_softmax": -1, "normalize": 1, "glu": -1, "softmin": -1}
_REDUCTIONS = frozenset(("mean", "sum", "amax", "amin", "max", "min", "std", "var", "logsumexp", "norm", "prod"))
_POOLS = frozenset(("adaptive_avg_pool2d", "adaptive_max_pool2d", "adaptive_max_pool2d_with_indices"))


def follow(name: str, arguments: Sequence[Any], keywords: Mapping[str, Any], known: Lookup) -> Followed:
    """Find out what the result of a function sees.

    Parameters
    ----------
    name
        The function's name without underscores at the ends.
    arguments, keywords
        What it was called with; at least one tensor in them depends on the picture.
    known
        Says what is known of a tensor.
    """
    with contextlib.suppress(Exception):  # a model may call anything in any way: what is not understood is no map
        if name in POINTWISE or name in _MORE_POINTWISE or name in _JOINS:
            return _combined(name, arguments, keywords, known)
        return _worked_on(name, arguments, keywords, known)
    return Followed()


def _combined(name: str, arguments: Sequence[Any], keywords: Mapping[str, Any], known: Lookup) -> Followed:
    tensors = tensors_in([*arguments, *keywords.values()])
    about = [(tensor, known(tensor)) for tensor in tensors]
    maps = [(tensor, fact.field) for tensor, fact in about if fact is not None and fact.field is not None]
    if not maps:
        uniform = all(fact.uniform for _, fact in about if fact is not None)
        return Followed(uniform=uniform, fixed=_of_positions(tensor for tensor, fact in about if fact is None))
    axes = maps[0][1].axes
    others = [(tensor, fact) for tensor, fact in about if fact is None or fact.field is None]
    for tensor, fact in others:
        if _extent(tensor, axes) != (1, 1) and not (fact is not None and fact.uniform):
            return Followed(fixed=_extent(tensor, axes) if fact is None else ())
    slides = [tensor for tensor, _ in maps]
    fields = dict(zip(map(id, slides), (field for _, field in maps), strict=True))
    if name in _JOINS:
        values = dict(zip(("tensors", "dim"), arguments, strict=False)) | dict(keywords)
        slides, keywords = [slides], {"dim": values.get("dim", 0)}  # type: ignore[list-item]
    else:
        keywords = {}
    name = name if name in _JOINS else "add"
    field = field_after(name, slides, keywords, lambda tensor: fields[id(tensor)])
    return Followed(field, whole=any(fact is not None for _, fact in others))


def _of_positions(constants: Any) -> tuple[int, ...]:
    """Shape of the first constant that has more than one row of values, without the sides that are 1."""
    for tensor in constants:
        sides = tuple(side for side in tensor.shape if side > 1)
        if len(sides) > 1:
            return sides
    return ()


def _extent(tensor: Tensor, axes: tuple[int, int]) -> tuple[int, int]:
    vertical, horizontal = (tensor.shape[axis] if tensor.dim() >= -axis else 1 for axis in axes)
    return vertical, horizontal


def _worked_on(name: str, arguments: Sequence[Any], keywords: Mapping[str, Any], known: Lookup) -> Followed:
    """Functions that work on their first argument; the others must not depend on the picture."""
    source, rest = (arguments[0], arguments[1:]) if arguments else (keywords["input"], ())
    others = tensors_in([*rest, *(value for key, value in keywords.items() if key != "input")])
    fact = known(source) if isinstance(source, Tensor) else None
    batch = name == "batch_norm" and bool(rest[4] if len(rest) > 4 else keywords.get("training", False))
    if fact is None or (fact.field is None and not batch):
        return Followed(uniform=fact is not None and name in _SPREADS and _one_place(source, fact))
    field = fact.field
    if batch or field is None or any(known(other) is not None for other in others):
        return Followed(batch=batch)
    if _covers(name, source, field, rest, keywords):
        return Followed()
    if name in _LIKE:
        return Followed(field)
    if name in _WHOLE:
        return Followed(field, whole=True)
    if name in _ALONG:
        dim = keywords.get("dim", next((value for value in rest if isinstance(value, int)), _ALONG[name]))
        return Followed(None if _from_end(dim, source.dim()) in field.axes else field)
    if name in _REDUCTIONS:
        return Followed(_reduced(source, field, rest, keywords))
    if name == "pad":
        # Reflected, repeated or constant: inside, a map moves by the same steps.
        rest, keywords = rest[:1], {key: value for key, value in keywords.items() if key not in ("mode", "value")}
    found = field_after(name, (source, *rest), keywords, lambda _: field)
    return Followed(found)


def _one_place(tensor: Tensor, fact: Known) -> bool:
    """Whether a tensor has one position only, or the same at all of them."""
    return fact.uniform or (tensor.dim() == 4 and (1, 1) in (tuple(tensor.shape[1:3]), tuple(tensor.shape[2:])))


def _covers(name: str, source: Tensor, field: Field, rest: Sequence[Any], keywords: Mapping[str, Any]) -> bool:
    """Whether it is pooling that depends on how large the map is, or an average over all of it."""
    if name in _POOLS:
        return True
    if name != "avg_pool2d" or field.axes != (-2, -1):
        return False
    values = dict(zip(("kernel_size", "stride", "padding"), rest, strict=False)) | dict(keywords)
    return pair(values["kernel_size"]) == _extent(source, field.axes) and pair(values.get("padding", 0)) == (0, 0)


def _reduced(source: Tensor, field: Field, rest: Sequence[Any], keywords: Mapping[str, Any]) -> Field | None:
    """Follow the axes where other dimensions are averaged, summed, or their maximum is taken."""
    dims, kept = reduced_dimensions(source.dim(), rest, keywords)
    if not dims or any(axis in dims for axis in field.axes):
        return None
    if kept:
        return field
    vertical, horizontal = (axis + sum(dim > axis for dim in dims) for axis in field.axes)
    return replace(field, axes=(vertical, horizontal))


def reduced_dimensions(count: int, rest: Sequence[Any], keywords: Mapping[str, Any]) -> tuple[tuple[int, ...], bool]:
    """Return over which dimensions, from the end, a function like ``mean`` goes (all if it names none); whether they stay."""
    dims = keywords.get("dim", keywords.get("axis", rest[0] if rest else None))
    kept = bool(keywords.get("keepdim", rest[1] if len(rest) > 1 and isinstance(rest[1], bool) else False))
    if dims is None:
        return tuple(range(-count, 0)), kept
    numbers = dims if isinstance(dims, Sequence) else (dims,)
    return tuple(_from_end(int(dim), count) for dim in numbers), kept


def _from_end(dim: int, count: int) -> int:
    return dim if dim < 0 else dim - count


def pair(value: Any) -> tuple[int, int]:
    """A number, or one or two of them, as (vertical, horizontal)."""
    numbers = tuple(value) if isinstance(value, Sequence) else (value,)
    return int(numbers[0]), int(numbers[-1])
