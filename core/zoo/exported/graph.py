"""The graph of an exported program, read from its JSON (``torch/_export/serde/schema.py`` of torch 2.13, version 8)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MAJOR = 8
"""Version of the schema that this was written for; torch raises it with every change that is not compatible."""

MOST_NODES = 50_000
LONGEST = 64
"""Dimensions of a tensor, and modules inside each other."""

_USUAL = 224
_SYMBOL = re.compile(r"Symbol\('(\w+)'(?:, \w+=\w+)*\)|([A-Za-z_]\w*)")
_PART = re.compile(r"\w+")


class GraphError(ValueError):
    """Why a graph cannot be run: a reason that reads well after "its graph cannot be run: "."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A module that a node belongs to: how this call of it is told from others, its path, the name of its class."""

    key: str
    path: str
    kind: str


@dataclass(frozen=True, slots=True)
class Node:
    """A call: ``target`` of torch, arguments by name as (union key, value), names of the results (None for one unused).

    ``listed`` says that the results are one list. ``stack`` is None where the file does not say which module it is in.
    """

    target: str
    inputs: tuple[tuple[str, str, Any], ...]
    outputs: tuple[str | None, ...]
    listed: bool
    stack: tuple[Frame, ...] | None


@dataclass(frozen=True, slots=True)
class Held:
    """A tensor of the network: its name as a value, its name in the module, and where it is found."""

    value: str
    name: str
    place: str
    """"parameter", "buffer" or "constant"."""


@dataclass(frozen=True, slots=True)
class Graph:
    """A program: one picture batch goes in, one tensor comes out.

    ``shape`` is that of the exported input; None stands for a size that may vary. ``example`` has the size there that it was
    exported with; ``symbols`` are the names of such sizes by dimension of the input. ``leading`` is the first size of each
    value, where it is known.
    """

    nodes: tuple[Node, ...]
    held: tuple[Held, ...]
    given: Mapping[str, Any]
    source: str
    shape: tuple[int | None, ...]
    example: tuple[int, ...]
    symbols: Mapping[int, str]
    outputs: tuple[str, ...]
    leading: Mapping[str, int]


def parse(text: bytes) -> Graph:
    """Read the JSON of a program.

    Raises
    ------
    GraphError
        If it is no graph, or one with more than a picture batch going in.
    """
    try:
        raw = json.loads(text)
        version = raw["schema_version"]["major"]
        if version != MAJOR:
            raise GraphError(f"it is of schema version {version!s:.9}, and this program reads version {MAJOR}")
        return _graph(raw["graph_module"])
    except GraphError:
        raise
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise GraphError("its description is damaged") from error


def text_of(value: Any) -> str:
    """Return a text of the file, checked to be one."""
    if not isinstance(value, str) or len(value) > 1000:
        raise GraphError("its description is damaged")
    return value


def _graph(module: Any) -> Graph:
    raw, signature = module["graph"], module["signature"]
    if len(raw["nodes"]) > MOST_NODES:
        raise GraphError(f"it has {len(raw['nodes']):,} steps, more than any network")
    held: list[Held] = []
    given: dict[str, Any] = {}
    inputs: list[str] = []
    for spec in signature["input_specs"]:
        ((kind, value),) = spec.items()
        _input(kind, value, held, given, inputs)
    if len(inputs) != 1:
        raise GraphError(f"it takes {len(inputs)} tensors, not one batch of pictures")
    source = inputs[0]
    shape, example, symbols = _shape(raw["tensor_values"][source])
    outputs = [
        text_of(spec["user_output"]["arg"]["as_tensor"]["name"])
        for spec in signature["output_specs"]
        if "user_output" in spec and "as_tensor" in spec["user_output"]["arg"]
    ]
    if not outputs:
        raise GraphError("it returns no tensor")
    leading = {}
    for name, meta in raw["tensor_values"].items():
        first = meta["sizes"][0].get("as_int") if meta["sizes"] else None
        if isinstance(first, int):
            leading[name] = first
    nodes = tuple(_node(one) for one in raw["nodes"])
    return Graph(nodes, tuple(held), given, source, shape, example, symbols, tuple(outputs), leading)


