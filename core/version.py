"""Which Layerscope this is."""

from __future__ import annotations


def program_version() -> str:
    """The version of the installed program."""
    from importlib.metadata import PackageNotFoundError, version  # which imports all that reads e-mail

    try:
        return version("layerscope")
    except PackageNotFoundError:
        return "(not installed)"
