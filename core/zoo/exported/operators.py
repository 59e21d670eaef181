"""The functions of torch that a graph may call, and the arguments of a call.

Only those listed here: they calculate their results from their arguments and do nothing else, draw no random numbers, read no
uninitialised memory, and the sizes of what they return follow from the sizes of what they are given, so that a look at
the sizes alone says what a graph will ask for.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from core.zoo.exported.graph import GraphError, Node, text_of

_NAMES = """
abs acos add addcdiv addcmul addmm alias all amax amin any arange argmax argmin asin atan avg_pool1d avg_pool2d
adaptive_avg_pool1d adaptive_avg_pool2d adaptive_max_pool2d baddbmm batch_norm bitwise_and bitwise_not bitwise_or bmm
broadcast_to cat ceil celu channel_shuffle chunk clamp clamp_max clamp_min clone concat constant_pad_nd contiguous
conv1d conv2d conv_transpose2d convolution copy cos cumsum detach detach_ div dropout elu embedding eq erf exp expand
expand_as expm1 fill flatten flip floor floor_divide fmod full full_like gather ge gelu glu group_norm gt hardsigmoid
hardswish hardtanh index_select instance_norm layer_norm le leaky_relu lift_fresh_copy linalg_vector_norm linear log
log1p log_sigmoid log_softmax logical_and logical_not logical_or logsumexp lt masked_fill matmul max max_pool1d
max_pool2d maximum mean min minimum mish mm mul narrow native_group_norm native_layer_norm ne neg new_full new_ones
new_zeros _native_batch_norm_legit_no_training norm ones ones_like pad permute pixel_shuffle pixel_unshuffle pow prelu
reciprocal remainder reflection_pad2d relu relu6 repeat replication_pad2d reshape rms_norm roll round rsqrt rsub
scaled_dot_product_attention select selu sigmoid sign silu sin slice slice_scatter select_scatter softmax softplus split
split_with_sizes sqrt square squeeze stack std sub sum t tanh threshold tile to topk transpose tril triu type_as unbind
unflatten unfold unsqueeze _unsafe_view upsample_bicubic2d upsample_bilinear2d upsample_nearest2d
_upsample_nearest_exact2d var view view_as where zero zeros zeros_like _softmax _log_softmax _to_copy
_adaptive_avg_pool2d index scalar_tensor max_pool2d_with_indices sym_size numel movedim moveaxis swapaxes swapdims
linalg_norm
"""
ALLOWED = frozenset(_NAMES.split())
_SKIPPED = frozenset(
    ["_assert_scalar", "_assert_tensor_metadata", "_assert_async", "sym_constrain_range", "sym_constrain_range_for_size"]
)
_INTEGERS: dict[str, Callable[..., Any]] = {
    "add": operator.add, "sub": operator.sub, "mul": operator.mul, "floordiv": operator.floordiv, "mod": operator.mod,
    "ge": operator.ge, "le": operator.le, "gt": operator.gt, "lt": operator.lt, "eq": operator.eq, "ne": operator.ne,
    "neg": operator.neg,
}  # fmt: skip
_SHAPED = frozenset(["view", "reshape", "_unsafe_view", "expand", "new_zeros", "new_ones", "new_full", "unflatten"])
_TARGET = re.compile(r"torch\.ops\.(\w+)\.(\w+?)\.(\w+)")
_TYPES = {
    1: torch.uint8, 2: torch.int8, 3: torch.int16, 4: torch.int32, 5: torch.int64, 6: torch.float32, 7: torch.float32,
    8: torch.float32, 12: torch.bool, 13: torch.float32,
}  # fmt: skip
"""Floating-point numbers are float32 throughout, whatever the program was saved in."""
_FORMATS = {1: torch.contiguous_format, 2: torch.channels_last, 3: torch.channels_last_3d, 4: torch.preserve_format}
_NUMBERS = {"Infinity": float("inf"), "-Infinity": float("-inf"), "NaN": float("nan")}

Look = Callable[[str], Any]
Make = Callable[[Look], Any]


@dataclass(frozen=True, slots=True)
class Step:
    """A node made ready: ``run`` calls it with what the names of its ``reads`` stand for."""

    name: str
    run: Callable[[Look], Any]
    reads: tuple[str, ...]
    outputs: tuple[str | None, ...]
    listed: bool
    in_place: bool
    changed: str | None = None


def made_ready(node: Node, batch: int | None, scaled: Mapping[str, int]) -> Step | None:
    """Check a node and make it ready; None for one that only asserts something.

    Parameters
    ----------
    node
        The call.
    batch
        The fixed number of pictures that the program was exported for, None where it may vary.
    scaled
        Values that depend on the pictures, with the first of their exported sizes.

    Raises
    ------
    GraphError
        If it calls what is not allowed, or with what makes no sense.
    """
    if node.target.startswith("_operator."):
        return _integer_step(node)
    found = _TARGET.fullmatch(node.target)
    if found is None or found[1] != "aten":
        raise GraphError(f"it calls “{_shown(node.target)}”, which is no function of torch's own (aten)")
    name, overload = found[2], found[3]
    if name in _SKIPPED:
        return None
    base = name.removesuffix("_") if not name.startswith("_") else name
    if base not in ALLOWED:
        raise GraphError(f"it calls “aten.{_shown(name)}”, which this program does not run")
    function = getattr(getattr(torch.ops.aten, name, None), overload, None)
    if not isinstance(function, torch._ops.OpOverload) or (_writes(function) and not name.endswith("_")):
        raise GraphError(f"it calls “aten.{_shown(name)}.{_shown(overload)}”, which this torch does not have")
    return _step(node, name, function, batch, scaled)


def _writes(function: Any) -> list[str]:
    """Names of the arguments that an operator changes."""
    arguments = function._schema.arguments
    return [one.name for one in arguments if one.alias_info is not None and one.alias_info.is_write]


def _shown(text: str) -> str:
    return ascii(text[:60])[1:-1]


def _step(node: Node, name: str, function: Any, batch: int | None, scaled: Mapping[str, int]) -> Step:
    schema = function._schema
    reads: list[str] = []
    given = {one: _maker(kind, value, reads) for one, kind, value in node.inputs}
    known = {one.name for one in schema.arguments}
    if not known.issuperset(given):
        raise GraphError(f"it calls “aten.{name}” with an argument that it does not have")
    if batch is not None and name in _SHAPED:
        _free_batch(node, name, batch, scaled, given)
    for one, kind, value in node.inputs:
        if one in ("training", "train") and (kind != "as_bool" or value is not False):
            raise GraphError("it was exported in training mode; export `model.eval()` instead")
    place: list[Make] = []
    keywords: dict[str, Make] = {}
    waiting: list[Make] = []
    for one in schema.arguments:
        if one.kwarg_only:
            if one.name in given:
                keywords[one.name] = given[one.name]
        elif one.name in given:
            place += [*waiting, given[one.name]]
            waiting = []
        else:
            waiting.append(_constant(one.default_value if one.has_default_value() else None))
    if "device" in known and not any("Tensor" in str(one.type) for one in schema.arguments):
        # What is made of sizes alone lies where the network is: on the meta device, while sizes are looked at.
        keywords["device"] = _named_place
    call = _python(name, function)
    writes = _writes(function)
    changed = next((value["name"] for one, kind, value in node.inputs if one in writes and kind == "as_tensor"), None)
    if writes and changed is None:
        raise GraphError(f"it calls “aten.{name}” on no tensor")

    def run(look: Look) -> Any:
        return call(*[make(look) for make in place], **{key: make(look) for key, make in keywords.items()})

    return Step(f"aten.{name}", run, tuple(dict.fromkeys(reads)), node.outputs, node.listed, bool(writes), changed)


def _python(name: str, function: Any) -> Callable[..., Any]:
    """Return the function that Python code calls by this name: the same one, but seen by whoever looks over its shoulder."""
    if name in _OWN:
        return _OWN[name]
    if name == "sym_size":
        return function  # type: ignore[no-any-return]
    for home in (torch._C._nn, torch, Tensor):
        found = getattr(home, name, None)
        if found is not None and type(found).__name__ in ("builtin_function_or_method", "method_descriptor"):
            return _or_own(found, function)
    return function  # type: ignore[no-any-return]


def _or_own(found: Callable[..., Any], function: Callable[..., Any]) -> Callable[..., Any]:
    """Call a function of Python, or the operator itself where Python's takes its arguments in another way."""

    def call(*arguments: Any, **keywords: Any) -> Any:
        try:
            return found(*arguments, **keywords)
        except TypeError:
            return function(*arguments, **keywords)

    return call


