"""Edit > Settings: what is changed there is in force at once, and comes back with the next start."""

from __future__ import annotations

import json

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from core.settings import Settings, settings_file
from gui import theme
from tests.e2e.conftest import LONG, Bench


@pytest.fixture
def dialog(bench: Bench):
    bench.window.activateWindow()
    bench.qtbot.waitUntil(bench.window.isActiveWindow, timeout=LONG)
    QTest.keySequence(bench.window, QKeySequence("Ctrl+,"))
    yield opened(bench)
    theme.choose(QApplication.instance(), "light")


def opened(bench: Bench):
    bench.qtbot.waitUntil(lambda: bench.window.preferences.dialog is not None, timeout=LONG)
    found = bench.window.preferences.dialog
    bench.qtbot.waitUntil(found.isActiveWindow, timeout=LONG)
    return found


def test_the_mirror_is_typed_and_taken(bench, dialog):
    assert "then where they were published" in dialog.message.text()
    dialog.mirror.setFocus()
    QTest.keyClicks(dialog.mirror, "  https://example.org/weights ")
    QTest.keyClick(dialog.mirror, Qt.Key.Key_Tab)
    assert bench.state.downloads.mirror == "https://example.org/weights"
    assert bench.settings.weights_mirror == "https://example.org/weights"
    dialog.mirror.clear()
    dialog.close_button.click()
    assert bench.state.downloads.mirror == ""
    assert bench.window.preferences.dialog is None


def test_what_cannot_be_a_mirror_is_said_and_the_old_one_stays(bench, dialog, tmp_path):
    bench.window.preferences.choose_mirror(str(tmp_path))
    dialog.mirror.setFocus()
    dialog.mirror.setText("")
    QTest.keyClicks(dialog.mirror, "htps:/example")
    QTest.keyClick(dialog.mirror, Qt.Key.Key_Return)
    assert dialog.isVisible()
    assert "neither an address nor the whole path of a folder" in dialog.message.text()
    assert dialog.message.property("tone") == "error"
    assert dialog.mirror.hasFocus()
    assert bench.state.downloads.mirror == str(tmp_path)
    QTest.keyClicks(dialog.mirror, "x")
    assert dialog.message.property("tone") == ""  # whoever types is not told off
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    assert bench.settings.weights_mirror == str(tmp_path)


def test_a_folder_is_browsed_for(bench, dialog, tmp_path, monkeypatch):
    monkeypatch.setattr("gui.dialogs.settings_dialog.QFileDialog.getExistingDirectory", lambda *_: str(tmp_path))
    dialog.browse.click()
    assert dialog.mirror.text() == bench.state.downloads.mirror == str(tmp_path)


def test_the_environment_comes_first_and_that_is_said(bench, monkeypatch):
    monkeypatch.setenv("LAYERSCOPE_WEIGHTS_MIRROR", "https://elsewhere.org")
    bench.window.actions_by_key["settings"].trigger()
    assert "LAYERSCOPE_WEIGHTS_MIRROR is set" in bench.window.preferences.dialog.message.text()
    assert "https://elsewhere.org" in bench.window.preferences.dialog.message.text()


def test_theme_device_and_predictions(bench, dialog):
    dialog.theme.setCurrentIndex(dialog.theme.findData("dark"))
    dialog.theme.activated.emit(dialog.theme.currentIndex())
    assert theme.is_dark()
    checked = [action.data() for action in bench.window.preferences.theme_menu.actions() if action.isChecked()]
    assert checked == ["dark"]
    dialog.top_k.setValue(8)
    assert bench.state.top_k == 8
    names = [dialog.device.itemData(row) for row in range(dialog.device.count())]
    assert names[:2] == ["auto", bench.state.devices[0].id]
    dialog.device.setCurrentIndex(1)
    dialog.device.activated.emit(1)
    assert bench.state.device == "cpu"
    bench.wait_idle()
    assert bench.window.model_bar.device_picker.currentData() == "cpu"
    dialog.close_button.click()
    bench.window.close()
    kept = json.loads(settings_file().read_text(encoding="utf-8"))
    assert (kept["theme"], kept["top_k"], kept["device"]) == ("dark", 8, "cpu")


def test_what_was_set_comes_back(launch, tmp_path):
    bench = launch(settings=Settings(weights_mirror=str(tmp_path), theme="dark", top_k=3))
    bench.wait_idle()
    bench.window.actions_by_key["settings"].trigger()
    dialog = bench.window.preferences.dialog
    assert (dialog.mirror.text(), dialog.theme.currentData(), dialog.top_k.value()) == (str(tmp_path), "dark", 3)
    menu = bench.window.menuBar().actions()[1].menu()
    assert bench.window.actions_by_key["settings"] in menu.actions()
