"""The steps of a graph, sorted into the calls of the modules that they belonged to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from core.zoo.exported.graph import Frame, Graph, GraphError
from core.zoo.exported.operators import PICTURES, PLACE, Step, made_ready


@dataclass(slots=True, eq=False)
class Call:
    """One call of a module: what it does in order, and which values go in and come out.

    ``over`` are, for each item, the values that nobody needs after it.
    """

    path: str
    kind: str
    key: str = ""
    items: list[Step | Call] = field(default_factory=list)
    reads: tuple[str, ...] = ()
    outputs: tuple[str | None, ...] = ()
    over: tuple[tuple[str, ...], ...] = ()

    def within(self) -> Iterable[Call]:
        """Yield this call and all inside it."""
        yield self
        for item in self.items:
            if isinstance(item, Call):
                yield from item.within()


def calls_of(graph: Graph) -> Call:
    """Make the steps of a graph ready and sort them into calls of modules; the outermost one is the network's.

    Steps that follow each other in one module are one call of it. A step of which the file does not say where it belongs is
    a module of its own, named as its result.

    Raises
    ------
    GraphError
        If a step is not allowed, or needs a value that is not there yet.
    """
    steps = _steps(graph)
    bare = not any(frames for _, frames in steps)
    root = Call("", "Exported")
    open_calls = [root]
    for step, frames in steps:
        if not frames and (frames is None or bare):
            name = next((one for one in step.outputs if one), "")
            frames = (Frame(f"*{name}", name, step.name.removeprefix("aten.").strip("_")),) if name.isidentifier() else ()
        depth = 0
        for call, frame in zip(open_calls[1:], frames, strict=False):
            if call.key != frame.key:
                break
            depth += 1
        del open_calls[depth + 1 :]
        for frame in frames[depth:]:
            fresh = Call(frame.path, frame.kind, frame.key)
            open_calls[-1].items.append(fresh)
            open_calls.append(fresh)
        open_calls[-1].items.append(step)
    held = {one.value for one in graph.held} | set(graph.given) | set(graph.symbols.values())
    total = Counter(graph.outputs)
    for step, _ in steps:
        total.update(step.reads)
    _connect(root, held, total)
    root.outputs = graph.outputs
    root.over = _over(root, held, graph.outputs)
    return root


def _steps(graph: Graph) -> list[tuple[Step, tuple[Frame, ...] | None]]:
    """Make all nodes ready, and check that each value is there before it is read and made only once."""
    batch = graph.shape[0]
    scaled = {graph.source: batch} if batch is not None else {}
    known = {one.value for one in graph.held} | set(graph.given) | {graph.source, *graph.symbols.values()}
    if known & {PICTURES, PLACE}:
        raise GraphError("its description is damaged")
    found = []
    for node in graph.nodes:
        step = made_ready(node, batch, scaled)
        if step is None:
            continue
        missing = next((name for name in step.reads if name not in known), None)
        if missing is not None:
            raise GraphError(f"a step of it needs “{ascii(missing[:60])[1:-1]}” before that is calculated")
        fresh = [name for name in step.outputs if name is not None]
        if known.intersection(fresh) or len(set(fresh)) != len(fresh) or {PICTURES, PLACE}.intersection(fresh):
            raise GraphError("two steps of it calculate the same value")
        known.update(fresh)
        if scaled.keys() & set(step.reads):
            scaled |= {name: graph.leading[name] for name in fresh if name in graph.leading}
        found.append((step, node.stack))
    if not known.issuperset(graph.outputs):
        raise GraphError("it returns a value that it does not calculate")
    return found


def _connect(call: Call, held: set[str], total: Mapping[str, int]) -> tuple[Counter[str], list[str]]:
    """Find what goes into a call and what comes out of it; return what is read in it and what is made in it."""
    read: Counter[str] = Counter()
    made: list[str] = []
    for item in call.items:
        if isinstance(item, Call):
            inner_read, inner_made = _connect(item, held, total)
            read.update(inner_read)
            made += inner_made
        else:
            read.update(item.reads)
            made += [name for name in item.outputs if name is not None]
    inside = set(made)
    call.reads = tuple(name for name in read if name not in inside and name not in held)
    call.outputs = tuple(name for name in reversed(made) if total.get(name, 0) > read[name]) or tuple(made[-1:])
    call.over = _over(call, held, call.outputs)
    return read, made


def _over(call: Call, held: set[str], kept: Sequence[str | None]) -> tuple[tuple[str, ...], ...]:
    """List after which item each value is no longer needed in a call."""
    last: dict[str, int] = {}
    for place, item in enumerate(call.items):
        names: Sequence[str | None] = (*item.reads, *item.outputs)
        last |= {name: place for name in names if name is not None}
    over: list[list[str]] = [[] for _ in call.items]
    for name, place in last.items():
        if name not in held and name not in kept:
            over[place].append(name)
    return tuple(map(tuple, over))
