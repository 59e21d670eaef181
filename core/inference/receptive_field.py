"""Receptive fields, carried from tensor to tensor while a network runs once.

Along each of the two axes of space, a unit sees an interval of the input. The interval of the first unit and the step from
one unit to the next say all there is to know, and every operation changes them by simple arithmetic (Araujo, Norris and Sim,
"Computing Receptive Fields of Convolutional Neural Networks", Distill 2019). What mixes all of space, or is not known here,
yields None, and so does everything that is calculated from it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from torch import Tensor, nn


@dataclass(frozen=True, slots=True)
class Span:
    """What units see along one axis: unit ``i`` the input pixels ``low + i * step`` to ``high + i * step``, both included.

    Not clipped at the border, so ``low`` is negative where there is padding.
    """

    low: int = 0
    high: int = 0
    step: int = 1

    def windowed(self, kernel: int, stride: int, padding: int, dilation: int) -> Span:
        """Return what a window that slides over these units sees."""
        first = self.low - padding * self.step
        return Span(first, self.high + (dilation * (kernel - 1) - padding) * self.step, self.step * stride)


@dataclass(frozen=True, slots=True)
class Field:
    """What the units of a tensor see: vertical and horizontal span, and which dimensions those are, from the last one (-1)."""

    spans: tuple[Span, Span] = (Span(), Span())
    axes: tuple[int, int] = (-2, -1)

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in input pixels."""
        vertical, horizontal = self.spans
        return vertical.high - vertical.low + 1, horizontal.high - horizontal.low + 1

    @property
    def stride(self) -> tuple[int, int]:
        """Input pixels from one unit to the next, vertically and horizontally."""
        return self.spans[0].step, self.spans[1].step

    @property
    def offset(self) -> tuple[float, float]:
        """Centre of what unit (0, 0) sees: row and column, 0 is the centre of the first input pixel."""
        vertical, horizontal = self.spans
        return (vertical.low + vertical.high) / 2, (horizontal.low + horizontal.high) / 2


Fields = Callable[[Any], "Field | None"]
"""Gives the field of a tensor that depends on the input; KeyError for one that does not."""

Rule = Callable[[Tensor, "Field", Sequence[Any], Mapping[str, Any]], "Field | None"]
"""From the first input, its field and the other arguments to the field of the output."""


def field_after(name: str, arguments: Sequence[Any], keywords: Mapping[str, Any], fields: Fields) -> Field | None:
    """Return the field of what a function returns.

    Parameters
    ----------
    name
        The function's name without underscores at the ends: ``conv2d``, ``relu``, ``iadd``.
    arguments, keywords
        What it was called with. The first argument, or ``input``, is what it works on.
    fields
        See :data:`Fields`.
    """
    if name in POINTWISE:
        return _united([*arguments, *keywords.values()], fields)
    if name in _JOINS:
        return _joined(arguments, keywords, fields)
    rule = _RULES.get(name)
    if rule is None:
        return None
    source, rest = (arguments[0], arguments[1:]) if arguments else (keywords["input"], ())
    field = fields(source)
    return None if field is None else rule(source, field, rest, keywords)


def _united(operands: Iterable[Any], fields: Fields) -> Field | None:
    """Field of an element-wise combination; operands that do not depend on the input leave it as it is."""
    known: list[tuple[Tensor, Field]] = []
    constants: list[Tensor] = []
    for operand in operands:
        if not isinstance(operand, Tensor):
            continue
        try:
            field = fields(operand)
        except KeyError:
            constants.append(operand)
            continue
        if field is None:
            return None
        known.append((operand, field))
    axes = known[0][1].axes
    if any(not _flat(constant, axes) for constant in constants):
        return None
    if any(_extent(tensor, axes) != _extent(known[0][0], axes) for tensor, _ in known):
        return None
    return _union([field for _, field in known])


def _flat(constant: Tensor, axes: tuple[int, int]) -> bool:
    """Whether a tensor that nothing is known about can be trusted not to come from the input by an unseen way."""
    return isinstance(constant, nn.Parameter) or _extent(constant, axes) == (1, 1)


def _extent(tensor: Tensor, axes: tuple[int, int]) -> tuple[int, ...]:
    return tuple(tensor.shape[axis] if tensor.dim() >= -axis else 1 for axis in axes)


def _union(fields: Sequence[Field]) -> Field | None:
    first = fields[0]
    if any((field.axes, field.stride) != (first.axes, first.stride) for field in fields):
        return None
    vertical, horizontal = (
        Span(
            min(field.spans[axis].low for field in fields),
            max(field.spans[axis].high for field in fields),
            first.spans[axis].step,
        )
        for axis in (0, 1)
    )
    return replace(first, spans=(vertical, horizontal))


def _joined(arguments: Sequence[Any], keywords: Mapping[str, Any], fields: Fields) -> Field | None:
    values = dict(zip(("tensors", "dim"), arguments, strict=False)) | dict(keywords)
    tensors = list(values["tensors"])
    field = _united(tensors, fields)
    if field is None or _from_end(values.get("dim", 0), tensors[0].dim()) in field.axes:
        return None
    return field


