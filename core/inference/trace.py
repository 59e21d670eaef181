"""Looking over a network's shoulder while it runs: what every function costs, and what its results see of the input."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, MutableMapping
from typing import Any

from torch import Size, Tensor
from torch.overrides import TorchFunctionMode
from torch.utils.weak import WeakTensorKeyDictionary

from core.inference.macs import count_macs
from core.inference.receptive_field import Field, field_after


class Trace(TorchFunctionMode):
    """Follow one forward pass; enter it around the call of the network.

    It calls every function as it was called and gives back what that returned: whatever is not understood costs the
    knowledge of a layer, never the pass. Tensors are held weakly.

    Parameters
    ----------
    batch
        The input: (N, channels, H, W), or anything else, of which nothing is then known.
    spend
        Told the multiply-adds of each function as it happens; None where they cannot be counted.
    """

    def __init__(self, batch: Tensor, spend: Callable[[int | None], None]) -> None:
        super().__init__()
        self._spend = spend
        self._fields: MutableMapping[Tensor, Field | None] = WeakTensorKeyDictionary()
        self._fields[batch] = Field() if batch.dim() == 4 else None

    def field(self, tensor: Tensor) -> Field | None:
        """Return what the units of a tensor see; None if they see everything or nothing is known."""
        return self._fields.get(tensor)

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        keywords: dict[str, Any] = kwargs or {}
        output = func(*args, **keywords)
        if results := tensors_in(output):
            self._note(str(getattr(func, "__name__", "")).strip("_"), args, keywords, output, results)
        elif getattr(func, "__name__", "") == "__setitem__":
            self._fields[args[0]] = None
        return output

    def _note(self, name: str, args: Any, keywords: dict[str, Any], output: Any, results: list[Tensor]) -> None:
        try:
            if macs := count_macs(name, args, keywords, output):
                self._spend(macs)
        except Exception:  # a model may call anything in any way
            self._spend(None)
        if not any(tensor in self._fields for tensor in tensors_in([*args, *keywords.values()])):
            return
        field = None
        with contextlib.suppress(Exception):
            field = field_after(name, args, keywords, self._fields.__getitem__)
        for tensor in results:
            self._fields[tensor] = field


def tensors_in(value: Any) -> list[Tensor]:
    """List every tensor in nested tuples, lists and dicts."""
    if isinstance(value, Tensor):
        return [value]
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, tuple | list) or isinstance(value, Size):
        return []
    return [tensor for item in value for tensor in tensors_in(item)]
