"""Runs of the real program that end badly, and what the next start makes of them."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QToolButton

from core import paths
from core.settings import Settings, settings_file
from core.types import BUILTIN_SPEC, Failure, ModelSpec, WeightsSpec
from gui import crash_journal
from gui.run_notes import RunNotes
from tests.e2e.conftest import LONG
from tests.helpers import program

RANDOM = ModelSpec("squeezenet1_1", WeightsSpec("random", seed=7))

ENDING = """
import ctypes, os, sys
from PySide6.QtCore import QTimer
from gui.state import AppState
how = sys.argv.pop(1)

def come(state, model, *, asked_for=True, original=AppState.set_model):
    original(state, model, asked_for=asked_for)
    print(model.spec.architecture, flush=True)
    if how == "segfault":
        QTimer.singleShot(0, lambda: ctypes.string_at(0))
    elif how == "close":
        from PySide6.QtWidgets import QApplication
        QTimer.singleShot(0, QApplication.instance().closeAllWindows)

AppState.set_model = come
from gui.__main__ import main
raise SystemExit(main(sys.argv[1:]))
"""
"""The program, which prints the architecture once a model is loaded, and then ends the way its first argument says."""


def start(how: str, *arguments: str, cwd: Path, before: tuple[str, ...] = (), **more: object) -> subprocess.Popen[str]:
    options = {"env": program.environment(), "stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | more
    return subprocess.Popen(
        [*before, sys.executable, "-c", ENDING, how, *arguments], cwd=cwd, text=True, stdin=subprocess.DEVNULL, **options
    )


def crash(how: str, *arguments: str, cwd: Path) -> int:
    """Have the program end badly once its model is loaded."""
    process = start(how, *arguments, cwd=cwd)
    try:
        line = process.stdout.readline()
        assert line, process.stderr.read()
        if how == "kill":
            process.kill()
        process.communicate(timeout=program.LONG)
    finally:
        process.kill()
    return process.returncode


def runs() -> list[Path]:
    return sorted(crash_journal.running_dir().glob("*"))


def logs() -> list[Path]:
    return sorted(crash_journal.crashes_dir().glob("*"))


@pytest.fixture
def next_start(launch):
    """Open the window as the program does after what was left behind."""
    journals = []

    def begin(settings: Settings | None = None, *, asked: bool = False):
        bench = launch(RANDOM if asked else BUILTIN_SPEC, settings, begin=False)
        journals.append(crash_journal.begin())
        RunNotes(journals[-1], bench.window).begin(asked)
        bench.start()
        bench.qtbot.waitUntil(lambda: bench.state.model is not None and bench.conductor.idle, timeout=LONG)
        return bench

    yield begin
    for journal in journals:
        journal.end()


@pytest.mark.parametrize(
    ("how", "number", "said"), [("kill", 9, "killed or out of memory"), ("segfault", 11, "Segmentation fault")]
)
def test_the_file_says_how_and_with_which_model_it_ended(home, tmp_path, picture, next_start, how, number, said):
    path = picture()
    status = crash(how, "--model", "squeezenet1_1", "--weights", "random:7", str(path), cwd=tmp_path)
    assert status == -number
    (left,) = runs()
    assert left.suffix == ".run"

    bench = next_start(Settings(architecture="squeezenet1_1", weights="random:7", layer="features.3"))
    (log,) = logs()
    text = log.read_text()
    assert said in text
    assert f"picture {path}" in text
    assert re.search(r"^\d\d:\d\d:\d\d loaded .*SqueezeNet.* on cpu, torch 2", text, re.MULTILINE | re.IGNORECASE)
    if how == "segfault":
        assert "Current thread" in text  # with the Python frames of each thread
        assert "string_at" in text
    assert left not in runs()
    bar = bench.window.recovery.bar
    words = bench.state.trouble.offer.sentence
    assert bar.isVisible()
    assert "squeezenet1_1 (random:7)" in words
    assert bench.state.model.spec == BUILTIN_SPEC
    assert not bench.notices
    assert QApplication.focusWidget() is bar.without or not bench.window.isActiveWindow()

    bar.copy.click()
    copied = QApplication.clipboard().text()
    assert said in copied
    assert "== This run ==" in copied
    assert "device cpu" in copied
    assert bar.isVisible()
    bar.again.click()
    bench.qtbot.waitUntil(lambda: bench.conductor.idle and bench.state.model.spec == RANDOM, timeout=LONG)
    assert not bar.isVisible()


@pytest.fixture
def crashed(home):
    """A run that was killed while it used a network with random weights."""
    return leave_behind(RANDOM)


def leave_behind(spec: ModelSpec, number: int = 1) -> Path:
    from gui import session

    journal = crash_journal.Journal()
    journal.note_model(session.spec_fields(spec))
    crash_journal.running_dir().mkdir(parents=True, exist_ok=True)
    path = crash_journal.running_dir() / f"20260101-00000{number}-1-1.run"
    path.write_text(journal.text)
    return path


def test_the_answer_at_hand_is_to_go_on_without(crashed, next_start):
    bench = next_start()
    bar = bench.window.recovery.bar
    bar.without.setFocus()
    QTest.keyClick(bar.without, Qt.Key.Key_Return)
    assert not bar.isVisible()
    assert bench.state.model.spec == BUILTIN_SPEC
    assert bench.state.trouble.offer is None


def test_escape_and_tab_work_in_it(crashed, next_start):
    bench = next_start()
    bar = bench.window.recovery.bar
    assert bar.without.nextInFocusChain() is bar.again
    assert bar.again.nextInFocusChain() is bar.copy
    QTest.keyClick(bar.copy, Qt.Key.Key_Escape)
    assert not bar.isVisible()


def test_after_the_built_in_model_there_is_nothing_to_leave_out(home, next_start):
    leave_behind(BUILTIN_SPEC)
    bench = next_start()
    bar = bench.window.recovery.bar
    assert bench.state.trouble.offer.sentence == "Layerscope ended unexpectedly while using the built-in model."
    assert (bar.without.text(), bar.again.isVisible()) == ("Close", False)


def test_a_model_that_is_asked_for_is_loaded(crashed, next_start):
    bench = next_start(asked=True)
    assert bench.state.model.spec == RANDOM
    assert not bench.window.recovery.bar.again.isVisible()


def test_code_is_not_run_again_from_the_offer(home, tmp_path, next_start):
    leave_behind(ModelSpec.of_code(tmp_path / "mine.py"))
    bench = next_start()
    bar = bench.window.recovery.bar
    assert "mine.py" in bench.state.trouble.offer.sentence
    assert not bar.again.isVisible()
    assert bar.without.isVisible()


def test_an_error_nobody_caught_can_be_copied_from_its_notice(bench):
    bench.state.raise_notice(Failure("note", "A remark."))
    button = bench.window.notices.findChild(QPushButton, "copyDiagnostics")
    assert not button.isVisible()
    bench.window.notices.findChild(QToolButton, "dismissNotice").click()
    bench.state.raise_notice(Failure("internal", "Something unexpected went wrong (ValueError: boom)."))
    assert button.isVisible()
    QApplication.clipboard().clear()
    button.click()
    assert "== This run ==" in QApplication.clipboard().text()
    QApplication.clipboard().clear()
    bench.window.actions_by_key["diagnostics"].trigger()
    assert bench.state.model.title in QApplication.clipboard().text()


def test_a_window_that_is_closed_leaves_nothing_and_offers_nothing(home, tmp_path):
    process = start("close", "--no-restore", cwd=tmp_path)
    output, errors = process.communicate(timeout=program.LONG)
    assert (process.returncode, output, errors) == (0, f"{BUILTIN_SPEC.architecture}\n", "")
    assert runs() == logs() == []


@pytest.mark.slow
def test_the_end_of_a_login_is_no_crash(home, tmp_path):
    process = start("", "--no-restore", cwd=tmp_path)
    assert process.stdout.readline()
    assert program.end([process])[0][0] == 128 + signal.SIGTERM
    assert runs() == logs() == []


@pytest.mark.slow
def test_a_screenshot_neither_writes_nor_offers(crashed, tmp_path):
    done = program.run("--screenshot", "out.png", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert runs() == [crashed]
    assert logs() == []


@pytest.mark.slow
def test_the_real_start_goes_on_without_the_last_model(crashed, tmp_path):
    settings_file().parent.mkdir(parents=True, exist_ok=True)
    settings_file().write_text(json.dumps({"architecture": "squeezenet1_1", "weights": "random:7"}))
    process = start("close", cwd=tmp_path)
    output, errors = process.communicate(timeout=program.LONG)
    assert (process.returncode, output, errors) == (0, f"{BUILTIN_SPEC.architecture}\n", "")
    assert runs() == []
    assert len(logs()) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="descriptors and users of POSIX")
def test_without_standard_streams_it_starts_and_ends_well(home, tmp_path):
    process = start("close", "--no-restore", cwd=tmp_path, stdout=None, stderr=None, preexec_fn=_close_streams)
    assert process.wait(timeout=program.LONG) == 0
    assert runs() == logs() == []


def _close_streams() -> None:
    os.close(1)
    os.close(2)


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can become somebody else")
@pytest.mark.skipif(shutil.which("setpriv") is None, reason="setpriv is not installed")
@pytest.mark.parametrize("folder", [None, "/nonexistent/home"], ids=["HOME is not set", "HOME does not exist"])
def test_somebody_without_a_home_gets_a_window(folder):
    environment = {
        key: value for key, value in program.environment().items()
        if key not in {"HOME", "LAYERSCOPE_HOME", "TORCH_HOME"} and not key.startswith("XDG_")
    }  # fmt: skip
    if folder:
        environment["HOME"] = folder
    before = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
    # From "/": the folders of the tests are private to root.
    process = start("close", "--new-window", cwd=Path("/"), before=before, env=environment)
    output, errors = process.communicate(timeout=program.LONG)
    assert (process.returncode, output, errors) == (0, f"{BUILTIN_SPEC.architecture}\n", "")
    assert not Path("/nonexistent").exists()


@pytest.mark.slow
def test_a_cache_that_is_a_file_is_done_without(home, tmp_path):
    paths.cache_dir().parent.mkdir(parents=True, exist_ok=True)
    paths.cache_dir().write_text("in the way")
    process = start("close", "--no-restore", cwd=tmp_path)
    output, errors = process.communicate(timeout=program.LONG)
    assert (process.returncode, output, errors) == (0, f"{BUILTIN_SPEC.architecture}\n", "")
