"""The rows of the list of layers: nested as the modules are, or one a stage."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from core.insight.humanise import humanise
from core.insight.stages import Stage
from core.types import ATTENTION, LayerInfo
from gui.itemmodels.layer_words import field_size, format_layer_shape, format_pair, ordinal

NAME, MEAN, KIND, SHAPE, PARAMETERS, MACS, MEMORY, FIELD, STRIDE, OFFSET = range(10)
"""The columns."""


@dataclass(slots=True)
class Row:
    """One row; ``layer`` is None where it only groups, ``stage`` is set where it stands for a stage."""

    path: str
    id: int
    parent: Row | None
    row: int = 0
    layer: LayerInfo | None = None
    depth: int = 0
    stage: Stage | None = None
    children: list[Row] = field(default_factory=list)

    @property
    def name(self) -> str:
        """What the first column says."""
        if self.stage is not None:
            return f"{self.stage.resolution} · {short_name(self.stage)}"
        last = self.path.rpartition(".")[2]
        if self.path.endswith(ATTENTION):
            last = ATTENTION
        if self.layer is not None and self.layer.calls > 1:
            return f"{last} · {ordinal(self.layer.call)} call"
        return last

    @property
    def kind(self) -> str:
        """Kind of the module, or what a stage is made of."""
        if self.stage is not None:
            return self.stage.content
        return self.layer.kind if self.layer is not None else ""

    @property
    def parameters(self) -> int:
        """Of the layer, or of the whole stage."""
        if self.stage is not None:
            return self.stage.parameters
        return self.layer.parameters if self.layer is not None else 0

    @property
    def macs(self) -> int | None:
        """Of the layer, or of the whole stage."""
        if self.stage is not None:
            return self.stage.macs
        return self.layer.macs if self.layer is not None else 0


def short_name(stage: Stage) -> str:
    """Name a stage in as little room as tells it from the others: "layer2", "features.4 … 8", "encoder_layer_3"."""
    first, last = stage.parts[0].key, stage.last.key
    if first == last:
        return _tail(first)
    holder, _, name = last.rpartition(".")
    return f"{_tail(first)} … {name if holder and holder == first.rpartition('.')[0] else _tail(last)}"


def _tail(path: str) -> str:
    """The last name in a path, with those before it as long as it is only a number."""
    holder, _, name = path.rpartition(".")
    return f"{_tail(holder)}.{name}" if holder and name.isdecimal() else name


@dataclass(frozen=True, slots=True)
class Column:
    """``key`` names it in the settings, ``heading`` stands above it, ``title`` and ``hint`` explain it."""

    key: str
    heading: str
    title: str
    hint: str
    text: Callable[[Row, LayerInfo], str]
    number: bool = False


def _macs(row: Row, _layer: LayerInfo) -> str:
    return "?" if row.macs is None else humanise(row.macs) if row.macs else ""


COLUMNS = (
    Column("name", "Layer", "Layer", "Name of the module, in order of execution", lambda row, layer: row.name),
    Column("mean", "Mean", "Mean activation", "Mean |activation| for this picture, as a bar on a logarithmic scale",
           lambda row, layer: ""),
    Column("kind", "Kind", "Kind", "Kind of the module", lambda row, layer: row.kind),
    Column("output", "Output", "Output shape", "Shape of the output without the batch: channels × height × width",
           lambda row, layer: format_layer_shape(layer)),
    Column("parameters", "Parameters", "Parameters", "Parameters of the module and all below it",
           lambda row, layer: humanise(row.parameters) if row.parameters else "", number=True),
    Column("macs", "MACs", "Multiply-adds (MACs)", "Multiply-adds of convolutions, linear layers and attention",
           _macs, number=True),
    Column("memory", "Memory", "Activation memory", "Size of the output in float32",
           lambda row, layer: humanise(layer.activation_bytes, "B"), number=True),
    Column("field", "Sees", "Receptive field", "Theoretical receptive field on the input, in pixels",
           lambda row, layer: field_size(layer), number=True),
    Column("stride", "Stride", "Stride", "Pixels of the input from one unit to the next",
           lambda row, layer: format_pair(layer.stride), number=True),
    Column("offset", "Offset", "Offset", "Centre of what unit (0, 0) sees, in pixels of the input",
           lambda row, layer: format_pair(layer.offset), number=True),
)  # fmt: skip
"""In the order of their numbers."""


class Forest:
    """Puts layers under the latest call of the module that holds them; a holder never called gets a row that groups."""

    def __init__(self, layers: Iterable[LayerInfo]) -> None:
        self.rows: list[Row] = [Row("", 0, None)]
        self._latest: dict[str, Row] = {}
        for layer in layers:
            # The network itself has no name, and no name means "no layer": its output is that of its last part.
            if layer.name:
                self._add(layer)

    def _add(self, layer: LayerInfo) -> None:
        waiting = self._latest.get(layer.name)
        if waiting is not None and waiting.layer is None and waiting.parent is self._holder(layer.name):
            waiting.layer = layer
            return
        self._append(layer.name, layer)

    def _append(self, path: str, layer: LayerInfo | None) -> Row:
        holder = self._holder(path)
        row = Row(path, len(self.rows), holder, len(holder.children), layer, holder.depth + 1)
        holder.children.append(row)
        self.rows.append(row)
        self._latest[path] = row
        return row

    def _holder(self, path: str) -> Row:
        prefix = path.removesuffix(ATTENTION) if path.endswith(ATTENTION) else path.rpartition(".")[0]
        if not prefix:
            return self.rows[0]
        known = self._latest.get(prefix)
        # A grouping row belongs to one call of the module around it; the next call gets its own.
        if known is None or (known.layer is None and known.parent is not self._holder(prefix)):
            return self._append(prefix, None)
        return known


def stage_rows(stages: Iterable[Stage]) -> list[Row]:
    """One row a stage, under a root."""
    root = Row("", 0, None)
    rows = [root]
    for place, stage in enumerate(stages):
        path = " ".join(part.name for part in stage.parts)
        row = Row(path, place + 1, root, place, stage.last, 1, stage)
        root.children.append(row)
        rows.append(row)
    return rows


def rows_by_key(rows: Iterable[Row], layers: Iterable[LayerInfo]) -> dict[str, Row]:
    """Find the row of each layer: its own, or that of the stage it lies in, or in which it ends."""
    listed = [row for row in rows if row.layer is not None]
    parts = [(part, row) for row in listed if row.stage is not None for part in row.stage.parts]
    if not parts:
        return {row.layer.key: row for row in listed if row.layer is not None}
    holders: dict[str, Row] = {}
    for part, row in parts:
        path = part.name
        holders[path] = row
        while "." in path:
            path = path.rpartition(".")[0]
            holders[path] = row
    # Those around a stage's parts were put in with them; the parts themselves, and each of their calls, come last.
    holders |= {part.name: row for part, row in parts}
    found = {layer.key: row for layer in layers if (row := _around(layer.module, holders)) is not None}
    return found | {part.key: row for part, row in parts}


def _around(path: str, holders: dict[str, Row]) -> Row | None:
    while path and path not in holders:
        path = path.rpartition(".")[0]
    return holders.get(path)


def search_text(row: Row) -> str:
    """What the filter looks at: the whole path and the kind; of a stage those of its parts and its resolution."""
    if row.stage is not None:
        kinds = " ".join(part.kind for part in row.stage.parts)
        return f"{row.stage.resolution} {row.path} {kinds} {row.kind}"
    return f"{row.path} {row.kind}".strip()
