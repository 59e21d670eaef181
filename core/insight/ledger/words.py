"""The numbers of a ledger as a person reads them. Neither torch nor Qt."""

from __future__ import annotations

import math

from core.types import Beside, LedgerLayer, LedgerNetwork

NONE = "–"
EQUAL, DIFFERENT = "=", "≠"
_UNITS = ((10**9, "G"), (10**6, "M"), (10**3, "k"))


def whole(number: int | None) -> str:
    """Every digit, in groups of three; a dash for what is not known."""
    return NONE if number is None else f"{number:,}"


def short(number: int | None) -> str:
    """Three digits and a letter: "15.5 G", "963 M"; a dash for what is not known."""
    if number is None:
        return NONE
    for unit, letter in _UNITS:
        if number >= unit:
            value = number / unit
            decimals = max(0, 3 - len(str(math.floor(value))))  # 999.7 M is "1000 M", which nobody misreads
            return f"{value:.{decimals}f} {letter}"
    return str(number)


def sides(shape: tuple[int, ...] | None) -> str:
    """A shape: "64×224×224"; a dash where there is none."""
    return NONE if shape is None else "×".join(str(side) for side in shape)


def field(size: tuple[int, int] | None) -> str:
    """A receptive field: one number where it is square."""
    if size is None:
        return NONE
    return str(size[0]) if size[0] == size[1] else sides(size)


def mark(beside: Beside | None) -> str:
    """The sign of a verdict; "" where there is none."""
    if beside is None or not beside.verdict:
        return ""
    return EQUAL if beside.verdict == "equal" else DIFFERENT


def printed(counted: str, beside: Beside | None) -> str:
    """A sign and what is printed: "= 138 M"; "=" alone where that is the text that was counted; "" where nothing is."""
    sign = mark(beside)
    if beside is None or not sign:
        return ""
    return sign if counted == beside.text else f"{sign} {beside.text}"


def with_mark(counted: str, beside: Beside | None) -> str:
    """What was counted, and the sign of what is printed: "64×224×224 =", "FC-10 ≠ FC-1000"."""
    return f"{counted} {printed(counted, beside)}".rstrip()


def kind(layer: LedgerLayer) -> str:
    """What a layer is: in the paper's words where it has some, else the class of the module."""
    if layer.paper_layer is None:
        return layer.word or layer.kind
    if not layer.paper_layer.verdict:
        return layer.paper_layer.text
    return with_mark(layer.word or layer.kind, layer.paper_layer)


def verdict(beside: Beside | None) -> str:
    """A sentence of a comparison, for hints and screen readers; "" where there is none."""
    if beside is None or not beside.verdict:
        return ""
    if beside.verdict == "equal":
        return f"Equal to {beside.text} of {beside.source}."
    why = beside.reason or "No reason is known here."
    return f"Different from {beside.text} of {beside.source}. {why}"


def differences(network: LedgerNetwork) -> tuple[tuple[str, Beside], ...]:
    """The cells of a network, not those of its layers, that are different, each with its heading."""
    cells = (
        ("weight layers", network.paper_weight_layers),
        ("parameters", network.paper_parameters),
        ("MACs", network.paper_macs),
    )
    return tuple((name, beside) for name, beside in cells if beside is not None and beside.verdict == "different")


def layer_differences(layer: LedgerLayer) -> tuple[tuple[str, Beside], ...]:
    """The same of a layer."""
    cells = (
        ("layer", layer.paper_layer),
        ("output", layer.paper_shape),
        ("parameters", layer.paper_parameters),
        ("MACs", layer.paper_macs),
    )
    return tuple((name, beside) for name, beside in cells if beside is not None and beside.verdict == "different")


def summary(network: LedgerNetwork) -> str:
    """How much of what was compared is equal: "64 of 65 numbers and shapes are as printed"; "" where nothing is printed."""
    compared = network.compared
    if not compared:
        return ""
    equal = sum(beside.verdict == "equal" for beside in compared)
    return f"{equal} of {len(compared)} cells are as printed"
