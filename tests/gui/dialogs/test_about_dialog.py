"""About Layerscope: what it says is said to those who cannot see it, too."""

from __future__ import annotations

from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QLabel

from core.version import program_version
from gui.dialogs.about_dialog import AboutDialog


def test_a_screen_reader_is_told_the_version_and_where_things_are(qtbot):
    dialog = AboutDialog()
    qtbot.addWidget(dialog)
    heard = [QAccessible.queryAccessibleInterface(one).text(QAccessible.Text.Name) for one in dialog.findChildren(QLabel)]
    words = "\n".join(heard)
    assert f"Layerscope {program_version()}" in words
    assert "Log: " in words
    assert "<" not in words
