"""Which program this is, and of what parts."""

from __future__ import annotations

import importlib.util
import platform
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

from core import paths
from core.types import Check
from core.version import program_version

_PACKAGES = (
    ("torch", "torch", ""),
    ("torchvision", "torchvision", "Only the built-in model, the networks of the VGG paper and whole exported models open."),
    ("NumPy", "numpy", ""),
    ("Pillow", "PIL", ""),
    ("pillow-heif", "pillow_heif", "HEIC pictures are not opened."),
    ("safetensors", "safetensors", ""),
)
"""Name of a package, its module, and what goes without it ("" if nothing does)."""


def checks() -> Iterator[Check]:
    """The rows about the program and the packages that it is made of."""
    kind = "the packaged program" if getattr(sys, "frozen", False) else "from source"
    place = sys.executable if getattr(sys, "frozen", False) else str(paths.RESOURCES.parent)
    yield Check("program", "Layerscope", "OK", f"{program_version()}, {kind}, in {place}")
    yield Check("program", "Python", "OK", f"{platform.python_version()} on {platform.platform()}")
    for name, module, without in _PACKAGES:
        yield _package(name, module, without)


def _package(name: str, module: str, without: str) -> Check:
    # Found, not imported: torchvision costs half a second, and the built-in model does without.
    if importlib.util.find_spec(module) is None:
        missing = f"not installed. {without}".strip()
        return Check("program", name, "note" if without else "problem", missing, f"Install {name}, or Layerscope again.")
    try:
        return Check("program", name, "OK", version(name))
    except PackageNotFoundError:
        return Check("program", name, "OK", "there (this package does not say which version)")
