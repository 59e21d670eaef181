"""Running the end of a network many times without running its beginning again."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

UNUSUAL = (RuntimeError, TypeError, ValueError, AssertionError, IndexError, AttributeError, KeyError)
"""What a network may raise that does not work with a beginning answered from memory, or with a batch."""


@dataclass(slots=True)
class _Call:
    """What a module returned at one call, and how often modules inside it ran meanwhile."""

    output: Any
    inner: Counter[str]


class Replay:
    """Remembers what a layer put out, and all modules that had ended before it, and lets them return that again.

    What is remembered of the layer is what it returned itself, before hooks change it. Modules that hold the layer run as
    usual, so whatever their own code does (additions, concatenations, reshaping) is done; only the calls of the modules
    inside them are answered from memory. That suits networks whose modules do nothing but return something: whoever uses it
    compares one result with a plain pass.

    Parameters
    ----------
    module
        The network.
    name
        Path of the layer in ``named_modules``; "" remembers nothing.
    calls
        A counter of calls by name that others keep (:attr:`OutputChanges.calls`); calls that are not made any more are
        added to it.
    """

    def __init__(self, module: nn.Module, name: str, calls: Counter[str]) -> None:
        self._holders, self._parts = _around(module, name)
        self._calls = calls
        self._kept: dict[int, list[_Call]] = defaultdict(list)
        self._reached = False
        self._depth = 0

    @property
    def saves(self) -> bool:
        """Whether there is anything that need not run again."""
        return any(self._kept.values())

    @property
    def nbytes(self) -> int:
        """The memory that one copy of what is remembered takes."""
        return sum(_bytes(call.output) for calls in self._kept.values() for call in calls)

    def reach(self, _output: Tensor) -> None:
        """Note that the layer is reached (a :data:`Change`): what ends from now on is not remembered."""
        self._reached = True

    @contextmanager
    def recording(self) -> Iterator[None]:
        """Remember what the modules return in the pass that is made now."""
        self._kept.clear()
        self._reached, self._depth = False, 0
        with _patched(self._parts, self._record):
            yield
        self._drop_unread()

    @contextmanager
    def replaying(self, copies: int) -> Iterator[None]:
        """Let them return it again, ``copies`` times along the batch axis."""
        with _patched(self._parts, lambda part, original: self._again(part, original, copies)):
            yield

    def _record(self, part: nn.Module, original: Callable[..., Any]) -> Callable[..., Any]:
        def forward(*inputs: Any, **named: Any) -> Any:
            if self._reached or self._depth:
                return original(*inputs, **named)
            before = self._calls.copy()
            self._depth += 1
            try:
                output = original(*inputs, **named)
            finally:
                self._depth -= 1
            if not self._reached:
                # A copy: in-place layers that follow write into the same memory.
                self._kept[id(part)].append(_Call(_copied(output, 1), self._calls - before))
            return output

        return forward

    def _again(self, part: nn.Module, original: Callable[..., Any], copies: int) -> Callable[..., Any]:
        left = iter(self._kept.get(id(part), ()))

        def forward(*inputs: Any, **named: Any) -> Any:
            call = next(left, None)
            if call is None:
                return original(*inputs, **named)
            self._calls.update(call.inner)
            return _copied(call.output, copies)

        return forward

    def _drop_unread(self) -> None:
        """In a plain sequence nobody reads but the next one: only the last output counts."""
        for holder in self._holders:
            if not isinstance(holder, nn.Sequential) or type(holder).forward is not nn.Sequential.forward:
                continue
            kept = [self._kept[id(part)] for part in holder if self._kept.get(id(part))]
            if all(len(calls) == 1 for calls in kept):
                for calls in kept[:-1]:
                    calls[0].output = None


def _around(module: nn.Module, name: str) -> tuple[list[nn.Module], list[nn.Module]]:
    """The modules that hold a layer, and those inside them that do not: the layer itself is one of these."""
    holders = [module]
    for part in name.split(".")[:-1]:
        holders.append(holders[-1].get_submodule(part))
    inside = {id(holder) for holder in holders}
    found = {id(part): part for holder in holders if name for part in _called(holder) if id(part) not in inside}
    return holders, list(found.values())


def _called(holder: nn.Module) -> Iterator[nn.Module]:
    """The modules directly inside; lists and dictionaries of modules are never called themselves."""
    for part in holder.children():
        if type(part).forward is nn.Module.forward:
            yield from _called(part)
        else:
            yield part


@contextmanager
def _patched(
    parts: list[nn.Module], make: Callable[[nn.Module, Callable[..., Any]], Callable[..., Any]]
) -> Iterator[None]:
    """Give modules another ``forward``, as an attribute of the instance that is taken away again."""
    patched = []
    try:
        for part in parts:
            if "forward" not in vars(part):
                part.forward = make(part, part.forward)
                patched.append(part)
        yield
    finally:
        for part in patched:
            del part.forward


def _copied(output: Any, copies: int) -> Any:
    """Copy all tensors in what a module returned, ``copies`` times along their first axis."""
    if isinstance(output, Tensor):
        return output.repeat(copies, *(1 for _ in output.shape[1:])) if output.ndim else output.clone()
    if isinstance(output, dict):
        return type(output)({key: _copied(item, copies) for key, item in output.items()})
    if isinstance(output, tuple | list):
        items = [_copied(item, copies) for item in output]
        return type(output)(*items) if hasattr(output, "_fields") else type(output)(items)
    return output


def _bytes(output: Any) -> int:
    if isinstance(output, Tensor):
        return output.nbytes
    inside = output.values() if isinstance(output, dict) else output if isinstance(output, tuple | list) else ()
    return sum(map(_bytes, inside))
