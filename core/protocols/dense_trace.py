"""What a network does with a picture of its usual size, function by function, and where its maps end."""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass, field
from typing import Any

from torch import Size, Tensor
from torch.overrides import TorchFunctionMode
from torch.utils.weak import WeakTensorKeyDictionary

from core.inference.receptive_field import Field
from core.inference.trace import tensors_in
from core.protocols.dense_fields import Known, follow

INPUT = -1
"""Number of the step that the picture itself comes from."""


@dataclass(frozen=True, slots=True)
class Source:
    """A result of a step: the number of the step, and which of its tensors; what its units see, None for no map."""

    step: int
    place: int
    field: Field | None
    shape: tuple[int, ...]


@dataclass(slots=True)
class Step:
    """One call of a function.

    ``sources`` are those of its inputs that depend on the picture, none for a step that does not; ``shapes`` those of the
    tensors it gave. ``whole`` says that something of the whole picture went into a map (squeeze-and-excitation, group
    norm); ``fixed`` that it took values that belong to positions: the shape of them, without the sides that are 1;
    ``batch`` that it normalised by the statistics of the batch. ``arguments`` and ``returned`` are what it was called with
    and what it gave, with a :class:`Shape` in the place of each tensor.
    """

    name: str
    sources: tuple[Source, ...] = ()
    field: Field | None = None
    shapes: tuple[tuple[int, ...], ...] = ()
    whole: bool = False
    fixed: tuple[int, ...] = ()
    batch: bool = False
    arguments: Any = None
    returned: Any = None


@dataclass(slots=True)
class _Mark:
    source: Source
    uniform: bool = field(default=False)


class Recorder(TorchFunctionMode):
    """Write down one forward pass of one picture; enter it around the call of the network.

    Parameters
    ----------
    batch
        The input, (1, channels, H, W).

    Attributes
    ----------
    steps
        Every call of a function of torch, in order.
    """

    def __init__(self, batch: Tensor) -> None:
        super().__init__()
        self.steps: list[Step] = []
        self._marks: MutableMapping[Tensor, _Mark] = WeakTensorKeyDictionary()
        self._marks[batch] = _Mark(Source(INPUT, 0, Field(), tuple(batch.shape)))

    def source(self, tensor: Tensor) -> Source | None:
        """Where a tensor comes from; None if it does not come from the picture by a way that was seen."""
        mark = self._marks.get(tensor)
        return None if mark is None else mark.source

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        keywords: dict[str, Any] = kwargs or {}
        step = Step(function_name(func))
        self.steps.append(step)
        number = len(self.steps) - 1
        inputs = [mark for tensor in tensors_in([*args, *keywords.values()]) if (mark := self._marks.get(tensor))]
        step.sources = tuple(mark.source for mark in inputs)
        output = func(*args, **keywords)
        if inputs:
            self._note(number, step, args, keywords, output)
        return output

    def _note(self, number: int, step: Step, args: Any, keywords: dict[str, Any], output: Any) -> None:
        results = tensors_in(args[0] if step.name == "setitem" else output)
        if not results:
            return
        found = follow(step.name, args, keywords, self._known)
        step.field, step.whole, step.fixed, step.batch = found.field, found.whole, found.fixed, found.batch
        step.shapes = tuple(tuple(tensor.shape) for tensor in results)
        step.arguments = picture((args, keywords))
        step.returned = picture(output)
        for place, tensor in enumerate(results):
            self._marks[tensor] = _Mark(Source(number, place, found.field, tuple(tensor.shape)), found.uniform)

    def _known(self, tensor: Tensor) -> Known | None:
        mark = self._marks.get(tensor)
        return None if mark is None else Known(mark.source.field, mark.uniform)


@dataclass(frozen=True, slots=True)
class Shape:
    """Stands for a tensor in the picture of a result."""

    sides: tuple[int, ...]
    dtype: Any


def picture(value: Any) -> Any:
    """Replace every tensor in nested tuples, lists and dicts by its :class:`Shape`."""
    if isinstance(value, Tensor):
        return Shape(tuple(value.shape), value.dtype)
    if isinstance(value, tuple | list):
        return again(value, [picture(item) for item in value])
    if isinstance(value, dict):
        return {key: picture(item) for key, item in value.items()}
    return value


def again(value: Any, items: list[Any]) -> Any:
    """A tuple or list of the same kind (torch has kinds of its own, with names) around other things."""
    if isinstance(value, Size):
        return tuple(items)
    return type(value)(*items) if hasattr(value, "_fields") else type(value)(items)


def function_name(func: Any) -> str:
    """The name of a function of torch without underscores at the ends: ``conv2d``, ``iadd``; ``shape`` for the property."""
    name = str(getattr(func, "__name__", ""))
    if name == "__get__":
        return str(getattr(getattr(func, "__self__", None), "__name__", name))
    return name.partition(".")[0].strip("_")
