"""A ledger as text, CSV, Markdown, LaTeX or JSON. Neither torch nor Qt."""

from __future__ import annotations

import csv
import io
import re
import textwrap
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from core.insight.ledger.sheets import Sheet, sheets
from core.types import Beside, LedgerLayer, LedgerNetwork

WIDTH = 100
"""Columns of a terminal that the text table fits into."""
_NAMES = (0, 1)
"""Columns of words, which lose the middle of the longest ones where a table is too wide."""
_GAP = 2


def text(networks: Sequence[LedgerNetwork], *, layers: bool = False) -> str:
    """Aligned columns for a terminal of :data:`WIDTH` columns."""
    return "\n\n".join(_text_sheet(sheet) for sheet in sheets(networks, layers=layers)) + "\n"


def markdown(networks: Sequence[LedgerNetwork], *, layers: bool = False) -> str:
    """Tables in the pipes of GitHub's Markdown."""
    return "\n\n".join(_markdown_sheet(sheet) for sheet in sheets(networks, layers=layers)) + "\n"


def latex(networks: Sequence[LedgerNetwork], *, layers: bool = False) -> str:
    """Plain ``tabular`` environments, to be pasted or \\input into a document; no package is needed."""
    return "\n\n".join(_latex_sheet(sheet) for sheet in sheets(networks, layers=layers)) + "\n"


def comma_separated(networks: Sequence[LedgerNetwork], *, layers: bool = False) -> str:
    """A row a network, or with ``layers`` a row a layer; all digits, and each comparison in columns of its own."""
    rows = layer_records(networks) if layers else network_records(networks)
    file = io.StringIO()
    writer = csv.DictWriter(file, list(rows[0]) if rows else ["network"], lineterminator="\n")
    writer.writeheader()
    writer.writerows({key: _plain(value) for key, value in row.items()} for row in rows)
    return file.getvalue()


FORMATS: dict[str, Callable[..., str]] = {"text": text, "csv": comma_separated, "markdown": markdown, "latex": latex}
SUFFIXES = {".txt": "text", ".csv": "csv", ".md": "markdown", ".tex": "latex"}
"""Endings of files that say which format is meant."""


def as_object(network: LedgerNetwork, *, layers: bool = False) -> dict[str, Any]:
    """A network for JSON; the keys are stable."""
    (record,) = network_records([network])
    record["input_shape"] = list(network.input_shape)
    record["output_shape"] = list(network.output_shape)
    record["receptive_field"] = network.receptive_field
    record["notes"] = list(network.notes)
    if layers:
        record["layers"] = [_layer_record(line) for line in network.layers]
    return record


def network_records(networks: Iterable[LedgerNetwork]) -> list[dict[str, Any]]:
    """What the CSV file says of each network, by the titles of its columns."""
    return [
        {
            "network": network.name,
            "paper": network.paper,
            "classes": network.classes,
            "input_shape": network.input_shape,
            "output_shape": network.output_shape,
            "receptive_field": network.receptive_field,
            **_compared("weight_layers", network.weight_layers, network.paper_weight_layers),
            **_compared("parameters", network.parameters, network.paper_parameters),
            **_compared("macs", network.macs, network.paper_macs),
        }
        for network in networks
    ]


def layer_records(networks: Iterable[LedgerNetwork]) -> list[dict[str, Any]]:
    """What the CSV file says of each layer; lines with ``group`` true repeat what the lines below them say."""
    return [{"network": network.name, **_layer_record(line)} for network in networks for line in network.layers]


def _layer_record(line: LedgerLayer) -> dict[str, Any]:
    return {
        "layer": line.name,
        "kind": line.kind,
        "group": line.group,
        "receptive_field": line.receptive_field,
        **_compared("word", line.word, line.paper_layer),
        **_compared("output_shape", line.output_shape, line.paper_shape),
        **_compared("parameters", line.parameters, line.paper_parameters),
        **_compared("macs", line.macs, line.paper_macs),
    }


def _compared(name: str, counted: object, beside: Beside | None) -> dict[str, Any]:
    return {
        name: counted,
        f"{name}_paper": beside.text if beside else "",
        f"{name}_verdict": beside.verdict if beside else "",
        f"{name}_reason": beside.reason if beside else "",
        f"{name}_source": beside.source if beside else "",
    }


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return "x".join(str(part) for part in value)
    return str(value).lower() if isinstance(value, bool) else value