def _from_end(dim: int, dims: int) -> int:
    return dim if dim < 0 else dim - dims


def _window(names: Sequence[str]) -> Rule:
    """Make the rule of a convolution or pooling from the order of its parameters after the input."""

    def rule(_source: Tensor, field: Field, rest: Sequence[Any], keywords: Mapping[str, Any]) -> Field | None:
        values = dict(zip(names, rest, strict=False)) | dict(keywords)
        if field.axes != (-2, -1):
            return None
        kernel = _pair(values["kernel_size"]) if "kernel_size" in names else _pair(values["weight"].shape[-2:])
        stride = _pair(values.get("stride") or (kernel if "kernel_size" in names else 1))
        dilation = _pair(values.get("dilation", 1))
        padding = _padding(values.get("padding", 0), kernel, dilation)
        vertical, horizontal = (
            span.windowed(*numbers) for span, *numbers in zip(field.spans, kernel, stride, padding, dilation, strict=True)
        )
        return replace(field, spans=(vertical, horizontal))

    return rule


def _pair(value: Any) -> tuple[int, int]:
    numbers = tuple(value) if isinstance(value, Sequence) else (value,)
    return (int(numbers[0]), int(numbers[-1]))


def _padding(value: Any, kernel: tuple[int, int], dilation: tuple[int, int]) -> tuple[int, int]:
    if value == "valid":
        return 0, 0
    if value == "same":
        return dilation[0] * (kernel[0] - 1) // 2, dilation[1] * (kernel[1] - 1) // 2
    return _pair(value)


