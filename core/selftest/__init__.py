"""The program's test of itself, as far as no window is needed: versions, device, network, formats, folders."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from core.errors import LayerscopeError
from core.selftest import folders, formats, network, versions
from core.types import Check

INSTALL_AGAIN = "Install Layerscope again; if that does not help, please report this table."


def checks() -> Iterator[Check]:
    """Try one thing after another; whatever goes wrong becomes a row."""
    parts: tuple[tuple[str, str, Callable[[], Iterable[Check]]], ...] = (
        ("program", "parts", versions.checks),
        ("network", "built-in model", network.checks),
        ("format", "all others", formats.checks),
        ("folder", "all others", folders.checks),
    )
    for group, name, part in parts:
        yield from guarded(group, name, part)


def guarded(group: str, name: str, part: Callable[[], Iterable[Check]]) -> Iterator[Check]:
    """The rows of a part of the test; an error that ends it is the last, called ``name``."""
    try:
        yield from part()
    except LayerscopeError as error:
        yield Check(group, name, "problem", error.message, INSTALL_AGAIN)
    except Exception as error:
        yield Check(group, name, "problem", f"{type(error).__name__}: {error}", INSTALL_AGAIN)
