"""What the tests of the window share."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication

from gui import theme
from gui.state import AppState


@pytest.fixture
def state(qapp: QApplication) -> AppState:
    """A window's truth with nothing in it, under the style that the program uses."""
    if qapp.style().objectName() != "fusion":
        qapp.setStyle("Fusion")
        theme.apply(qapp)
    return AppState()
