"""Networks and activations of the right shapes that take no memory, and passes through them that cost next to nothing.

A tensor of any shape whose strides are all zero is one number in memory. With such parameters, and with the costly
functions of a network answered by the shape of what they would return, one measured pass of the largest network of the
catalogue takes about a second and a few megabytes. The ``meta`` device would do the same, but its shape functions are
Python's: they bring ``torch._dynamo`` and sympy with them, which takes seconds that stall a window, and a packaged
program leaves both out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

Arguments = Sequence[Any]
Keywords = Mapping[str, Any]


_CONVOLUTION = ("input", "weight", "bias", "stride", "padding", "dilation", "groups")


def hollow(shape: Sequence[int]) -> Tensor:
    """Return zeros, float32, of a shape; all of them are the same four bytes, so nobody may write into them."""
    return torch.zeros(()).expand(tuple(shape))


def hollow_out(module: nn.Module) -> nn.Module:
    """Put hollow tensors in the place of those that :func:`core.zoo.backend.skeleton` left without memory.

    Parameters
    ----------
    module
        A network with parameters on the ``meta`` device; changed in place, and returned.
    """
    applied: nn.Module = module._apply(_filled)  # type: ignore[no-untyped-call]
    return applied


def _filled(tensor: Tensor) -> Tensor:
    return hollow(tensor.shape) if tensor.is_meta else tensor


class ShapesOnly(TorchFunctionMode):
    """Answer the costly functions of a network by hollow tensors; enter it around a pass, inside inference mode.

    What is not known here is done, so that a result has the right shape whatever a network calls. Values mean nothing.
    """

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        keywords: dict[str, Any] = kwargs or {}
        rule = _RULES.get(str(getattr(func, "__name__", "")).strip("_"))
        answer = None if rule is None else rule(func, args, keywords)
        return func(*args, **keywords) if answer is None else answer


def _same(_func: Any, args: Arguments, keywords: Keywords) -> Any:
    first = args[0] if args else keywords["input"]
    return hollow(first.shape)


def _broadcast(_func: Any, args: Arguments, _keywords: Keywords) -> Any:
    shapes = [value.shape for value in args[:2] if isinstance(value, Tensor)]
    return hollow(np.broadcast_shapes(*shapes))


def _convolution(func: Any, args: Arguments, keywords: Keywords) -> Any:
    """Let one filter on one channel find out how large the maps become."""
    given = dict(zip(_CONVOLUTION, args, strict=False)) | dict(keywords)
    maps, weight = given["input"], given["weight"]
    if maps.dim() != 4:
        return None
    thin = given | {"input": maps[:1, :1], "weight": weight[:1, :1], "bias": None, "groups": 1}
    return hollow((maps.shape[0], weight.shape[0], *func(**thin).shape[2:]))


def _pooling(func: Any, args: Arguments, keywords: Keywords) -> Any:
    maps = args[0] if args else keywords["input"]
    if maps.dim() != 4 or keywords.get("return_indices"):
        return None
    thin = func(maps[:1, :1], *args[1:], **keywords) if args else func(**{**keywords, "input": maps[:1, :1]})
    return hollow((*maps.shape[:2], *thin.shape[2:]))


def _linear(_func: Any, args: Arguments, keywords: Keywords) -> Any:
    given = dict(zip(("input", "weight"), args, strict=False)) | dict(keywords)
    return hollow((*given["input"].shape[:-1], given["weight"].shape[0]))


def _product(_func: Any, args: Arguments, _keywords: Keywords) -> Any:
    if len(args) < 2 or min(args[0].dim(), args[1].dim()) < 2:
        return None
    one, other = args[0].shape, args[1].shape
    return hollow((*np.broadcast_shapes(tuple(one[:-2]), tuple(other[:-2])), one[-2], other[-1]))


def _join(_func: Any, args: Arguments, keywords: Keywords) -> Any:
    tensors = args[0] if args else keywords["tensors"]
    dim = args[1] if len(args) > 1 else keywords.get("dim", 0)
    shape = list(tensors[0].shape)
    shape[dim] = sum(one.shape[dim] for one in tensors)
    return hollow(shape)


def _attention(_func: Any, args: Arguments, keywords: Keywords) -> Any:
    given = dict(zip(("query", "key", "value"), args, strict=False)) | dict(keywords)
    return hollow((*given["query"].shape[:-1], given["value"].shape[-1]))


def _multi_head_attention(_func: Any, args: Arguments, keywords: Keywords) -> Any:
    """What it returns beside the answer, the attention itself, is nobody's output here."""
    query = args[0] if args else keywords["query"]
    return hollow(query.shape), None


def _reshape(_func: Any, args: Arguments, keywords: Keywords) -> Any:
    """Flattening, which would write all those zeros down."""
    maps = args[0]
    start = args[1] if len(args) > 1 else keywords.get("start_dim", 0)
    end = args[2] if len(args) > 2 else keywords.get("end_dim", -1)
    start, end = start % maps.dim(), end % maps.dim()
    return hollow((*maps.shape[:start], math.prod(maps.shape[start : end + 1]), *maps.shape[end + 1 :]))


_UNCHANGED = """relu relu6 leaky_relu elu gelu silu hardswish hardsigmoid hardtanh sigmoid tanh softmax dropout
    batch_norm layer_norm group_norm local_response_norm contiguous clone"""
_TWO = "add sub mul div truediv iadd isub imul itruediv radd rsub rmul rtruediv"
_POOLINGS = "max_pool2d avg_pool2d adaptive_avg_pool2d adaptive_max_pool2d"

_RULES: dict[str, Callable[[Any, Arguments, Keywords], Any]] = {
    **dict.fromkeys(_UNCHANGED.split(), _same),
    **dict.fromkeys(_TWO.split(), _broadcast),
    **dict.fromkeys(_POOLINGS.split(), _pooling),
    "conv2d": _convolution,
    "linear": _linear,
    "matmul": _product,
    "bmm": _product,
    "cat": _join,
    "concat": _join,
    "flatten": _reshape,
    "scaled_dot_product_attention": _attention,
    "multi_head_attention_forward": _multi_head_attention,
}
