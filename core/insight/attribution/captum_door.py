"""The only importer of captum: late, quietly, and without matplotlib."""

from __future__ import annotations

import contextlib
import importlib
import importlib.abc
import importlib.machinery
import sys
import warnings
from collections.abc import Iterator
from types import ModuleType
from typing import Any

_DRAWING = ("matplotlib", "mpl_toolkits")


def captum_attr() -> Any:
    """Return the module ``captum.attr``, imported when it is first asked for."""
    if "captum.attr" in sys.modules:
        return sys.modules["captum.attr"]
    with warnings.catch_warnings(), without_drawing():
        warnings.simplefilter("ignore")
        return importlib.import_module("captum.attr")


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep captum's warnings about the gradients that it asks of its inputs to itself."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"captum\..*")
        warnings.filterwarnings("ignore", message="Input Tensor .* did not already require gradients")
        yield


@contextlib.contextmanager
def without_drawing() -> Iterator[None]:
    """Keep matplotlib out of an import that happens inside.

    WORKAROUND: ``captum.attr`` imports ``captum.attr._utils.visualization``, which imports ``matplotlib.pyplot``: two thirds
    of the time that the import takes, and at the first time ever several seconds more, a thread and a file in the person's
    home for a cache of fonts. Nothing of it is used here. The stand-ins are taken out again at the end, so that whoever needs
    the real matplotlib later imports it as if nothing had happened.
    """
    if "matplotlib" in sys.modules:
        yield
        return
    finder = _Drawing()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for name in [name for name in sys.modules if name.partition(".")[0] in _DRAWING]:
            del sys.modules[name]


class _StandIn(ModuleType):
    """A module in which every name is an empty class."""


    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        made = type(name, (), {})
        setattr(self, name, made)
        return made


class _Drawing(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds and makes the stand-ins."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        """Answer for matplotlib and what lies inside it only."""
        del path, target
        return importlib.machinery.ModuleSpec(name, self, is_package=True) if name.partition(".")[0] in _DRAWING else None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        """Make a stand-in."""
        return _StandIn(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Leave it as it is."""
