"""The packaged program's window: each panel looks as it does from source, each dialog opens, each action of the menus works.

Skipped where there is none; `make test-frozen` builds it first. Dialogs about files are in `test_frozen_files.py`, those of
training in `test_frozen_training.py`.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core import paths
from gui.actions import TABLE
from gui.panels import PANELS
from tests.helpers.desktop import wait_until
from tests.helpers.frozen import PROGRAM, ROOT, bare_environment, needs_program, run_program
from tests.helpers.frozen_desk import Desk, desk, needs_desktop, pictures

SAMPLE = str(paths.sample_pictures()[0])

BY_KEY = {
    "settingsDialog": "ctrl+comma",
    "exportDialog": "ctrl+e",
    "ledgerDialog": "ctrl+l",
    "compareDialog": "ctrl+b",
    "trialDialog": "ctrl+t",
    "preparationDialog": "ctrl+shift+p",
    "trainWindow": "ctrl+shift+t",
    "correctDialog": "c",
    "correctionsDialog": "ctrl+shift+f",
    "ShortcutsDialog": "F1",
}
"""The keys of dialogs, by what screen readers call their windows."""
IN_MENU = {"AboutDialog": ("Help", "About Layerscope")}
FILE_DIALOGS = {"Open pictures": "ctrl+o", "Open a folder of pictures": "ctrl+shift+o", "Open a weights file": "ctrl+alt+o"}
HALF = 127
ELSEWHERE = {"quit", "open", "open_folder", "open_weights", "open_code", "about"}
"""Actions that have tests of their own."""


def shot(target: Path, words: list[str], command: list[str], environment: dict[str, str]) -> np.ndarray:
    done = subprocess.run(
        [*command, "--screenshot", str(target), *words], cwd=target.parent, env=environment, capture_output=True, text=True,
        timeout=600, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    with Image.open(target) as image:
        return np.asarray(image.convert("RGB")).astype(int)


@pytest.mark.slow
@needs_program
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


@pytest.mark.slow
@needs_program
def test_screenshot_does_not_need_the_x_server_that_is_named(tmp_path, home):
    environment = bare_environment(home, DISPLAY=":98765")
    done = run_program("--screenshot", "out.png", SAMPLE, cwd=tmp_path, environment=environment)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One program for all that is opened, one after the other; in the end it leaves quietly."""
    place = tmp_path_factory.mktemp("window")
    with desk(place, *pictures(place)) as found:
        found.wait_answer()
        yield found
        found.leave()


@pytest.fixture
def window(running: Desk) -> Iterator[Desk]:
    """The program with nothing over its window, before a test and after it."""
    yield running
    running.back_to_the_window()
    assert running.program.process.poll() is None
    assert running.program.said() == ("", "")


def on_desktop(test):
    for mark in (pytest.mark.slow, pytest.mark.x11, needs_program, needs_desktop):
        test = mark(test)
    return test


@on_desktop
@pytest.mark.parametrize("dialog", BY_KEY)
def test_dialog_opens_by_its_key_and_goes_with_escape(window, dialog):
    window.press(BY_KEY[dialog])
    window.wait_window(dialog)
    window.press("Escape")
    window.wait_window(dialog, gone=True)


@on_desktop
@pytest.mark.parametrize("dialog", IN_MENU)
def test_dialog_opens_from_the_menu(window, dialog):
    window.choose_in_menu(*IN_MENU[dialog])
    window.wait_window(dialog)
    icon = window.wait_for(role="image", path=f"{dialog}.QLabel")
    def colours() -> int:
        return len(np.unique(window.picture_of(icon).reshape(-1, 3), axis=0))

    wait_until(lambda: colours() > 50, "its icon, which a plugin of Qt draws", 20)


@on_desktop
@pytest.mark.parametrize("title", FILE_DIALOGS)
def test_file_dialog_is_qts_own(window, title):
    window.press(FILE_DIALOGS[title])
    window.wait_for(f"{title}.*", "dialog", path="QFileDialog")
    window.wait_for("File name:|Directory:", "label")


@on_desktop
def test_model_of_a_fusion_is_asked_for(window):
    window.press("alt+6")
    window.wait_for(path="protocolPanel")
    setup = window.wait_for(path="protocolSetup")
    if not window.found(path="addMember"):
        window.click(setup)
    window.click(window.wait_for(path="addMember"))
    window.wait_window("fusionDialog")


@on_desktop
def test_every_action_with_a_key_does_its_work_in_silence(window):
    names = {"Del": "Delete", ",": "comma", ".": "period", "=": "equal", "?": "question"}
    done = []
    for spec in TABLE:
        keys = [keys for keys in spec.shortcuts if isinstance(keys, str)]
        if spec.key in ELSEWHERE or not keys or spec.key in {"reset_layout"}:
            continue
        *modifiers, last = re.split(r"\+(?=.)", keys[-1])
        window.press("+".join([*(one.lower() for one in modifiers), names.get(last, last.lower() if len(last) == 1 else last)]))
        window.back_to_the_window()
        done.append(spec.key)
    assert len(done) > 40
    assert not [one for one in window.found(path="noticeText") if "went wrong" in one.words]


@on_desktop
def test_every_action_without_a_key_is_in_its_menu(window):
    for spec in TABLE:
        if spec.shortcuts or spec.key in ELSEWHERE:
            continue
        window.choose_in_menu(spec.menu, re.escape(spec.text.replace("&", "")))
        window.back_to_the_window()
    assert not [one for one in window.found(path="noticeText") if "went wrong" in one.words]


@on_desktop
def test_both_themes_from_the_menu(window):
    def light() -> float:
        return float(window.picture_of(window.wait_for(path="mainWindow")).mean())

    for theme in ("Dark", "Light"):
        window.click(window.wait_for("View", "menu item"))
        window.click(window.wait_for("Theme", path="QMenu.*"))
        window.click(window.wait_for(theme, path="QMenu.*"))
        wait_until(lambda wanted=theme: (light() > HALF) == (wanted == "Light"), f"the colours of {theme}")


def test_every_dialog_of_the_program_is_opened_by_one_of_these_tests():
    tests = "".join(path.read_text("utf-8") for path in Path(__file__).parent.glob("test_frozen*.py"))
    opened = set(re.findall(r'"(\w+)"', tests))
    missing = []
    for path in (ROOT / "gui").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            bases = [base.id for base in getattr(node, "bases", ()) if isinstance(base, ast.Name)]
            if isinstance(node, ast.ClassDef) and any(base.endswith("Dialog") for base in bases):
                names = {node.name, node.name[0].lower() + node.name[1:]}
                missing += [node.name] if not names & opened else []
    assert missing == []
