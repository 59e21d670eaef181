"""From the inert graph of a pickle to tensors, mappings and plain values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.weights.formats import limits, modules
from core.weights.formats.limits import Budget
from core.weights.formats.pickle_graph import Made, Named, Reference
from core.weights.formats.problem import Problem, damaged, excessive, shown
from core.weights.formats.recipes import RECIPES
from core.weights.formats.storages import Storage, Storages

_PLAIN = (str, int, float, bool, type(None), bytes)


class Rebuild:
    """Makes the content of one file.

    Parameters
    ----------
    storages
        Where its numbers are.
    budget
        What its tensors may add up to.
    load_bytes
        Reads the storage in bytes that ``torch.save`` wrote, which plain pickles carry one of per tensor.

    Attributes
    ----------
    found
        What there was besides tensors and plain values, a phrase each: "a whole model (torchvision.models.resnet.ResNet)".
    attributes
        Plain ones of the first module that has any.
    """

    def __init__(self, storages: Storages, budget: Budget, load_bytes: Callable[[Any], Storage] | None = None) -> None:
        self.storages = storages
        self.budget = budget
        self.load_bytes = load_bytes
        self.found: dict[str, None] = {}
        self.attributes: dict[str, Any] = {}
        # With the node itself, so that no other one gets its id.
        self._done: dict[int, tuple[Any, int, Any]] = {}
        self._active: set[int] = set()
        self._count = 0

    def value(self, node: Any) -> Any:
        """Return what a node of the graph stands for.

        Tensors are plain ones on the CPU (parameters and subclasses as the tensor in them); modules become an
        OrderedDict of dotted names, other objects a dict of their attributes or, where they have none, their name. What
        contains itself is None there.

        Raises
        ------
        Problem
            If it is damaged or asks for too much.
        """
        self.count()
        if isinstance(node, _PLAIN):
            return node
        if isinstance(node, Named):
            return node.name
        if isinstance(node, memoryview):
            return bytes(node)
        key = id(node)
        if key in self._done:
            found, size, _ = self._done[key]
            self.count(size)
            return found
        if key in self._active:
            return None
        if len(self._active) > limits.DEPTH:
            raise excessive(f"holds more than {limits.DEPTH} containers inside each other")
        self._active.add(key)
        before = self._count
        found = self._fresh(node)
        self._active.discard(key)
        self._done[key] = found, self._count - before, node
        return found

    def count(self, more: int = 1) -> None:
        """Note that so many values were reached.

        Raises
        ------
        Problem
            If they become too many.
        """
        self._count += more
        if self._count > limits.VALUES:
            raise excessive(f"describes more than {limits.VALUES:,} values")

    def storage(self, node: Any) -> Storage:
        """Return the storage that a node stands for."""
        if isinstance(node, Reference):
            return self.storages.find(node)
        if isinstance(node, Made) and node.name == "torch.storage._load_from_bytes" and self.load_bytes and node.args:
            return self.load_bytes(node.args[0])
        if isinstance(node, Made) and node.name.endswith("TypedStorage") and node.args:
            return self.storage(node.args[0])
        raise damaged("a tensor has no numbers")

    def mapping(self, pairs: list[tuple[Any, Any]]) -> dict[Any, Any]:
        """Return key-value pairs as a dict."""
        return {_key(key): self.value(item) for key, item in pairs}

    def _fresh(self, node: Any) -> Any:
        if isinstance(node, dict):
            return self.mapping(list(node.items()))
        if isinstance(node, list):
            return [self.value(item) for item in node]
        if isinstance(node, tuple):
            return tuple(self.value(item) for item in node)
        if isinstance(node, Made):
            return self._made(node)
        return "storage" if isinstance(node, Reference) else str(type(node).__name__)

    def _made(self, node: Made) -> Any:
        recipe = RECIPES.get(_renamed(node.name))
        if recipe is not None:
            try:
                return recipe(self, node)
            except (TypeError, ValueError, IndexError, RuntimeError, OverflowError, AttributeError) as error:
                raise damaged(f"{node.name} does not get what it needs") from error
        return self._object(node)

    def _object(self, node: Made) -> Any:
        name = modules.class_name(node)
        state = modules.state_of(node)
        if modules.is_module(name, state):
            self.found.setdefault(f"a whole model ({shown(name)})")
            self.attributes = self.attributes or modules.attributes(self, state)
            return modules.flat(self, name, state)
        self.found.setdefault(f"an object ({shown(name)})")
        if isinstance(node.args, tuple) and name.endswith(("Parameter", "Tensor", "Variable")) and node.args:
            return self.value(node.args[0])
        try:
            if node.pairs:
                return self.mapping(node.pairs)
            if node.items:
                return [self.value(item) for item in node.items]
            return self.mapping(list(state.items())) if state else name
        except Problem:
            # An object of somebody's own that is odd inside is no reason to leave the tensors beside it.
            if self._count > limits.VALUES or self.budget.left < 0:
                raise
            return name


def _key(node: Any) -> Any:
    if isinstance(node, Named):
        return node.name
    if isinstance(node, Made):
        return modules.class_name(node)
    return tuple(_key(part) for part in node) if isinstance(node, tuple) else node


def _renamed(name: str) -> str:
    """Return a global's name of today."""
    for old, new in (("__builtin__.", "builtins."), ("numpy._core.", "numpy.core."), ("copy_reg.", "copyreg.")):
        if name.startswith(old):
            return new + name.removeprefix(old)
    return name