def _input(kind: str, value: Any, held: list[Held], given: dict[str, Any], inputs: list[str]) -> None:
    if kind == "parameter":
        held.append(Held(text_of(value["arg"]["name"]), text_of(value["parameter_name"]), "parameter"))
    elif kind == "buffer":
        held.append(Held(text_of(value["arg"]["name"]), text_of(value["buffer_name"]), "buffer"))
    elif kind == "tensor_constant":
        held.append(Held(text_of(value["arg"]["name"]), text_of(value["tensor_constant_name"]), "constant"))
    elif kind == "constant_input":
        ((what, one),) = value["value"].items()
        given[text_of(value["name"])] = None if what == "as_none" else one
    elif kind == "user_input":
        if "as_tensor" not in value["arg"]:
            raise GraphError("it takes more than tensors")
        inputs.append(text_of(value["arg"]["as_tensor"]["name"]))
    else:
        raise GraphError(f"it needs an object of the kind {kind!s:.40}")


def _shape(meta: Any) -> tuple[tuple[int | None, ...], tuple[int, ...], dict[int, str]]:
    """Read the sizes of the input; those that may vary are simple symbols, or the graph is refused."""
    if meta["dtype"] not in (6, 7, 8, 13):
        raise GraphError("it does not take pictures as floating-point numbers")
    shape: list[int | None] = []
    example: list[int] = []
    symbols: dict[int, str] = {}
    for dim, size in enumerate(meta["sizes"]):
        if isinstance(size.get("as_int"), int):
            shape.append(size["as_int"])
            example.append(size["as_int"])
            continue
        found = _SYMBOL.fullmatch(text_of(size["as_expr"]["expr_str"]))
        if found is None:
            raise GraphError("a size of its input is given by a formula")
        shape.append(None)
        example.append(int((size["as_expr"].get("hint") or {}).get("as_int", 1 if dim == 0 else _USUAL)))
        symbols[dim] = found[1] or found[2]
    if len(shape) != 4 or any(not 1 <= size <= 1 << 16 for size in example):
        raise GraphError("what it takes is no batch of pictures (N, channels, height, width)")
    return tuple(shape), tuple(example), symbols


def _node(raw: Any) -> Node:
    arguments = []
    for one in raw["inputs"]:
        ((kind, value),) = one["arg"].items()
        arguments.append((text_of(one["name"]), text_of(kind), value))
    outputs: list[str | None] = []
    listed = False
    for one in raw["outputs"]:
        ((kind, value),) = one.items()
        if kind == "as_tensors":
            listed = True
            outputs += [text_of(item["name"]) for item in value]
        elif kind in ("as_tensor", "as_optional_tensor"):
            outputs.append(text_of(value["name"]) if "name" in value else None)
        elif kind in ("as_sym_int", "as_sym_bool"):
            outputs.append(text_of(value["as_name"]))
        elif kind == "as_none":
            outputs.append(None)
        else:
            raise GraphError(f"a step of it returns a value of the kind {kind:.40}")
    if listed and len(raw["outputs"]) != 1:
        raise GraphError("a step of it returns lists of tensors")
    return Node(text_of(raw["target"]), tuple(arguments), tuple(outputs), listed, _stack(raw.get("metadata")))


def _stack(metadata: Any) -> tuple[Frame, ...] | None:
    """Read which modules a node is in, from the outermost one; names that could be no module's are left out."""
    text = metadata.get("nn_module_stack") if isinstance(metadata, dict) else None
    if not isinstance(text, str) or not text:
        return None
    frames = []
    for entry in text.split(";")[:LONGEST]:
        key, _, rest = entry.partition(",")
        path, _, kind = rest.partition(",")
        path = re.sub(r"@\d+", "", path)
        name = kind.rpartition(".")[2]
        if path and len(path) < 1000 and all(_PART.fullmatch(part) for part in path.split(".")):
            frames.append(Frame(key, path, name if name.isidentifier() and len(name) < 100 else "Module"))
    return tuple(frames)