def _adaptive(source: Tensor, field: Field, rest: Sequence[Any], keywords: Mapping[str, Any]) -> Field | None:
    """Adaptive pooling is an ordinary one where the sides divide, and the identity where they are equal."""
    wanted = _pair(rest[0] if rest else keywords["output_size"])
    sides = _extent(source, field.axes)
    if field.axes != (-2, -1) or any(out == 1 < side or side % out for side, out in zip(sides, wanted, strict=True)):
        return None
    vertical, horizontal = (
        span.windowed(side // out, side // out, 0, 1) for span, side, out in zip(field.spans, sides, wanted, strict=True)
    )
    return replace(field, spans=(vertical, horizontal))


def _keeps(_source: Tensor, field: Field, _rest: Sequence[Any], _keywords: Mapping[str, Any]) -> Field | None:
    return field


def _batch_norm(_source: Tensor, field: Field, rest: Sequence[Any], keywords: Mapping[str, Any]) -> Field | None:
    training = rest[4] if len(rest) > 4 else keywords.get("training", False)
    return None if training else field


def _layer_norm(_source: Tensor, field: Field, rest: Sequence[Any], keywords: Mapping[str, Any]) -> Field | None:
    normalised = len(tuple(rest[0] if rest else keywords["normalized_shape"]))
    return None if any(axis >= -normalised for axis in field.axes) else field


def _linear(_source: Tensor, field: Field, _rest: Sequence[Any], _keywords: Mapping[str, Any]) -> Field | None:
    return None if -1 in field.axes else field


def _along(name: str, place: int, otherwise: int) -> Rule:
    """Make the rule of what works along one dimension: nothing changes unless that is one of space."""

    def rule(source: Tensor, field: Field, rest: Sequence[Any], keywords: Mapping[str, Any]) -> Field | None:
        dim = rest[place] if len(rest) > place else keywords.get(name, otherwise)
        return None if _from_end(dim, source.dim()) in field.axes else field

    return rule


def _permute(source: Tensor, field: Field, rest: Sequence[Any], keywords: Mapping[str, Any]) -> Field | None:
    order = keywords["dims"] if "dims" in keywords else rest[0] if isinstance(rest[0], Sequence) else rest
    return _moved(field, [_from_end(dim, source.dim()) for dim in order])


def _transpose(source: Tensor, field: Field, rest: Sequence[Any], keywords: Mapping[str, Any]) -> Field | None:
    values = dict(zip(("dim0", "dim1"), rest, strict=False)) | dict(keywords)
    order = list(range(-source.dim(), 0))
    one, other = values["dim0"], values["dim1"]
    order[one], order[other] = order[other], order[one]
    return _moved(field, order)


def _moved(field: Field, order: Sequence[int]) -> Field:
    """Follow the axes to where a permutation puts them; ``order`` counts dimensions from the end."""
    vertical, horizontal = (order.index(axis) - len(order) for axis in field.axes)
    return replace(field, axes=(vertical, horizontal))


def _unsqueeze(source: Tensor, field: Field, rest: Sequence[Any], keywords: Mapping[str, Any]) -> Field | None:
    place = _from_end(rest[0] if rest else keywords["dim"], source.dim() + 1)
    vertical, horizontal = (axis if axis > place else axis - 1 for axis in field.axes)
    return replace(field, axes=(vertical, horizontal))


def _pad(_source: Tensor, field: Field, rest: Sequence[Any], keywords: Mapping[str, Any]) -> Field | None:
    values = dict(zip(("pad", "mode"), rest, strict=False)) | dict(keywords)
    if values.get("mode", "constant") != "constant":
        return None
    before = list(values["pad"])[::2]
    spans = [
        span.windowed(1, 1, before[-axis - 1] if -axis <= len(before) else 0, 1)
        for span, axis in zip(field.spans, field.axes, strict=True)
    ]
    return replace(field, spans=(spans[0], spans[1]))


def _index(source: Tensor, field: Field, rest: Sequence[Any], _keywords: Mapping[str, Any]) -> Field | None:
    """Slices of space move the spans; numbers and None move the axes."""
    items = list(rest[0]) if isinstance(rest[0], tuple) else [rest[0]]
    used = sum(item is not None and item is not Ellipsis for item in items)
    fill = [slice(None)] * (source.dim() - used)
    at = next((place for place, item in enumerate(items) if item is Ellipsis), len(items))
    items[at : at + 1] = fill
    taken: list[tuple[int, slice]] = []
    dim = -source.dim()
    for place, item in enumerate(items):
        if item is None:
            continue
        if isinstance(item, slice) and dim in field.axes:
            removed = sum(isinstance(other, int) for other in items[place:])
            taken.append((place - len(items) + removed, item))
        elif not isinstance(item, slice | int) or isinstance(item, bool):
            return None
        dim += 1
    if len(taken) < 2:
        return None
    return _sliced(field, taken, _extent(source, field.axes))


def _sliced(field: Field, taken: Sequence[tuple[int, slice]], sides: Sequence[int]) -> Field:
    ordered = taken if field.axes[0] < field.axes[1] else taken[::-1]
    spans = []
    for span, (_, part), side in zip(field.spans, ordered, sides, strict=True):
        start, _, step = part.indices(side)
        spans.append(span.windowed(1, step, -start, 1))
    return Field((spans[0], spans[1]), (ordered[0][0], ordered[1][0]))


def _reshape(source: Tensor, field: Field, rest: Sequence[Any], keywords: Mapping[str, Any]) -> Field | None:
    """Find the axes again where nothing is split or merged across them: same side, as many elements behind."""
    shape = keywords.get("shape", keywords.get("size", rest[0] if rest and isinstance(rest[0], Sequence) else rest))
    if not shape or any(not isinstance(side, int) for side in shape):
        return None
    new = _completed(list(shape), source.numel())
    found = []
    for axis in field.axes:
        behind = _product(source.shape[source.dim() + axis + 1 :])
        places = (
            place - len(new)
            for place, side in enumerate(new)
            if side == source.shape[axis] and _product(new[place + 1 :]) == behind and place - len(new) not in found
        )
        found.append(next(places, 0))
    return None if 0 in found else replace(field, axes=(found[0], found[1]))


def _completed(shape: list[int], elements: int) -> list[int]:
    if -1 in shape:
        shape[shape.index(-1)] = elements // -_product(shape)
    return shape


def _product(numbers: Iterable[int]) -> int:
    product = 1
    for number in numbers:
        product *= number
    return product


_ELEMENT_WISE = """add sub mul div truediv iadd isub imul itruediv radd rsub rmul rtruediv neg pow square sqrt rsqrt exp log abs
    maximum minimum clamp clip relu relu6 leaky_relu elu selu celu gelu silu mish hardswish hardsigmoid hardtanh sigmoid
    logsigmoid tanh softplus softsign prelu rrelu threshold"""
POINTWISE = frozenset(_ELEMENT_WISE.split())
_JOINS = frozenset(("cat", "concat", "concatenate"))
_SAME = """dropout dropout1d dropout2d dropout3d alpha_dropout feature_dropout contiguous clone detach float double half
bfloat16 to type cpu cuda local_response_norm identity requires_grad"""
_POOLING = ("kernel_size", "stride", "padding", "dilation")
_RULES: dict[str, Rule] = dict.fromkeys(_SAME.split(), _keeps) | {
    "conv2d": _window(("weight", "bias", "stride", "padding", "dilation")),
    "max_pool2d": _window(_POOLING),
    "max_pool2d_with_indices": _window(_POOLING),
    "avg_pool2d": _window(_POOLING[:3]),
    "adaptive_avg_pool2d": _adaptive,
    "adaptive_max_pool2d": _adaptive,
    "batch_norm": _batch_norm,
    "layer_norm": _layer_norm,
    "linear": _linear,
    "softmax": _along("dim", 0, -1),
    "chunk": _along("dim", 1, 0),
    "split": _along("dim", 1, 0),
    "permute": _permute,
    "transpose": _transpose,
    "unsqueeze": _unsqueeze,
    "pad": _pad,
    "getitem": _index,
    "reshape": _reshape,
    "view": _reshape,
}
