"""What the tests of the window share."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication

from gui import theme
from gui.garbage import GarbageCollector
from gui.state import AppState


@pytest.fixture(scope="session")
def styled_app(qapp: QApplication) -> QApplication:
    """The application under the style that the program uses, set once: setting it is slow where widgets are left."""
    qapp.setStyle("Fusion")
    theme.apply(qapp)
    if qapp.findChild(GarbageCollector) is None:
        GarbageCollector(qapp)
    return qapp


@pytest.fixture
def state(styled_app: QApplication) -> AppState:
    """A window's truth with nothing in it."""
    return AppState()