def _slice(value: Tensor, dim: int = 0, start: int | None = None, end: int | None = None, step: int = 1) -> Tensor:
    dim = dim if dim >= 0 else dim + value.dim()
    if not 0 <= dim < max(value.dim(), 1) or step < 1:
        raise GraphError("it cuts along a dimension that is not there")
    return value[(slice(None),) * dim + (slice(start, end, step),)]


def _convolution(
    value: Tensor, weight: Tensor, bias: Tensor | None, stride: Any, padding: Any, dilation: Any, transposed: bool,
    more: Any, groups: int,
) -> Tensor:  # fmt: skip
    if value.dim() == 4 and not transposed:
        return torch.conv2d(value, weight, bias, stride, padding, dilation, groups)
    return torch.convolution(value, weight, bias, stride, padding, dilation, transposed, more, groups)


def _batch_norm(
    value: Tensor, weight: Tensor | None, bias: Tensor | None, mean: Tensor, variance: Tensor, momentum: float, eps: float
) -> tuple[Tensor, Tensor, Tensor]:
    fresh = torch.batch_norm(value, weight, bias, mean, variance, False, momentum, eps, False)
    return fresh, value.new_zeros(0), value.new_zeros(0)


_OWN: dict[str, Callable[..., Any]] = {
    "slice": _slice, "convolution": _convolution, "_native_batch_norm_legit_no_training": _batch_norm,
}  # fmt: skip