def _text_sheet(sheet: Sheet) -> str:
    widths = _fitting([max(map(_width, column)) for column in zip(sheet.header, *sheet.rows, strict=True)])
    rows = [[_elided(cell, width) for cell, width in zip(row, widths, strict=True)] for row in (sheet.header, *sheet.rows)]
    lines = [(" " * _GAP).join(_padded(*cell) for cell in _cells(row, widths, sheet.right)).rstrip() for row in rows]
    notes = [textwrap.fill(note, WIDTH, initial_indent="  ", subsequent_indent="    ") for note in sheet.notes]
    return "\n".join([sheet.title, "", *lines, "", *notes]).rstrip()


def _fitting(widths: list[int]) -> list[int]:
    """Take from the columns of words, the wider one first, until the table is no wider than :data:`WIDTH`."""
    while sum(widths) + _GAP * (len(widths) - 1) > WIDTH:
        widest = max(_NAMES, key=widths.__getitem__)
        if widths[widest] <= 1:
            break
        widths[widest] -= 1
    return widths


def _cells(row: Sequence[str], widths: Sequence[int], right: Sequence[int]) -> Iterable[tuple[str, int, bool]]:
    return ((cell, width, column in right) for column, (cell, width) in enumerate(zip(row, widths, strict=True)))


def _padded(cell: str, width: int, flush: bool) -> str:
    space = " " * (width - _width(cell))
    return space + cell if flush else cell + space


def _width(cell: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in cell)


def _elided(name: str, longest: int) -> str:
    if len(name) <= longest:
        return name
    half = (longest - 1) // 2
    return f"{name[: longest - 1 - half]}…{name[len(name) - half :]}"


def _markdown_sheet(sheet: Sheet) -> str:
    rules = ["---:" if column in sheet.right else "---" for column in range(len(sheet.header))]
    rows = [_pipes(sheet.header), _pipes(rules, escape=False), *(_pipes(row) for row in sheet.rows)]
    notes = [f"- {_markdown(note)}" for note in sheet.notes]
    return "\n".join([f"### {_markdown(sheet.title)}", "", *rows, "", *notes]).rstrip()


def _pipes(cells: Sequence[str], *, escape: bool = True) -> str:
    inside = (_indented(cell) if escape else cell for cell in cells)
    return f"| {' | '.join(inside)} |"


def _indented(cell: str) -> str:
    plain = cell.lstrip(" ")
    return "&emsp;" * ((len(cell) - len(plain)) // 2) + _markdown(plain)


def _markdown(words: str) -> str:
    return re.sub(r"([\\`*_\[\]<>|#])", r"\\\1", words)


_LATEX = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "×": r"$\times$", "≠": r"$\neq$", "–": "--", "“": "``",
    "”": "''", "…": r"\dots{}", "<": r"$<$", ">": r"$>$",
}  # fmt: skip
"""Letters that mean something else to LaTeX, or that its oldest font encoding lacks."""


def escape_latex(words: str) -> str:
    """Write words so that LaTeX prints them; letters that it may lack become question marks."""
    return "".join(_LATEX.get(letter, letter if letter.isascii() else "?") for letter in words)


def _latex_sheet(sheet: Sheet) -> str:
    columns = "".join("r" if column in sheet.right else "l" for column in range(len(sheet.header)))
    lines = [f"% {re.sub(r'[^ -~]', '?', sheet.title)}", rf"\begin{{tabular}}{{{columns}}}", r"\hline"]
    lines += [_latex_row(sheet.header), r"\hline", *(_latex_row(row) for row in sheet.rows), r"\hline", r"\end{tabular}"]
    lines += [rf"\par {escape_latex(note)}" for note in sheet.notes]
    return "\n".join(lines)


def _latex_row(cells: Sequence[str]) -> str:
    inside = (rf"\quad {escape_latex(cell.strip())}" if cell.startswith(" ") else escape_latex(cell) for cell in cells)
    return " & ".join(inside) + r" \\"
