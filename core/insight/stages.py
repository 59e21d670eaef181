"""A network as a short list of stages: what lies between two changes of resolution.

The parts of a network are the modules that it runs one after another. A sequence (``Sequential``, and the ``Encoder`` of the
vision transformers) is opened as long as the resolution changes inside; what does several things at once (a residual block, an
Inception module, a dense block) is never opened. Neighbouring parts whose outputs have the same resolution are a stage; a
pooling or a block with a stride begins the next one, and all that comes after the last map is the head. A network that keeps
one resolution from its first map to its last (ViT) has no such stages: there every part is one.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby

from core.insight.layout import axis_order, is_vector
from core.types import LayerInfo

_SEQUENCES = ("Sequential", "Encoder")

Side = tuple[int, int] | None
"""Height and width of the maps; None for a vector."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A run of parts of one resolution.

    ``parts`` are layers in order of execution, none inside another; ``side`` is (height, width) of their maps, None for
    vectors. ``content`` says what most of it is made of ("3 × Bottleneck"). ``parameters`` and ``macs`` are those of all parts
    together; ``macs`` is None where one of them is not known.
    """

    parts: tuple[LayerInfo, ...]
    side: Side
    content: str
    parameters: int
    macs: int | None

    @property
    def last(self) -> LayerInfo:
        """The layer that stands for the stage: its output."""
        return self.parts[-1]

    @property
    def resolution(self) -> str:
        """"56×56", or "vector"."""
        return "vector" if self.side is None else f"{self.side[0]}×{self.side[1]}"

    @property
    def name(self) -> str:
        """From the first part to the last: "layer2", "features.4 … features.8"."""
        first, last = self.parts[0].key, self.parts[-1].key
        return first if first == last else f"{first} … {last}"


@dataclass(slots=True)
class _Part:
    layer: LayerInfo
    children: list[_Part]


def find_stages(layers: Sequence[LayerInfo]) -> tuple[Stage, ...]:
    """Divide a network into stages.

    Parameters
    ----------
    layers
        The layers of a model (``ModelInfo.layers``), in order of execution.

    Returns
    -------
    The stages in order of execution; empty for a network without layers.
    """
    ran = [layer for layer in layers if layer.name and layer.heads is None] or list(layers)
    sides: dict[str, Side] = {}

    def side(layer: LayerInfo) -> Side:
        if layer.key not in sides:
            sides[layer.key] = map_side(layer, ran)
        return sides[layer.key]

    tree = _nested(ran)
    parts = [inner for part in tree for inner in _opened(part, side, always=False)]
    if len({side(part.layer) for part in parts} - {None}) == 1:
        parts = [inner for part in tree for inner in _opened(part, side, always=True)]
        return tuple(_stage(run, side(run[0].layer)) for run in _isotropic(parts, side))
    return tuple(_stage(list(run), shared) for shared, run in groupby(parts, lambda part: side(part.layer)))


def map_side(layer: LayerInfo, layers: Sequence[LayerInfo]) -> Side:
    """Return height and width of a layer's maps, tokens read as a map; None where there is no picture in it."""
    shape = layer.output_shape
    if is_vector(shape):
        return None
    if layer.windows is not None:
        return layer.windows.height, layer.windows.width
    if len(shape) == 4:
        first = axis_order(layers, layer) == "channels first"
        return (shape[2], shape[3]) if first else (shape[1], shape[2])
    if len(shape) == 3:
        for extra in (0, 1):
            root = math.isqrt(shape[1] - extra)
            if root > 1 and root * root == shape[1] - extra:
                return root, root
    return None


def _nested(layers: Sequence[LayerInfo]) -> list[_Part]:
    """The layers that lie in no other, each with those directly in it; each call of a module holds what ran after it."""
    top: list[_Part] = []
    latest: dict[str, _Part] = {}
    for layer in layers:
        part = _Part(layer, [])
        path = layer.name
        holder = None
        while holder is None and "." in path:
            path = path.rpartition(".")[0]
            holder = latest.get(path)
        (holder.children if holder is not None else top).append(part)
        latest[layer.name] = part
    return top


def _opened(part: _Part, side: Callable[[LayerInfo], Side], *, always: bool) -> list[_Part]:
    """A part, or what is in it."""
    if part.layer.kind not in _SEQUENCES or not part.children:
        return [part]
    inner = [one for child in part.children for one in _opened(child, side, always=always)]
    if not always and len({side(one.layer) for one in inner} | {side(part.layer)}) == 1:
        return [part]
    return inner


def _isotropic(parts: Sequence[_Part], side: Callable[[LayerInfo], Side]) -> list[list[_Part]]:
    """Every part on its own, but the head in one piece; what has no parameters goes with the part before it."""
    runs: list[list[_Part]] = []
    for part in parts:
        head = side(part.layer) is None
        joins = bool(runs) and (side(runs[-1][0].layer) is None) == head and (head or not part.layer.parameters)
        if joins:
            runs[-1].append(part)
        else:
            runs.append([part])
    return runs


def _stage(run: list[_Part], side: Side) -> Stage:
    layers = tuple(part.layer for part in run)
    parameters = {layer.name: layer.parameters for layer in layers}
    known = [layer.macs for layer in layers if layer.macs is not None]
    macs = sum(known) if len(known) == len(layers) else None
    return Stage(layers, side, _content(run), sum(parameters.values()), macs)


def _content(run: Sequence[_Part]) -> str:
    """The kind that holds most of the parameters, and how many there are of it; the first where none has any."""
    inner = [one.layer for part in run for one in _opened(part, lambda _layer: None, always=True)]
    held: Counter[str] = Counter()
    for layer in inner:
        held[layer.kind] += layer.parameters
    kind = max(held, key=lambda kind: held[kind])
    count = sum(layer.kind == kind for layer in inner)
    return kind if count == 1 else f"{count} × {kind}"
