"""Which Layerscope this is."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def program_version() -> str:
    """The version of the installed program."""
    try:
        return version("layerscope")
    except PackageNotFoundError:
        return "(not installed)"
