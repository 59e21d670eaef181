"""Setting what a paper prints beside what was counted. Neither torch nor Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache

from core.insight.ledger import googlenet_paper, vgg_paper
from core.insight.ledger.papers import OTHERS, Paper, Printed, Row
from core.types import Beside, LedgerLayer, LedgerNetwork

_INPUT_CHANNELS = 3


@cache
def papers() -> dict[str, Paper]:
    """What is printed of each network of the catalogue of which the ledger knows a paper, by its name."""
    return {**OTHERS, **vgg_paper.papers(), **googlenet_paper.papers()}


def set_beside(network: LedgerNetwork, blocks: Mapping[str, LedgerLayer]) -> LedgerNetwork:
    """Return a network with what its paper prints beside what was counted; as it is where nothing is printed of it.

    Parameters
    ----------
    network
        What was counted.
    blocks
        By their names the modules that hold others: a row of a paper's table may stand for one of them.
    """
    paper = papers().get(network.name)
    if paper is None:
        return network
    odd = _oddities(network, paper)
    layers = _with_groups(network.layers, paper.rows, blocks) if _is_grouped(paper) else network.layers
    beside, missing = _pair(layers, paper, odd)
    return replace(
        network,
        layers=beside,
        paper=paper.title,
        paper_weight_layers=_number(network.weight_layers, paper.weight_layers, ""),
        paper_parameters=_number(network.parameters, paper.parameters, _without_side(odd)),
        paper_macs=_number(network.macs, paper.macs, " ".join(odd.values())),
        notes=(*paper.notes, *missing),
    )


def _oddities(network: LedgerNetwork, paper: Paper) -> dict[str, str]:
    """In what the counted network was asked for otherwise than the paper's: each a sentence."""
    odd: dict[str, str] = {}
    if network.classes != paper.classes:
        counted = "1 class" if network.classes == 1 else f"{network.classes:,} classes"
        odd["classes"] = f"It has {counted}, the paper's {paper.classes:,}."
    if network.input_shape[0] != _INPUT_CHANNELS:
        inputs = f"{network.input_shape[0]} input channel{'s' * (network.input_shape[0] > 1)}"
        odd["channels"] = f"It has {inputs}, the paper's {_INPUT_CHANNELS}."
    if network.input_shape[1] != paper.side:
        odd["side"] = f"It is counted at {network.input_shape[1]} pixels, the paper's at {paper.side}."
    return odd


def _without_side(odd: dict[str, str]) -> str:
    return " ".join(sentence for kind, sentence in odd.items() if kind != "side")


def _is_grouped(paper: Paper) -> bool:
    return any(row.names for row in paper.rows)


def _with_groups(
    lines: Sequence[LedgerLayer], rows: Sequence[Row], blocks: Mapping[str, LedgerLayer]
) -> tuple[LedgerLayer, ...]:
    """Put a line that adds up before the lines that a row of the table stands for."""
    found = list(lines)
    for row in rows:
        held = [line for line in lines if any(line.name == name or line.name.startswith(f"{name}.") for name in row.names)]
        block = blocks.get(row.names[-1])
        if block is None or not held:
            continue
        unknown = any(line.macs is None for line in held)
        group = replace(
            block,
            name=" + ".join(row.names),
            kind="together" if len(row.names) > 1 else block.kind,
            parameters=sum(line.parameters for line in held),
            macs=None if unknown else sum(line.macs or 0 for line in held),
        )
        found.insert(found.index(held[0]), group)
    return tuple(found)


def _pair(
    lines: tuple[LedgerLayer, ...], paper: Paper, odd: dict[str, str]
) -> tuple[tuple[LedgerLayer, ...], tuple[str, ...]]:
    """Give each row of the table the line that it is about."""
    found = list(lines)
    places = _places(found, paper.rows)
    if places is None:
        return lines, ("Its layers are others than those of the paper's table, which is not set beside them.",)
    for row, place in zip(paper.rows, places, strict=True):
        first = place == min(places)
        last = place == max(places)
        about = {kind: words for kind, words in odd.items() if kind == "side" or _touches(kind, first, last)}
        found[place] = _beside_line(found[place], row, about)
    return tuple(found), ()


def _touches(kind: str, first: bool, last: bool) -> bool:
    return (kind == "channels" and first) or (kind == "classes" and last)


def _places(lines: Sequence[LedgerLayer], rows: Sequence[Row]) -> list[int] | None:
    """The number of the line for each row; None if there is not one for every row."""
    if rows and not rows[0].names:
        worded = [number for number, line in enumerate(lines) if line.word]
        return worded if len(worded) == len(rows) else None
    names = [line.name for line in lines]
    wanted = [_named(names, row.names) for row in rows]
    return None if -1 in wanted else wanted


def _named(names: Sequence[str], wanted: tuple[str, ...]) -> int:
    joined = " + ".join(wanted)
    return names.index(joined) if joined in names else -1


def _beside_line(line: LedgerLayer, row: Row, odd: dict[str, str]) -> LedgerLayer:
    everything = " ".join(odd.values())
    return replace(
        line,
        paper_layer=_word(line.word, row, _without_side(odd)),
        paper_shape=_shape(line.output_shape, row.shape, row.source, everything),
        paper_parameters=_number(line.parameters, row.parameters, _without_side(odd)),
        paper_macs=_number(line.macs, row.macs, everything),
    )


def _number(counted: int | None, printed: Printed | None, odd: str) -> Beside | None:
    if printed is None or counted is None:
        return None
    if printed.is_met_by(counted):
        return Beside(printed.text, printed.source, "equal")
    return Beside(printed.text, printed.source, "different", odd or printed.reason)


def _shape(counted: tuple[int, ...] | None, printed: tuple[int, ...] | None, source: str, odd: str) -> Beside | None:
    if printed is None or counted is None:
        return None
    text = "×".join(str(side) for side in printed)
    return Beside(text, source, "equal") if counted == printed else Beside(text, source, "different", odd)


def _word(counted: str, row: Row, odd: str) -> Beside:
    if row.names:
        return Beside(row.word, row.source, "")
    return Beside(row.word, row.source, "equal") if counted == row.word else Beside(row.word, row.source, "different", odd)
