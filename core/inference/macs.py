"""Multiply-adds of the functions that make up the cost of a network: convolutions, matrix products and attention.

Additions of a bias, normalisation, activations and pooling count nothing, as is the custom of the field (He et al.,
"Deep Residual Learning for Image Recognition", 2016, Table 1).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from torch import Tensor


def count_macs(name: str, arguments: Sequence[Any], keywords: Mapping[str, Any], output: Any) -> int:
    """Count the multiply-adds of one call; 0 for what is not counted.

    Parameters
    ----------
    name
        The function's name without underscores at the ends: ``conv2d``, ``linear``, ``matmul``.
    arguments, keywords
        What it was called with.
    output
        What it returned.
    """
    rule = _RULES.get(name)
    return 0 if rule is None else rule(_Call(arguments, keywords, output))


class _Call:
    """Arguments of a call, by place or else by name."""

    def __init__(self, arguments: Sequence[Any], keywords: Mapping[str, Any], output: Any) -> None:
        self._arguments = arguments
        self._keywords = keywords
        self.output = output

    def tensor(self, place: int, *names: str) -> Tensor:
        found = self._arguments[place] if len(self._arguments) > place else None
        found = next((self._keywords[name] for name in names if name in self._keywords), found)
        if not isinstance(found, Tensor):
            raise TypeError(f"no tensor at place {place}")
        return found

    def argument(self, place: int) -> Any:
        return self._arguments[place]


def _convolution(call: _Call) -> int:
    """Every output value costs the weights of one filter."""
    return int(call.output.numel()) * _filter(call)


def _transposed(call: _Call) -> int:
    return call.tensor(0, "input").numel() * _filter(call)


def _filter(call: _Call) -> int:
    return math.prod(call.tensor(1, "weight").shape[1:])


def _linear(call: _Call) -> int:
    return int(call.output.numel()) * call.tensor(1, "weight").shape[-1]


def _product(call: _Call) -> int:
    return int(call.output.numel()) * call.tensor(0, "input").shape[-1]


def _flipped_product(call: _Call) -> int:
    """``a.__rmatmul__(b)`` is ``b @ a``."""
    return int(call.output.numel()) * call.tensor(1).shape[-1]


def _added_product(call: _Call) -> int:
    return int(call.output.numel()) * call.tensor(1, "mat1", "batch1").shape[-1]


def _scaled_dot_product(call: _Call) -> int:
    """Queries times keys, and the result times values."""
    query, key, value = (call.tensor(place, name) for place, name in enumerate(("query", "key", "value")))
    return math.prod(query.shape[:-1]) * key.shape[-2] * (query.shape[-1] + value.shape[-1])


def _multi_head_attention(call: _Call) -> int:
    """Four projections and the attention itself; query (L, N, E), key and value (S, N, E), or without N."""
    query, key, value = (call.tensor(place, name) for place, name in enumerate(("query", "key", "value")))
    width = query.shape[-1]
    projected = 2 * query.numel() + key.numel() + value.numel()
    return projected * width + 2 * query.numel() * key.shape[0]


def _einsum(call: _Call) -> int:
    """Two operands: the product of the sides of all letters."""
    letters, _, _ = str(call.argument(0)).replace(" ", "").partition("->")
    rest = [call.argument(place) for place in (1, 2)] if not isinstance(call.argument(1), Sequence) else call.argument(1)
    sides: dict[str, int] = {}
    for term, operand in zip(letters.split(","), rest, strict=True):
        sides |= dict(zip(term, operand.shape, strict=True))
    return math.prod(sides.values())


_RULES: dict[str, Callable[[_Call], int]] = {
    "conv1d": _convolution,
    "conv2d": _convolution,
    "conv3d": _convolution,
    "conv_transpose1d": _transposed,
    "conv_transpose2d": _transposed,
    "conv_transpose3d": _transposed,
    "linear": _linear,
    "matmul": _product,
    "mm": _product,
    "bmm": _product,
    "mv": _product,
    "rmatmul": _flipped_product,
    "addmm": _added_product,
    "baddbmm": _added_product,
    "scaled_dot_product_attention": _scaled_dot_product,
    "multi_head_attention_forward": _multi_head_attention,
    "einsum": _einsum,
}
