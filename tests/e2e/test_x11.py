"""The real process on a real X server: the window comes, answers keys, and leaves quietly."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.xvfb import missing_tool, x_server

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [pytest.mark.x11, pytest.mark.skipif(bool(missing_tool()), reason=missing_tool() or "never")]


def xdotool(display: str, *arguments: str, check: bool = True) -> str:
    environment = {**os.environ, "DISPLAY": display}
    return subprocess.run(
        ["xdotool", *arguments], env=environment, capture_output=True, text=True, timeout=90, check=check
    ).stdout.strip()


def press_quit(display: str, window: str) -> None:
    """Press Ctrl+Q; the window may be gone before the keys are released, which xdotool would call an error."""
    xdotool(display, "windowfocus", "--sync", window)
    xdotool(display, "key", "--window", window, "ctrl+q", check=False)


@pytest.fixture
def program(picture):
    """Start the program on a server of its own; give its process and the display."""
    environment = {key: value for key, value in os.environ.items() if key not in {"QT_QPA_PLATFORM", "WAYLAND_DISPLAY"}}
    with x_server() as display:
        process = subprocess.Popen(
            [sys.executable, "-m", "gui", str(picture())], cwd=ROOT, env={**environment, "DISPLAY": display},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            yield process, display
        finally:
            if process.poll() is None:
                process.kill()
            process.communicate()


def test_window_opens_takes_keys_and_quits_with_status_0_and_no_stray_output(program):
    process, display = program
    window = xdotool(display, "search", "--sync", "--onlyvisible", "--name", "Layerscope").splitlines()[0]
    press_quit(display, window)
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 0
    assert (output, errors) == ("", "")


def test_window_is_named_after_its_picture_once_that_is_open(program):
    process, display = program
    window = xdotool(display, "search", "--sync", "--onlyvisible", "--name", "orange.png").splitlines()[0]
    assert xdotool(display, "getwindowname", window) == "orange.png \u2014 Layerscope"
    press_quit(display, window)
    assert process.wait(60) == 0


BUTTONS = """
from PySide6.QtWidgets import QDialogButtonBox
from gui import theme
from gui.app import make_application
app = make_application()
theme.choose(app, "light")
kinds = QDialogButtonBox.StandardButton
box = QDialogButtonBox(kinds.Ok | kinds.Cancel | kinds.Close | kinds.Save)
box.ensurePolished()
print([button.text() for button in box.buttons() if not button.icon().isNull()])
"""


def test_no_button_of_a_dialog_has_an_icon_of_qts_own():
    """Without a desktop's theme Qt would draw red crosses and green ticks on them, and only on a real X server."""
    environment = {key: value for key, value in os.environ.items() if key not in {"QT_QPA_PLATFORM", "WAYLAND_DISPLAY"}}
    with x_server() as display:
        done = subprocess.run(
            [sys.executable, "-c", BUTTONS], cwd=ROOT, env={**environment, "DISPLAY": display}, capture_output=True, text=True,
            timeout=90, check=True,
        )  # fmt: skip
    assert done.stdout == "[]\n"
