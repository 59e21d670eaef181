"""About Layerscope: what it says is said to those who cannot see it, too."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QLabel

from gui.dialogs.about_dialog import AboutDialog


@pytest.fixture
def version(qapp):
    before = qapp.applicationVersion()
    qapp.setApplicationVersion("1.2.3")
    yield "1.2.3"
    qapp.setApplicationVersion(before)


def test_a_screen_reader_is_told_the_version_and_where_things_are(qtbot, version):
    dialog = AboutDialog()
    qtbot.addWidget(dialog)
    heard = [QAccessible.queryAccessibleInterface(one).text(QAccessible.Text.Name) for one in dialog.findChildren(QLabel)]
    words = "\n".join(heard)
    assert f"Layerscope {version}" in words
    assert "Log: " in words
    assert "<" not in words
