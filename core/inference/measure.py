"""One forward pass that finds every layer: its output's shape, its place in the order, its parameters, cost and field."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from core.errors import LayerError
from core.inference.attention import attention_shape, is_partition, partition_windows
from core.inference.receptive_field import Field
from core.inference.trace import Trace
from core.types import ATTENTION, LayerInfo, Windows

_FLOAT32_BYTES = 4
MAGNITUDES = " (magnitudes)"
"""What a layer's kind says where it puts out complex numbers: only how large they are is shown."""


@dataclass(slots=True)
class _Call:
    """One call of a module, as it is met."""

    module: nn.Module
    name: str
    number: int
    shape: tuple[int, ...] | None = None
    leaf: bool = True
    macs: int | None = 0
    field: Field | None = None
    windows: Windows | None = None
    swapped: bool = False
    """Of a partition: whether windows and positions have changed places in what is inside it now."""
    attention: bool = False
    complex: bool = False

    @property
    def kind(self) -> str:
        if self.attention:
            return "Attention"
        return f"{type(self.module).__name__}{MAGNITUDES * self.complex}"

    @property
    def parameters(self) -> int:
        return 0 if self.attention else sum(parameter.numel() for parameter in self.module.parameters())


def first_tensor(output: Any) -> Tensor | None:
    """Return the first tensor of what a module returned: itself, or the first inside a tuple, list or dict."""
    if isinstance(output, Tensor):
        return output
    inside: Iterable[Any] = ()
    if isinstance(output, Mapping):
        inside = output.values()
    elif isinstance(output, tuple | list):
        inside = output
    return next((tensor for item in inside if (tensor := first_tensor(item)) is not None), None)


def with_first_tensor(output: Any, tensor: Tensor) -> Any:
    """Return what a module returned with another tensor in the place of :func:`first_tensor`.

    Raises
    ------
    TypeError
        If there is no tensor in it, or it cannot be put together again.
    """
    if isinstance(output, Tensor):
        return tensor
    if isinstance(output, Mapping):
        name = next(key for key, item in output.items() if first_tensor(item) is not None)
        return type(output)({**output, name: with_first_tensor(output[name], tensor)})  # type: ignore[call-arg]
    if isinstance(output, tuple | list):
        place = next(place for place, item in enumerate(output) if first_tensor(item) is not None)
        items = [*output[:place], with_first_tensor(output[place], tensor), *output[place + 1 :]]
        return type(output)(*items) if hasattr(output, "_fields") else type(output)(items)
    raise TypeError("there is no tensor in this output")


def must_be_changeable(layer: LayerInfo) -> None:
    """Raise a :class:`LayerError` for an attention, which no module puts out, and for complex numbers."""
    if layer.heads is not None:
        raise LayerError(
            f"The attention “{layer.key}” is only read, not changed or differentiated. Choose “{layer.module}” for that."
        )
    if layer.kind.endswith(MAGNITUDES):
        raise LayerError(
            f"The layer “{layer.key}” puts out complex numbers, which are only read, not changed or differentiated. Choose "
            "another layer for that."
        )


def module_of(network: nn.Module, layer: LayerInfo) -> nn.Module:
    """Return the module whose output a layer is, to hang a hook on.

    Raises
    ------
    LayerError
        If the network has none of that name, or the layer is an attention, which is no module's output.
    """
    if layer.heads is not None:
        must_be_changeable(layer)
    try:
        return network.get_submodule(layer.name)
    except AttributeError as error:
        raise LayerError(f"The model has no layer “{layer.name}”.") from error


def measure_layers(module: nn.Module, batch: Tensor) -> tuple[tuple[LayerInfo, ...], Tensor]:
    """Run a network once and list its layers.

    Parameters
    ----------
    module
        The network, in evaluation mode.
    batch
        float32 (1, channels, H, W) on the network's device.

    Returns
    -------
    layers
        Every call of every module that returned a tensor, in order of execution, containers before what they hold. The
        network itself is left out unless it is all there is. The attention of a module that attends follows what is inside
        it, as a layer of its own.
    output
        What the network returned.
    """
    calls: list[_Call] = []
    handles = []
    try:
        stack: list[_Call] = []
        trace = Trace(batch, lambda macs: _spend(stack, macs))
        counts: Counter[str] = Counter()
        for name, part in module.named_modules():
            handles.append(part.register_forward_pre_hook(_enter(part, name, calls, stack, counts)))
            handles.append(part.register_forward_hook(_leave(calls, stack, trace)))
        with trace:
            output = first_tensor(module(batch))
    finally:
        for handle in handles:
            handle.remove()
    if output is None:
        raise TypeError("the network returned no tensor")
    return _listed(calls), output


def _enter(
    module: nn.Module, name: str, calls: list[_Call], stack: list[_Call], counts: Counter[str]
) -> Callable[[nn.Module, Any], None]:
    def hook(_module: nn.Module, _inputs: Any) -> None:
        counts[name] += 1
        call = _Call(module, name, counts[name])
        if stack:
            stack[-1].leaf = False
        stack.append(call)
        calls.append(call)

    return hook


def _leave(calls: list[_Call], stack: list[_Call], trace: Trace) -> Callable[[nn.Module, Any, Any], None]:
    def hook(_module: nn.Module, inputs: Any, output: Any) -> None:
        call = stack.pop()
        tensor = first_tensor(output)
        if tensor is None:
            return
        call.shape = tuple(tensor.shape)
        call.complex = tensor.is_complex()
        call.field = trace.field(tensor)
        call.windows = _windows(call, stack)
        if call.name and (found := attention_shape(call.module, inputs, call.shape)):
            shape, windows = found
            windows = windows or call.windows
            name = f"{call.name}{ATTENTION}"
            calls.append(_Call(call.module, name, call.number, shape, windows=windows, attention=True))

    return hook


def _windows(call: _Call, stack: list[_Call]) -> Windows | None:
    """How the output of a call inside a partition lies in the map."""
    holder = next((around for around in reversed(stack) if is_partition(around.module)), None)
    if holder is None or call.shape is None:
        return None
    if call.kind == "SwapAxes":
        holder.swapped = not holder.swapped
    return partition_windows(holder.module, call.module, call.shape, swapped=holder.swapped)


def _spend(stack: list[_Call], macs: int | None) -> None:
    """Book multiply-adds on every call that is going on; None makes their sums unknown."""
    for call in stack:
        call.macs = None if macs is None or call.macs is None else call.macs + macs


def _listed(calls: list[_Call]) -> tuple[LayerInfo, ...]:
    inner = [call for call in calls if call.name] or calls
    totals = Counter(call.name for call in inner)
    held: dict[str, int] = {}
    for call in inner:
        if call.name not in held:
            held[call.name] = call.parameters
    return tuple(_layer(call, call.shape, held[call.name], totals[call.name]) for call in inner if call.shape is not None)


def _layer(call: _Call, shape: tuple[int, ...], parameters: int, calls: int) -> LayerInfo:
    return LayerInfo(
        name=call.name,
        kind=call.kind,
        output_shape=shape,
        parameters=parameters,
        call=call.number,
        calls=calls,
        leaf=call.leaf,
        macs=call.macs,
        receptive_field=call.field.size if call.field else None,
        stride=call.field.stride if call.field else None,
        offset=call.field.offset if call.field else None,
        activation_bytes=_FLOAT32_BYTES * math.prod(shape),
        heads=shape[1] if call.attention else None,
        windows=call.windows,
    )
