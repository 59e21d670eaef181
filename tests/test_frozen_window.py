"""The packaged program's window: each panel looks as it does from source, and each dialog opens on a real X server.

Skipped where there is none; `make test-frozen` builds it first.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core import paths
from gui.panels import PANELS
from tests.helpers.frozen import PROGRAM, ROOT, bare_environment, needs_program, run_program
from tests.helpers.xvfb import missing_tool, x_server

pytestmark = [pytest.mark.slow, needs_program]

SAMPLE = str(paths.sample_pictures()[0])
DIALOGS = {
    "ctrl+comma": "Settings",
    "ctrl+e": "Export",
    "ctrl+l": "Ledger",
    "ctrl+b": "Compare with another model",
    "ctrl+t": "Test protocols side by side",
    "ctrl+shift+p": "Preprocessing",
    "ctrl+shift+t": "Train",
    "F1": "Shortcuts",
}


def shot(target: Path, words: list[str], command: list[str], environment: dict[str, str]) -> np.ndarray:
    done = subprocess.run(
        [*command, "--screenshot", str(target), *words], cwd=target.parent, env=environment, capture_output=True, text=True,
        timeout=600, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    with Image.open(target) as image:
        return np.asarray(image.convert("RGB")).astype(int)


@pytest.mark.parametrize("panel", PANELS)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_panel_looks_as_from_source(tmp_path, home, panel, theme):
    words = [SAMPLE, "--panel", panel, "--theme", theme, "--layer", "features.8", "--size", "1100x760"]
    environment = bare_environment(home)
    frozen = shot(tmp_path / "frozen.png", words, [str(PROGRAM)], environment)
    source = shot(tmp_path / "source.png", words, [sys.executable, "-m", "gui"], {**environment, "PYTHONPATH": str(ROOT)})
    assert frozen.shape == source.shape == (760, 1100, 3)
    differing = (np.abs(frozen - source).max(axis=2) > 40).mean()
    # The milliseconds in the line at the bottom.
    assert differing < 0.003


@pytest.fixture
def window(home: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The packaged program on an X server of its own, once its picture is open."""
    if missing_tool():
        pytest.skip(missing_tool())
    environment = bare_environment(home)
    del environment["QT_QPA_PLATFORM"]
    with x_server() as display:
        process = subprocess.Popen(
            [str(PROGRAM), SAMPLE], env={**environment, "DISPLAY": display}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            yield process, display
        finally:
            if process.poll() is None:
                process.kill()
            process.communicate()


def xdotool(display: str, *words: str, check: bool = True) -> str:
    done = subprocess.run(
        ["xdotool", *words], env={**os.environ, "DISPLAY": display}, capture_output=True, text=True, timeout=120, check=check
    )
    return done.stdout.strip()


def press(display: str, window: str, key: str) -> None:
    xdotool(display, "windowfocus", "--sync", window)
    xdotool(display, "key", "--clearmodifiers", key, check=False)


@pytest.mark.x11
def test_every_dialog_opens_on_a_real_x_server_and_the_program_leaves_quietly(window):
    process, display = window
    name = Path(SAMPLE).name
    main = xdotool(display, "search", "--sync", "--onlyvisible", "--name", f"^{name}").splitlines()[0]
    for key, title in DIALOGS.items():
        press(display, main, key)
        dialog = xdotool(display, "search", "--sync", "--onlyvisible", "--name", f"^{title}").splitlines()[0]
        assert xdotool(display, "getwindowname", dialog).startswith(title)
        press(display, dialog, "Escape")
    press(display, main, "ctrl+q")
    output, errors = process.communicate(timeout=120)
    assert (process.returncode, output, errors) == (0, "", "")


@pytest.mark.x11
def test_screenshot_does_not_need_the_x_server_that_is_named(tmp_path, home):
    environment = bare_environment(home, DISPLAY=":98765")
    done = run_program("--screenshot", "out.png", SAMPLE, cwd=tmp_path, environment=environment)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
