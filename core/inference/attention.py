"""Modules that attend: how their attention is laid out, and a way to read it while they run.

The probabilities are those that the module itself works with. Nothing is replaced, so the predictions stay what they are.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from core.types import Windows

_SWIN = ("ShiftedWindowAttention", "ShiftedWindowAttentionV2")
_MAXVIT = "RelativePositionalMultiHeadAttention"
_PARTITION = "PartitionAttentionLayer"

Take = Callable[[Tensor], None]

_ARGUMENTS = (
    "query", "key", "value", "key_padding_mask", "need_weights", "attn_mask", "average_attn_weights", "is_causal",
)  # fmt: skip
"""The parameters of ``nn.MultiheadAttention.forward``, in their order."""


def attention_shape(
    module: nn.Module, inputs: tuple[Any, ...], output: tuple[int, ...]
) -> tuple[tuple[int, ...], Windows | None] | None:
    """Return the shape of a module's attention (N or windows, heads, queries, keys), and how its windows lie.

    Parameters
    ----------
    module
        Any module.
    inputs
        What it was called with, by place.
    output
        The shape of its first output tensor.

    Returns
    -------
    None for a module that is not known to attend. The windows of MaxViT are those of the layer around it, see
    :func:`partition_windows`.
    """
    kind = type(module).__name__
    if isinstance(module, nn.MultiheadAttention) and len(output) == 3:
        batch, queries = output[:2] if module.batch_first else output[1::-1]
        source = inputs[1].shape if len(inputs) > 1 and isinstance(inputs[1], Tensor) else output
        return (batch, module.num_heads, queries, source[1 if module.batch_first else 0]), None
    if kind in _SWIN and len(output) == 4:
        windows = _shifted(module, *output[1:3])
        positions = windows.rows * windows.columns
        return (output[0] * windows.count, int(module.num_heads), positions, positions), windows  # type: ignore[arg-type]
    if kind == _MAXVIT and len(output) == 4:
        batch, windows_here, positions, _ = output
        return (batch * windows_here, int(module.n_heads), positions, positions), None  # type: ignore[arg-type]
    return None


def _shifted(module: nn.Module, height: int, width: int) -> Windows:
    """Windows of Swin: not shifted along an axis that one window covers (``shifted_window_attention`` of torchvision)."""
    rows, columns = (int(side) for side in module.window_size)  # type: ignore[union-attr]
    down, across = (int(step) for step in module.shift_size)  # type: ignore[union-attr]
    return Windows(height, width, rows, columns, 0 if rows >= height else down, 0 if columns >= width else across)


def is_partition(module: nn.Module) -> bool:
    """Whether a module (of MaxViT) cuts its input into windows for what is inside it, and puts it together again."""
    return type(module).__name__ == _PARTITION


def partition_windows(holder: nn.Module, inner: nn.Module, shape: tuple[int, ...], *, swapped: bool) -> Windows | None:
    """Return how an output (N, windows, positions, C) inside a partition lies in the map.

    Parameters
    ----------
    holder
        The partition.
    inner, shape
        A module inside it, and the shape of what it put out.
    swapped
        Whether windows and positions have changed places, which makes a grid of them.
    """
    height, width = (int(side) for side in holder.grid_size)  # type: ignore[union-attr]
    if type(inner).__name__ == "WindowDepartition" or len(shape) != 4 or shape[1] * shape[2] != height * width:
        return None
    side = int(holder.p)  # type: ignore[arg-type]
    if swapped:
        return Windows(height, width, height // side, width // side, strided=True)
    return Windows(height, width, side, side)


@contextlib.contextmanager
def watched(module: nn.Module, call: int, take: Take) -> Iterator[None]:
    """Hand on the attention of one call of a module; enter it around the forward pass.

    Parameters
    ----------
    module
        One for which :func:`attention_shape` has an answer.
    call
        Which of its calls in the pass, from 1.
    take
        Given the probabilities in the shape of :func:`attention_shape`, in the network's own memory: to be copied at once.
        What it raises ends the pass.
    """
    watch = _Recomputed(call, take) if isinstance(module, nn.MultiheadAttention) else _Softmax(call, take)
    handles = [
        module.register_forward_pre_hook(watch.enter),
        module.register_forward_hook(watch.leave, with_kwargs=True),
    ]
    try:
        with watch:
            yield
    finally:
        for handle in handles:
            handle.remove()


class _Recomputed(contextlib.nullcontext[None]):
    """``nn.MultiheadAttention`` gives its weights when it is asked for them: it runs a second time, on the same input."""

    def __init__(self, call: int, take: Take) -> None:
        super().__init__()
        self._left = call
        self._take = take

    def enter(self, _module: nn.Module, _inputs: Any) -> None:
        self._left -= 1

    def leave(self, module: Any, inputs: Any, keywords: Any, _output: Any) -> None:
        if self._left != 0:
            return
        arguments = dict(zip(_ARGUMENTS, inputs, strict=False)) | keywords
        arguments |= {"need_weights": True, "average_attn_weights": False}
        # Not called as a module: the hooks of others have seen this call already.
        _, weights = module.forward(**arguments)
        self._take(weights)


class _Softmax(TorchFunctionMode):
    """The modules of torchvision call softmax once, on the attention of all windows."""

    def __init__(self, call: int, take: Take) -> None:
        super().__init__()
        self._left = call
        self._inside = False
        self._take = take

    def enter(self, _module: nn.Module, _inputs: Any) -> None:
        self._left -= 1
        self._inside = self._left == 0

    def leave(self, _module: nn.Module, _inputs: Any, _keywords: Any, _output: Any) -> None:
        self._inside = False

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        output = func(*args, **(kwargs or {}))
        if self._inside and getattr(func, "__name__", "") == "softmax":
            self._inside = False
            self._take(output if output.dim() == 4 else output.flatten(0, -4))
        return output
