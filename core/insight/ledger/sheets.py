"""Ledgers as sheets of text cells, in the order in which all formats write them. Neither torch nor Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.insight.ledger import words
from core.types import Beside, LedgerLayer, LedgerNetwork

LEGEND = "= as printed, when rounded to as many places; ≠ otherwise; no sign where nothing is printed. MACs: multiply-adds."


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table with its title, and sentences that belong to it; ``right`` are the columns of numbers."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: tuple[int, ...]
    notes: tuple[str, ...] = ()


def sheets(networks: Sequence[LedgerNetwork], *, layers: bool = False) -> tuple[Sheet, ...]:
    """The table of the networks, and with ``layers`` that of the layers of each."""
    found = [network_sheet(networks)]
    if layers:
        found += [layer_sheet(network) for network in networks]
    return tuple(found)


def network_sheet(networks: Sequence[LedgerNetwork]) -> Sheet:
    """A row a network: its totals, each beside what its paper prints."""
    header: tuple[str, ...] = ("network", "paper", "input", "field", "layers", "", "parameters", "", "MACs", "")
    rows: list[tuple[str, ...]] = [_network_row(network) for network in networks]
    counts = {network.classes for network in networks}
    title = "Networks"
    right: tuple[int, ...] = (3, 4, 6, 8)
    if len(counts) == 1:
        classes = next(iter(counts))
        title = f"Networks for {classes:,} {'class' if classes == 1 else 'classes'}"
    else:
        header, right = (*header[:3], "classes", *header[3:]), (3, 4, 5, 7, 9)
        rows = [(*row[:3], f"{one.classes:,}", *row[3:]) for row, one in zip(rows, networks, strict=True)]
    return Sheet(title, header, tuple(rows), right, _network_notes(networks))


def _network_row(network: LedgerNetwork) -> tuple[str, ...]:
    return (
        network.name,
        network.paper or words.NONE,
        words.sides(network.input_shape),
        words.field(network.receptive_field),
        *_pair(str(network.weight_layers), network.paper_weight_layers),
        *_pair(words.whole(network.parameters), network.paper_parameters),
        *_pair(words.short(network.macs), network.paper_macs),
    )


def _pair(counted: str, beside: Beside | None) -> tuple[str, str]:
    return counted, words.printed(counted, beside)


def _network_notes(networks: Sequence[LedgerNetwork]) -> tuple[str, ...]:
    found: list[str] = []
    for network in networks:
        for name, beside in words.differences(network):
            found.append(_note(f"{network.name}, {name}", beside))
    cells = [(network.paper_weight_layers, network.paper_parameters, network.paper_macs) for network in networks]
    return (LEGEND, *found, *_sources([beside for row in cells for beside in row if beside is not None]))


def _note(where: str, beside: Beside) -> str:
    return f"{where}: {words.verdict(beside)}"


def _sources(cells: Sequence[Beside]) -> tuple[str, ...]:
    names = dict.fromkeys(beside.source for beside in cells)
    return (f"Printed in: {'; '.join(names)}.",) if names else ()


def layer_sheet(network: LedgerNetwork) -> Sheet:
    """A row a layer of one network; those that a row of the paper's table stands for are indented below it."""
    inside = holders(network.layers)
    rows = tuple(_layer_row(line, inside.get(line.name)) for line in network.layers)
    total = (
        "all", "", words.sides(network.output_shape), words.field(network.receptive_field),
        *_pair(words.whole(network.parameters), network.paper_parameters),
        *_pair(words.short(network.macs), network.paper_macs),
    )  # fmt: skip
    header = ("layer", "kind", "output", "field", "parameters", "", "MACs", "")
    named = f" ({network.paper})" if network.paper else ""
    return Sheet(f"{network.name}{named}", header, (*rows, total), (3, 4, 6), _layer_notes(network))


def holders(lines: Sequence[LedgerLayer]) -> dict[str, str]:
    """For each line that a group adds up, what its name has in common with the group's; "" in a group of several modules."""
    groups = [line.name.split(" + ") for line in lines if line.group]
    return {
        line.name: f"{name}." if len(names) == 1 else ""
        for line in lines
        if not line.group
        for names in groups
        for name in names
        if line.name.startswith(f"{name}.")
    }


def short_name(line: LedgerLayer, holder: str | None) -> str:
    """A line's name; below a group without what it has in common with it, of :func:`holders`."""
    return line.name.removeprefix(holder or "") or "(the network)"


def _layer_row(line: LedgerLayer, holder: str | None) -> tuple[str, ...]:
    return (
        f"{'' if holder is None else '  '}{short_name(line, holder)}",
        words.kind(line),
        words.with_mark(words.sides(line.output_shape), line.paper_shape),
        words.field(line.receptive_field),
        *_pair(words.whole(line.parameters), line.paper_parameters),
        *_pair(words.short(line.macs), line.paper_macs),
    )


def _layer_notes(network: LedgerNetwork) -> tuple[str, ...]:
    found = [
        _note(f"{line.name}, {name}", beside) for line in network.layers for name, beside in words.layer_differences(line)
    ]
    cells = [beside for line in network.layers for beside in (line.paper_layer, line.paper_shape, line.paper_parameters)]
    return (*network.notes, *found, *_sources([beside for beside in cells if beside is not None]))
