"""Modules that are imported when something in them is used first."""

from __future__ import annotations

from importlib import import_module
from typing import Any


class Later:
    """Stands for a module until then."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        return getattr(import_module(self._name), attribute)


def later(name: str) -> Any:
    """Return what stands for the module ``name``."""
    return Later(name)
