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
from core.protocols.dense_trace import INPUT, Shape, again, function_name
from core.protocols.dense_windows import count_windows, pool_windows, window_of, windows_of

_VIEWS = frozenset(("view", "reshape"))


def slide(network: nn.Module, picture: Tensor, plan: Plan, only: tuple[int, int] | None = None) -> Tensor:
    """Run a network over one picture.

    Parameters
    ----------
    network
        In evaluation mode.
    picture
        float32 (1, channels, H, W), at least as large as the network's usual input.
    plan
        How it slides.
    only
        Row and column of a window; the head gets no other, and the answer is (1, categories, 1, 1).

    Returns
    -------
    The logits of each window, (1, categories, rows, columns), on the network's device.

    Raises
    ------
    dense_words.CannotSlide
        If it did not go as planned.
    """
    sliding = _Sliding(picture, plan, only)
    with sliding:
        answer = first_tensor(network(picture))
    if not sliding.complete:
        raise words.other_way()
    rows, columns = sliding.windows
    if answer is None or answer.dim() != 2 or len(answer) != rows * columns:
        raise words.other_shape((rows, columns), tuple(answer.shape) if answer is not None else (0,))
    return answer.reshape(1, rows, columns, -1).permute(0, 3, 1, 2)


@dataclass(slots=True)
class _Waiting:
    """A map whose windows the head will ask for; the windows, once it has."""

    boundary: Boundary
    cut: Tensor | None = None


class _Sliding(TorchFunctionMode):
    """Calls each function by its role."""

    def __init__(self, picture: Tensor, plan: Plan, only: tuple[int, int] | None) -> None:
        super().__init__()
        self._only = only
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
            args, keywords = _as_usual(plan.arguments[number], (args, keywords))
            output = self._head(func, name, args, keywords)
        else:
            output = func(*args, **keywords)
        self._note(number, output if isinstance(output, tuple | list) else [output])
        return output

    def _note(self, number: int, results: Sequence[Any]) -> None:
        for place, tensor in enumerate(results):
            boundary = self._plan.boundaries.get((number, place))
            if boundary is None:
                continue
            waiting = self._waiting[tensor] = _Waiting(boundary)
            if self._only is not None:
                waiting.cut = window_of(tensor, boundary, self._only)
            self.windows = (1, 1) if self._only is not None else count_windows(tensor, boundary)

    def _head(self, func: Any, name: str, args: Any, keywords: dict[str, Any]) -> Any:
        source = args[0] if args else keywords.get("input")
        waiting = self._waiting.get(source) if isinstance(source, Tensor) else None
        if waiting is not None and waiting.cut is None and isinstance(source, Tensor):
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
        if isinstance(value, tuple | list):
            return again(value, [self._cut(item) for item in value])
        if isinstance(value, dict):
            return {key: self._cut(item) for key, item in value.items()}
        return value


def _as_usual(usual: Any, now: Any) -> Any:
    """Put the whole numbers of another call of a function in the place of those of this one."""
    if type(now) is int and type(usual) is int:
        return usual
    if isinstance(now, slice) and isinstance(usual, slice):
        return slice(*(_as_usual(getattr(usual, name), getattr(now, name)) for name in ("start", "stop", "step")))
    if isinstance(now, tuple | list) and isinstance(usual, tuple | list) and len(now) == len(usual):
        return again(now, [_as_usual(*both) for both in zip(usual, now, strict=True)])
    if isinstance(now, dict) and isinstance(usual, dict):
        return {key: _as_usual(usual.get(key), value) for key, value in now.items()}
    return now


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
    like = next(value for value in [*_flat(args), *keywords.values()] if isinstance(value, Tensor))
    if isinstance(returned, Shape):
        return like.new_empty(1).to(returned.dtype).expand(returned.sides)
    if isinstance(returned, tuple | list):
        return again(returned, [_blank(item, args, keywords) for item in returned])
    return returned


def _flat(values: Any) -> list[Any]:
    return [item for value in values for item in (value if isinstance(value, tuple | list) else [value])]
