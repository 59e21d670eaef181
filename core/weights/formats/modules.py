"""Whole models in a pickle: what their state_dict would have been, without the classes."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from torch import Tensor

from core.weights.formats.pickle_graph import Made, Named
from core.weights.formats.problem import damaged

if TYPE_CHECKING:
    from core.weights.formats.rebuild import Rebuild

_NAME_LENGTH = 2000
_COST = 20  # values that a module counts as, with the attributes that every module has
_PLAIN = (str, int, float, bool)


def class_name(node: Made) -> str:
    """Return the name of the class of an object, "?" where that is computed."""
    name = node.name
    if name.endswith("._reconstructor") and isinstance(node.args, tuple) and node.args:
        first = node.args[0]
        return first.name if isinstance(first, Named) else "?"
    return name or "?"


def state_of(node: Made) -> dict[str, Any]:
    """Return the attributes of an object, from what BUILD would have set; slots count as well."""
    state = node.state
    parts = state if isinstance(state, tuple) and len(state) == 2 else (state,)
    found: dict[str, Any] = {}
    for part in parts:
        found |= {key: value for key, value in entries(part) if isinstance(key, str)}
    return found


def entries(node: Any) -> list[tuple[Any, Any]]:
    """Return the pairs of a mapping of any kind, none for anything else."""
    if isinstance(node, dict):
        return list(node.items())
    if not isinstance(node, Made):
        return []
    given = node.args[0] if isinstance(node.args, tuple) and node.args else ()
    listed = [tuple(pair) for pair in given if isinstance(pair, list | tuple) and len(pair) == 2] if isinstance(
        given, list | tuple
    ) else entries(given)  # fmt: skip
    return listed + node.pairs


def is_module(name: str, state: dict[str, Any]) -> bool:
    """Tell whether an object is a module of torch, pickled or scripted."""
    return ("_modules" in state and "_parameters" in state) or (name.startswith("__torch__.") and bool(state))


def flat(rebuild: Rebuild, name: str, state: dict[str, Any]) -> OrderedDict[str, Tensor]:
    """Return the tensors of a module and those below it, by dotted name, in the order of ``state_dict``."""
    found: OrderedDict[str, Tensor] = OrderedDict()
    _collect(rebuild, name, state, "", found, ())
    return found


def attributes(rebuild: Rebuild, state: dict[str, Any]) -> dict[str, Any]:
    """Return what a module has besides tensors and torch's own: names of classes that somebody put there."""
    own = {key: value for key, value in state.items() if not key.startswith("_") and key != "training"}
    return {key: rebuild.value(value) for key, value in own.items() if _is_plain(value)}


def _is_plain(value: Any) -> bool:
    """Tell whether a value is a text or number, or a list or mapping of nothing else."""
    if isinstance(value, _PLAIN):
        return True
    items = list(value) if isinstance(value, list | tuple) else [part for pair in entries(value) for part in pair]
    return bool(items) and all(isinstance(item, _PLAIN) for item in items)


def _collect(
    rebuild: Rebuild, name: str, state: dict[str, Any], prefix: str, found: OrderedDict[str, Tensor], above: tuple[int, ...]
) -> None:
    rebuild.count(_COST)
    if len(prefix) > _NAME_LENGTH or len(above) > 100:
        raise damaged("its modules contain each other")
    scripted = name.startswith("__torch__.")
    tensors, children = _scripted(state) if scripted else _pickled(state)
    for key, node in tensors:
        tensor = rebuild.value(node)
        if isinstance(tensor, Tensor):
            found[f"{prefix}{key}"[:_NAME_LENGTH]] = tensor
    for key, child in children:
        if id(child) in above or not isinstance(child, Made):
            continue
        below = state_of(child)
        if is_module(class_name(child), below):
            _collect(rebuild, class_name(child), below, f"{prefix}{key}.", found, (*above, id(child)))


def _pickled(state: dict[str, Any]) -> tuple[list[tuple[Any, Any]], list[tuple[Any, Any]]]:
    skipped = state.get("_non_persistent_buffers_set")
    names: Any = skipped.args[0] if isinstance(skipped, Made) and isinstance(skipped.args, tuple) and skipped.args else skipped
    passing = {name for name in names if isinstance(name, str)} if isinstance(names, list) else set()
    buffers = [(key, node) for key, node in entries(state.get("_buffers")) if key not in passing]
    return entries(state["_parameters"]) + buffers, entries(state["_modules"])


def _scripted(state: dict[str, Any]) -> tuple[list[tuple[Any, Any]], list[tuple[Any, Any]]]:
    made = [(key, node) for key, node in state.items() if isinstance(node, Made)]
    children = [(key, node) for key, node in made if node.name.startswith("__torch__.")]
    tensors = [(key, node) for key, node in made if node.name.startswith("torch._utils._rebuild")]
    return tensors, children
