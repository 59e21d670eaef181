"""Pytest plugin (`-p tests.helpers.no_qt`) for the run that shows that `core` works where there is no Qt."""

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

import pytest

QT_PACKAGES = frozenset({"PySide6", "shiboken6", "PyQt6", "pytestqt"})


class QtBlocker(MetaPathFinder):
    """An import hook under which Qt looks as if it were not installed."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Raise ModuleNotFoundError for a module of Qt, and leave every other one to the next finder."""
        if fullname.partition(".")[0] in QT_PACKAGES:
            raise ModuleNotFoundError(f"{fullname} is kept out of this test run", name=fullname)
        return None


sys.meta_path.insert(0, QtBlocker())


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the one setting that belongs to pytest-qt, which is not loaded."""
    parser.addini("qt_api", "read by pytest-qt only")


def pytest_configure() -> None:
    """Make sure that the block holds: an imported Qt would make this run worthless."""
    loaded = QT_PACKAGES.intersection(sys.modules)
    if loaded:
        raise pytest.UsageError(f"already imported: {', '.join(sorted(loaded))}")