def _free_batch(node: Node, name: str, batch: int, scaled: Mapping[str, int], given: dict[str, Make]) -> None:
    """Let a shape whose first size is the number of exported pictures follow the number of pictures."""
    raw = {one: (kind, value) for one, kind, value in node.inputs}
    sizes = next((one for one in ("size", "shape") if one in raw), None)
    if sizes is None or raw[sizes][0] != "as_ints" or not raw[sizes][1] or raw[sizes][1][0] != batch:
        return
    kind, value = raw.get("self", ("", None))
    source = value["name"] if kind == "as_tensor" else ""
    if name != "expand" and scaled.get(source) != batch:
        return
    rest = list(raw[sizes][1][1:])
    given[sizes] = lambda look: [look(PICTURES), *rest]


PICTURES = "*pictures"
"""A name that no value of a file has: the number of pictures in the batch."""

PLACE = "*place"
"""The device that the network is on."""


def _integer_step(node: Node) -> Step:
    name = node.target.removeprefix("_operator.")
    calculate = _INTEGERS.get(name)
    if calculate is None:
        raise GraphError(f"it calls “{_shown(node.target)}”, which this program does not run")
    reads: list[str] = []
    makers = [_maker(kind, value, reads) for _, kind, value in node.inputs]

    def run(look: Look) -> Any:
        numbers = [make(look) for make in makers]
        if any(not isinstance(number, int) or abs(number) > 1 << 40 for number in numbers):
            raise GraphError("it calculates a size that makes no sense")
        return calculate(*numbers)

    return Step(name, run, tuple(reads), node.outputs, node.listed, in_place=False)


def _named_place(look: Look) -> Any:
    return look(PLACE)


def _constant(value: Any) -> Make:
    return lambda _look: value


def _named(name: Any, reads: list[str]) -> Make:
    one = text_of(name)
    reads.append(one)
    return lambda look: look(one)


def _all(makers: list[Make]) -> Make:
    return lambda look: [make(look) for make in makers]


def _maker(kind: str, value: Any, reads: list[str]) -> Make:
    """Return what makes an argument, once the values that it refers to are there."""
    if kind == "as_tensor":
        return _named(value["name"], reads)
    if kind == "as_tensors":
        return _all([_named(one["name"], reads) for one in value])
    if kind == "as_optional_tensor":
        return _named(value["as_tensor"]["name"], reads) if "as_tensor" in value else _constant(None)
    if kind == "as_optional_tensors":
        return _all(
            [_named(one["as_tensor"]["name"], reads) if "as_tensor" in one else _constant(None) for one in value]
        )
    if kind == "as_sym_int":
        return _symbolic(value, reads)
    if kind == "as_sym_ints":
        return _all([_symbolic(one, reads) for one in value])
    if kind == "as_sym_bool":
        return _named(value["as_name"], reads) if "as_name" in value else _constant(bool(value["as_bool"]))
    if kind == "as_device":
        return lambda look: look(PLACE)
    return _constant(_plain(kind, value))


def _symbolic(value: Any, reads: list[str]) -> Make:
    return _named(value["as_name"], reads) if "as_name" in value else _constant(_whole(value["as_int"]))


def _plain(kind: str, value: Any) -> Any:
    if kind == "as_none":
        return None
    if kind == "as_int":
        return _whole(value)
    if kind == "as_ints":
        return [_whole(one) for one in value]
    if kind == "as_float":
        return _real(value)
    if kind == "as_floats":
        return [_real(one) for one in value]
    if kind == "as_bool":
        return bool(value)
    if kind == "as_bools":
        return [bool(one) for one in value]
    if kind == "as_string":
        return text_of(value)
    tables: dict[str, Mapping[int, Any]] = {"as_scalar_type": _TYPES, "as_memory_format": _FORMATS}
    table = tables.get(kind)
    if kind == "as_layout" and value == 7:
        return torch.strided
    if table is None or value not in table:
        raise GraphError(f"an argument of it is of a kind ({_shown(kind)}) that this program does not know")
    return table[value]


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > (1 << 63) - 1:
        raise GraphError("a number in it makes no sense")
    return value


def _real(value: Any) -> float:
    number = _NUMBERS.get(value) if isinstance(value, str) else value
    if not isinstance(number, int | float):
        raise GraphError("a number in it makes no sense")
    return float(number)
