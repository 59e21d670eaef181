"""One pass of a network over a larger picture: its maps grow, and its head gets every window of them."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils.weak import WeakTensorKeyDictionary

from core.inference.measure import first_tensor
from core.protocols import dense_words as words
from core.protocols.dense_plan import Boundary, Plan, Role
from core.protocols.dense_trace import INPUT, Shape, function_name
from core.protocols.dense_windows import pool_windows, windows_of

_READS = frozenset(("size", "shape", "len", "numel", "nelement"))
_VIEWS = frozenset(("view", "reshape"))


def slide(network: nn.Module, picture: Tensor, plan: Plan) -> Tensor:
    """Run a network over one picture.

    Parameters
    ----------
    network
        In evaluation mode.
    picture
        float32 (1, channels, H, W), at least as large as the network's usual input.
    plan
        How it slides.

    Returns
    -------
    The logits of each window, (1, categories, rows, columns), on the network's device.

    Raises
    ------
    dense_words.CannotSlide
        If it did not go as planned.
    """
    sliding = _Sliding(picture, plan)
    with sliding:
        answer = first_tensor(network(picture))
    rows, columns = sliding.windows
    if answer is None or answer.dim() != 2 or len(answer) != rows * columns or not sliding.complete:
        raise words.other_shape((rows, columns), tuple(answer.shape) if answer is not None else (0,))
    return answer.reshape(1, rows, columns, -1).permute(0, 3, 1, 2)


@dataclass(slots=True)
class _Waiting:
    """A map whose windows the head will ask for, and how many there are."""

    boundary: Boundary
    rows: int
    columns: int
    cut: Tensor | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the batch of windows."""
        return self.rows * self.columns, *self.boundary.shape[1:]


class _Sliding(TorchFunctionMode):
    """Calls each function by its role."""

    def __init__(self, picture: Tensor, plan: Plan) -> None:
        super().__init__()
        self.windows = (0, 0)
        self._plan = plan
        self._at = 0
        self._waiting: MutableMapping[Tensor, _Waiting] = WeakTensorKeyDictionary()
        self._note(INPUT, [picture])

    @property
    def complete(self) -> bool:
        """Whether as many functions were called as planned."""
        return self._at == len(self._plan.names)

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        keywords: dict[str, Any] = kwargs or {}
        number, name, plan = self._at, function_name(func), self._plan
        self._at += 1
        if number >= len(plan.names) or plan.names[number] != name:
            raise words.other_way()
        role = plan.roles[number]
        if role is Role.IDLE and (name == "setitem" or plan.returned.get(number) is not None):
            return _blank(plan.returned.get(number), args, keywords)
        if role is Role.HEAD:
            output = self._head(func, name, args, keywords)
        elif name in _READS:
            return func(*self._as_window(args), **keywords)
        else:
            output = func(*args, **keywords)
        self._note(number, output if isinstance(output, tuple | list) else [output])
        return output

    def _note(self, number: int, results: Sequence[Any]) -> None:
        for place, tensor in enumerate(results):
            boundary = self._plan.boundaries.get((number, place))
            if boundary is None:
                continue
            rows, columns = (
                tensor.shape[axis] - side + 1 for axis, side in zip(boundary.axes, boundary.window, strict=True)
            )
            self._waiting[tensor] = _Waiting(boundary, rows, columns)
            self.windows = rows, columns

    def _as_window(self, args: Any) -> Any:
        """Let a map whose shape is read look like the batch of its windows, where it is the head that reads."""
        waiting = self._waiting.get(args[0]) if args and isinstance(args[0], Tensor) else None
        if waiting is None or not waiting.boundary.alone:
            return args
        return args[0].new_empty(1).expand(waiting.shape), *args[1:]

    def _head(self, func: Any, name: str, args: Any, keywords: dict[str, Any]) -> Any:
        source = args[0] if args else keywords.get("input")
        waiting = self._waiting.get(source) if isinstance(source, Tensor) else None
        if waiting is not None and isinstance(source, Tensor):
            rest = args[1:] if args else ()
            named = {key: value for key, value in keywords.items() if key != "input"}
            pooled = pool_windows(name, source, waiting.boundary, rest, named)
            if pooled is not None:
                return pooled
        args, keywords = self._cut(args), self._cut(keywords)
        if name in _VIEWS and args:
            args = _for_windows(args, self.windows[0] * self.windows[1])
        return func(*args, **keywords)

    def _cut(self, value: Any) -> Any:
        """Replace maps by the batch of their windows, in nested tuples, lists and dicts."""
        if isinstance(value, Tensor):
            waiting = self._waiting.get(value)
            if waiting is None:
                return value
            if waiting.cut is None:
                waiting.cut = windows_of(value, waiting.boundary)
            return waiting.cut
        if type(value) in (tuple, list):
            return type(value)(self._cut(item) for item in value)
        if type(value) is dict:
            return {key: self._cut(item) for key, item in value.items()}
        return value


def _for_windows(args: Any, count: int) -> Any:
    """Where a view names the one picture of the batch, let it name the windows."""
    tensor, *sides = args
    listed = bool(sides) and isinstance(sides[0], tuple | list)
    numbers = list(sides[0]) if listed else sides
    if not numbers or numbers[0] != 1 or isinstance(numbers[0], bool) or tensor.shape[:1] != (count,):
        return args
    numbers = [count, *numbers[1:]]
    return (tensor, tuple(numbers)) if listed else (tensor, *numbers)


def _blank(returned: Any, args: Any, keywords: Mapping[str, Any]) -> Any:
    """Something of the shapes of a result that nobody needs."""
    if returned is None:
        return None
    like = next(value for value in [*_flat(args), *keywords.values()] if isinstance(value, Tensor))
    if isinstance(returned, Shape):
        return like.new_empty(1).to(returned.dtype).expand(returned.sides)
    return type(returned)(_blank(item, args, keywords) for item in returned)


def _flat(values: Any) -> list[Any]:
    return [item for value in values for item in (value if isinstance(value, tuple | list) else [value])]
