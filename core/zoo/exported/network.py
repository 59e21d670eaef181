"""A graph as a network: modules with the names and parameters they had, each of which runs its own part of the graph."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from core.errors import ModelError
from core.zoo.exported.calls import Call, calls_of
from core.zoo.exported.graph import Graph, GraphError
from core.zoo.exported.operators import PICTURES, PLACE, Step

LARGEST = 1 << 30
"""Bytes of one value, for one picture."""

MOST = 1 << 36
"""Bytes of all values that a run calculates, for one picture."""

MOST_WORK = 1 << 44
"""Multiply-adds of a run, for one picture; the largest networks of the catalogue take about 2**38."""

_RESERVED = frozenset(
    ("ShiftedWindowAttention", "ShiftedWindowAttentionV2", "RelativePositionalMultiHeadAttention",
     "PartitionAttentionLayer", "WindowDepartition", "SwapAxes")
)  # fmt: skip
"""Classes whose attributes are read elsewhere: what runs here has none of them."""


@dataclass(slots=True, eq=False)
class _Run:
    """One run of the network: what all its modules share."""

    shared: dict[str, Any]
    watch: Callable[[Step, Callable[[str], Any], Any], None] | None = None


class Part(nn.Module):
    """A module of an exported network; its class is named as the one that it was."""

    def forward(self, *values: Any, call: Call, run: _Run) -> Any:
        """Do what one call of the module did, with the values that go into it."""
        return _results(call, _executed(self, call, dict(zip(call.reads, values, strict=True)), run))


def _executed(root: nn.Module, call: Call, here: dict[str, Any], run: _Run) -> dict[str, Any]:
    shared = run.shared

    def look(name: str) -> Any:
        return here[name] if name in here else shared[name]

    for item, over in zip(call.items, call.over, strict=True):
        if isinstance(item, Call):
            part = shared[_MODULES][item.path]
            result = part(*[look(name) for name in item.reads], call=item, run=run)
            several = len(item.outputs) > 1
        else:
            result = item.run(look)
            several = item.listed or len(item.outputs) > 1
            if run.watch is not None:
                run.watch(item, look, result)
        if several and (not isinstance(result, tuple | list) or len(result) != len(item.outputs)):
            raise GraphError("a step of it returns another number of values than it says")
        for name, value in zip(item.outputs, result if several else (result,), strict=False):
            if name is not None:
                here[name] = value
        for name in over:
            here.pop(name, None)
    return here


_MODULES = "*modules"


def _results(call: Call, here: dict[str, Any]) -> Any:
    found = tuple(here[name] for name in call.outputs if name is not None)
    return found[0] if len(found) == 1 else found


class ExportedNetwork(nn.Module):
    """A network that runs the graph of an exported program; made by :func:`build`.

    Attributes
    ----------
    graph
        What it runs.
    batch
        The only number of pictures at once that its graph itself can take; None where any will do.
    num_classes
        Numbers that it returns for a picture.
    """

    batch: int | None
    num_classes: int

    def __init__(self, graph: Graph, call: Call) -> None:
        super().__init__()
        self.graph = graph
        self._call = call
        self._parts: dict[str, nn.Module] = {}
        self._held: tuple[tuple[str, nn.Module, str], ...] = ()
        self._copies = False
        self._output = 0
        self.batch = graph.shape[0]

    def forward(self, pictures: Tensor) -> Tensor:
        """Return logits (N, classes) of pictures (N, channels, H, W) of the exported size.

        Raises
        ------
        ValueError
            For another size.
        ModelError
            If it has hooks on its modules, and has to take the pictures in several goes.
        """
        wanted = self.graph.shape[1:]
        if pictures.dim() != 4 or any(
            size is not None and size != there for size, there in zip(wanted, pictures.shape[1:], strict=True)
        ):
            sizes = "×".join("any" if size is None else str(size) for size in wanted)
            raise ValueError(f"it was exported for pictures of {sizes} (channels, height, width)")
        count = len(pictures)
        if self.batch is None or count == self.batch:
            return self.run(pictures)
        if any(part._forward_hooks or part._forward_pre_hooks for part in self._parts.values()):
            raise ModelError(
                f"This program was exported for {self.batch} picture{'s' if self.batch > 1 else ''} at a time, and what you "
                "asked for looks at several at once. Export it with a dynamic batch size (`dynamic_shapes`) for that."
            )
        more = -count % self.batch
        padded = torch.cat([pictures, pictures[-1:].expand(more, -1, -1, -1)]) if more else pictures
        return torch.cat([self.run(part) for part in torch.split(padded, self.batch)])[:count]

    def confirm(self) -> None:
        """Run on a few pictures, together and as many at a time as were exported; be bound to that number where it matters.

        A graph may mix the pictures of a batch in ways that sizes do not tell of.
        """
        fixed = self.graph.shape[0]
        if self.batch is not None or fixed is None:
            return
        noise = torch.randn(2 * fixed, *self.graph.example[1:], generator=torch.Generator().manual_seed(0))
        with torch.inference_mode():
            together, apart = self.run(noise), torch.cat([self.run(part) for part in torch.split(noise, fixed)])
        if not torch.allclose(together, apart, rtol=1e-3, atol=1e-4, equal_nan=True):
            self.batch = fixed

    def run(
        self,
        pictures: Tensor,
        held: Mapping[str, Tensor] | None = None,
        watch: Callable[[Step, Callable[[str], Any], Any], None] | None = None,
    ) -> Tensor:
        """Run the graph once; ``held`` are other tensors for its parameters, ``watch`` is told of every step."""
        shared: dict[str, Any] = dict(held) if held is not None else {name: getattr(at, leaf) for name, at, leaf in self._held}
        shared |= self.graph.given
        shared |= {name: pictures.shape[dim] for dim, name in self.graph.symbols.items()}
        shared |= {_MODULES: self._parts, PICTURES: pictures.shape[0], PLACE: pictures.device}
        here = {self.graph.source: pictures.clone() if self._copies else pictures}
        result = _executed(self, self._call, here, _Run(shared, watch))[self.graph.outputs[self._output]]
        if not isinstance(result, Tensor):
            raise GraphError("it returns no tensor")
        return result


def build(graph: Graph, tensors: Mapping[str, Tensor]) -> ExportedNetwork:
    """Build the network of a graph, and check on the sizes alone that it can be run.

    Parameters
    ----------
    graph
        What to run.
    tensors
        Its parameters, buffers and constants by name, on the CPU; taken over without copying where they are float32.

    Returns
    -------
    The network in evaluation mode, without gradients.

    Raises
    ------
    GraphError
        If it cannot be run: in words that read well after a colon.
    """
    try:
        network = ExportedNetwork(graph, calls_of(graph))
        _furnish(network, tensors)
    except GraphError:
        raise
    except (TypeError, KeyError, ValueError, AttributeError, IndexError, RecursionError, RuntimeError) as error:
        raise GraphError("its description is damaged") from error
    network.requires_grad_(False).eval()
    _probe(network)
    return network


def _furnish(network: ExportedNetwork, tensors: Mapping[str, Tensor]) -> None:
    """Make the modules that the graph speaks of, and give them their parameters."""
    kinds: dict[str, str] = {}
    for call in network._call.within():
        kinds.setdefault(call.path, call.kind)
    modules: dict[str, nn.Module] = {"": network}
    # In the order in which they run; holders of parameters that never run come last.
    for path in kinds:
        _module(path, modules, kinds)
    held = []
    shared: dict[tuple[int, tuple[int, ...]], nn.Parameter] = {}
    for one in network.graph.held:
        if one.name not in tensors:
            raise GraphError(f"its tensor “{ascii(one.name[:60])[1:-1]}” is not in the file, or is pickled")
        value = tensors[one.name]
        value = value.float() if value.is_floating_point() else value
        path, _, leaf = one.name.rpartition(".")
        at = _module(path, modules, kinds)
        try:
            if one.place == "parameter" and value.is_floating_point():
                # Tied weights are one parameter under two names.
                key = (value.data_ptr(), tuple(value.shape))
                at.register_parameter(leaf, shared.setdefault(key, nn.Parameter(value, requires_grad=False)))
            else:
                at.register_buffer(leaf, value)
        except (KeyError, TypeError) as error:
            raise GraphError(f"it calls a tensor “{ascii(leaf[:60])[1:-1]}”, which is not possible here") from error
        held.append((one.value, at, leaf))
    network._held = tuple(held)
    network._parts = {path: modules[path] for path in kinds if path}


def _module(path: str, modules: dict[str, nn.Module], kinds: Mapping[str, str]) -> nn.Module:
    if path not in modules:
        above, _, leaf = path.rpartition(".")
        holder = _module(above, modules, kinds)
        kind = kinds.get(path)
        # What only holds others is never called.
        fresh = type(f"{kind}Graph" if kind in _RESERVED else kind, (Part,), {})() if kind is not None else nn.Module()
        try:
            holder.add_module(leaf, fresh)
        except (KeyError, TypeError) as error:
            raise GraphError(f"it calls a module “{ascii(leaf[:60])[1:-1]}”, which is not possible here") from error
        modules[path] = fresh
    return modules[path]


def _probe(network: ExportedNetwork) -> None:
    """Run the graph on sizes without numbers: whatever is wrong or too large comes to light before it costs anything."""
    graph = network.graph
    count = graph.shape[0] or 1
    held = {
        name: torch.empty_strided(value.shape, value.stride(), dtype=value.dtype, device="meta")
        for name, at, leaf in network._held
        for value in [getattr(at, leaf)]
    }
    picture = torch.empty(count, *graph.example[1:], device="meta")
    watch = _Watch(held, picture, count)
    try:
        with torch.no_grad():
            result = network.run(picture, held, watch)
            network._copies = watch.writes_input
            network._output = _classifier(network, graph, held, picture)
            result = network.run(picture, held)
    except GraphError:
        raise
    except (RuntimeError, ValueError, TypeError, IndexError, KeyError, AttributeError, AssertionError, MemoryError) as error:
        first = str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__
        raise GraphError(f"its parts do not fit together ({first.rstrip('. ')})") from error
    network.num_classes = result.shape[1]
    if network.batch is not None and _is_free(network, held, count):
        network.batch = None


def _classifier(network: ExportedNetwork, graph: Graph, held: Mapping[str, Tensor], picture: Tensor) -> int:
    """Find the first output that has one number for each category."""
    for place in range(len(graph.outputs)):
        network._output = place
        result = network.run(picture, held)
        if result.dim() == 2 and result.shape[0] == len(picture) and result.shape[1] > 0 and result.is_floating_point():
            return place
    sizes = "×".join(map(str, result.shape)) or "a single number"
    raise GraphError(f"it returns {sizes}, not one number for each category (N×classes): it is no classifier")


class _Watch:
    """Told of every step of a run on sizes: adds up what it would cost."""

    def __init__(self, held: Mapping[str, Tensor], picture: Tensor, count: int) -> None:
        self._own = {_storage(value) for value in held.values()}
        self._input = _storage(picture)
        self._count = count
        self._bytes = self._work = 0
        self.writes_input = False

    def __call__(self, step: Step, look: Callable[[str], Any], result: Any) -> None:
        if step.changed is not None:
            at = _storage(look(step.changed))
            if at in self._own:
                raise GraphError(f"it changes its own weights as it runs ({step.name}); export `model.eval()` instead")
            self.writes_input |= at == self._input
        values = result if isinstance(result, tuple | list) else (result,)
        for value in values:
            if not isinstance(value, Tensor):
                continue
            if value.device.type != "meta":
                raise GraphError(f"a step of it does not follow the device of the network ({step.name})")
            size = value.numel() * value.element_size() // self._count
            self._bytes += size
            self._work += value.numel() // self._count * _depth(step, look)
            if size > LARGEST or self._bytes > MOST or self._work > MOST_WORK:
                raise GraphError(f"it asks for far more memory or work than a network for pictures does ({step.name})")


def _storage(value: Tensor) -> int:
    return int(value.untyped_storage()._cdata)


def _depth(step: Step, look: Callable[[str], Any]) -> int:
    """Estimate from above how many numbers go into one number of a step's result."""
    shapes: list[tuple[int, ...]] = [tuple(value.shape) for name in step.reads if isinstance(value := look(name), Tensor)]
    if not shapes:
        return 1
    second = shapes[min(1, len(shapes) - 1)]
    if "conv" in step.name:
        return max(1, math.prod(second[1:]), math.prod(second[:1] + second[2:]) if "transpose" in step.name else 1)
    if step.name in ("aten.addmm", "aten.baddbmm"):
        return max(1, *second[-1:])
    if any(word in step.name for word in ("linear", "mm", "matmul")):
        return max(1, *shapes[0][-1:])
    if "attention" in step.name:
        return 2 * max(second[-2:], default=1)
    if "pool" in step.name:
        return max(1, math.prod(shapes[0][-2:]))
    return 1


def _is_free(network: ExportedNetwork, held: Mapping[str, Tensor], count: int) -> bool:
    """Whether a program of a fixed number of pictures runs when its shapes follow another number, as far as sizes tell."""
    example = network.graph.example[1:]
    try:
        with torch.no_grad():
            for more in (2, 3):
                picture = torch.empty(count * more, *example, device="meta")
                if network.run(picture, held).shape != (count * more, network.num_classes):
                    return False
    except (GraphError, RuntimeError, ValueError, TypeError, IndexError, KeyError, AttributeError, AssertionError, MemoryError):
        return False
    return True
