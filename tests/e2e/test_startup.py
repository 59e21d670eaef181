"""What is loaded before the window is on the screen, and before the first answer; each in a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest
from PIL import Image, ImageChops

from gui import crash_journal
from tests.helpers.shared_data import ROOT

WINDOW = """
import os, sys
from PySide6.QtCore import QTimer
from core.settings import Settings
from gui import theme
from gui.app import make_application
from gui.conductor import Conductor
from gui.main_window import MainWindow
from gui.state import AppState
app = make_application()
theme.choose(app, "light")
state = AppState()
conductor = Conductor(state)
window = MainWindow(state, conductor, Settings())
window.saves_session = False
window.show()
app.processEvents()
"""

NEVER_BEFORE_THE_WINDOW = (
    "torch", "torchvision", "PIL", "safetensors", "urllib.request", "http.client", "sqlite3",
    "PySide6.QtNetwork", "PySide6.QtOpenGL", "PySide6.QtOpenGLWidgets", "PySide6.QtQml", "PySide6.QtConcurrent",
    "gui.dialogs.about_dialog", "gui.dialogs.compare_dialog", "gui.dialogs.doctor_dialog", "gui.dialogs.export_dialog",
    "gui.dialogs.ledger_dialog", "gui.dialogs.settings_dialog", "gui.dialogs.train",
    "gui.arguments", "gui.figures.formats", "gui.figures.shown", "gui.widgets.channel", "gui.widgets.explain",
    "gui.widgets.heads", "gui.widgets.lesions.lesion_panel", "gui.widgets.patches.patches_panel",
    "gui.widgets.protocols.protocol_panel", "gui.widgets.compare.change_table", "gui.widgets.compare.side_b",
    "core.training", "core.insight.ledger", "core.jobs", "core.cli.main", "importlib.metadata", "email",
)  # fmt: skip
NEVER_BEFORE_THE_ANSWER = (
    "torchvision", "torch._dynamo", "torch._inductor", "torch.onnx", "sympy", "core.weights.doctor", "core.weights.read",
    "core.zoo.exported",
)  # fmt: skip

ANSWERED = """
from PySide6.QtCore import QEventLoop
from core import paths
dropped = paths.sample_pictures()[0]
conductor.open_paths((dropped,))  # before torch is loaded: it waits
assert "torch" not in sys.modules
loop = QEventLoop()
def look(found):
    if found is not None:
        loop.quit()
state.classification_changed.connect(look)
conductor.start()
loop.exec()
assert state.image.path == dropped and state.classification is not None
loaded = sorted(sys.modules)
assert conductor.stop(60_000)
"""

FRAME = """
import os, sys
import gui.__main__
from PySide6.QtWidgets import QApplication
from core.settings import Settings
from gui import theme
from gui.early import Early, make_application
app = make_application()
theme.choose(app, "light", dressed=False)
early = Early(app, Settings(), "")
early.window.saves_session = False
early.show()
assert early.window.painted and not early.closed
loaded = sorted(sys.modules)
"""

NEVER_BEFORE_THE_FRAME = (
    "torch", "torchvision", "PIL", "numpy", "safetensors", "urllib.request", "http", "email", "ssl", "sqlite3",
    "asyncio", "multiprocessing", "concurrent", "subprocess", "unittest", "importlib.metadata", "core.types", "core.cli.main",
    "gui.state", "gui.app", "gui.options", "gui.facts", "gui.widgets", "gui.dialogs", "gui.desks", "gui.figures",
    "gui.threads", "PySide6.QtSvg", "PySide6.QtNetwork", "PySide6.QtOpenGL", "PySide6.QtOpenGLWidgets",
)  # fmt: skip

DROPPED = """
from PySide6.QtCore import QEventLoop, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from core import paths
dropped = paths.sample_pictures()[2]
mime = QMimeData()
mime.setUrls([QUrl.fromLocalFile(str(dropped))])
how = Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
for event in (QDragEnterEvent(QPoint(300, 300), *how), QDropEvent(QPointF(300, 300), *how)):
    QApplication.sendEvent(early.window, event)
    assert event.isAccepted()
assert len(early.window.early) == 1
del event, how, mime  # whoever drags takes it away again
from gui.app import _begin, _fill
from gui.conductor import Conductor
from gui.options import Options
from gui.state import AppState
state = AppState()
conductor = Conductor(state)
assert early.go_through(_fill(early, state, conductor))
_begin(early, Options(restore=False), state, conductor)
assert "torch" not in sys.modules
loop = QEventLoop()
def look(found):
    if found is not None:
        loop.quit()
state.classification_changed.connect(look)
loop.exec()
assert [image.path for image in state.images] == [dropped] and state.classification.image.path == dropped
early.window.close()
assert conductor.stop(60_000)
import torch
assert torch.export.__file__ and torch._meta_registrations.__file__  # nothing is left out any more
"""

FILLED = """
early.load()
before = set(sys.modules)
from gui.app import _fill
from gui.conductor import Conductor
from gui.state import AppState
state = AppState()
conductor = Conductor(state)
assert early.go_through(_fill(early, state, conductor))
loaded = sorted(set(sys.modules) - before)
"""

CLOSED = """
from gui.app import _show
from gui.options import Options
furnish = early.window.furnish
def closing(*arguments):
    for step in furnish(*arguments):
        early.window.close()
        yield step
early.window.furnish = closing
sys.exit(_show(app, Options(restore=False), early))
"""

LEFT = """
import os, signal, sys
from PySide6.QtCore import Qt, QTimer, qWarning
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
import gui.__main__, gui.early
carry_out = gui.early.Imports.carry_out
def leaving(imports):
    qWarning("said while the frame is there")
    QTimer.singleShot(0, lambda: LEAVE)
    carry_out(imports)
gui.early.Imports.carry_out = leaving
gui.__main__.has_display = lambda: True
sys.exit(gui.__main__.main(["--no-restore", "--new-window"]))
"""
LEAVES = {
    "Ctrl+Q": "QTest.keyClick(QApplication.topLevelWidgets()[0], Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier)",
    "SIGTERM": "os.kill(os.getpid(), signal.SIGTERM)",
    "SIGINT": "os.kill(os.getpid(), signal.SIGINT)",
}

CRASHING = """
import ctypes, sys
import gui.__main__, gui.early
gui.early.map_torch = lambda: ctypes.string_at(0)
gui.__main__.has_display = lambda: True
sys.exit(gui.__main__.main(["--no-restore", "--new-window"]))
"""

BROKEN = """
import sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMessageBox
import gui.__main__, gui.early
gui.early.PARTS = ("gui.state", "gui.a_part_that_is_gone", "gui.app")
gui.__main__.has_display = lambda: True
told = []
def look():
    box = QApplication.activeModalWidget()
    if isinstance(box, QMessageBox):
        told.append(box.text())
        box.accept()
from gui.early import make_application
app = make_application()
timer = QTimer(interval=20)
timer.timeout.connect(look)
timer.start()
status = gui.__main__.main(["--no-restore", "--new-window"])
print(told)
sys.exit(status)
"""

GROWN = """
from gui.app import _fill
from gui.conductor import Conductor
from gui.state import AppState
state = AppState()
conductor = Conductor(state)
assert early.go_through(_fill(early, state, conductor))
for _ in range(5):  # layouts follow layouts
    app.processEvents()
early.window.grab().save(os.environ["SHOT"])
"""

AT_ONCE = """
for _ in range(5):
    app.processEvents()
window.grab().save(os.environ["SHOT"])
"""

QUIT = """
conductor.start()
QTimer.singleShot(0, window.close)
from gui.app import _stop
status = _stop(conductor, app.exec())
sys.exit(status)
"""


def run(code: str, home: object, *, before: str = WINDOW) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ, "SHOT": f"{home}/shot.png", "QT_QPA_PLATFORM": "offscreen", "LAYERSCOPE_HOME": str(home),
        "OMP_WAIT_POLICY": "PASSIVE",
    }  # fmt: skip
    return subprocess.run(
        [sys.executable, "-c", before + code], cwd=ROOT, env=environment, capture_output=True, text=True, encoding="utf-8",
        timeout=300, check=False,
    )  # fmt: skip


def names(forbidden: tuple[str, ...]) -> str:
    return f"print([n for n in loaded if any(n == f or n.startswith(f + '.') for f in {forbidden!r})])"


def test_nothing_heavy_is_imported_before_the_window_is_shown(tmp_path):
    done = run("loaded = sorted(sys.modules)\n" + names(NEVER_BEFORE_THE_WINDOW), tmp_path)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "[]", "")


def test_a_picture_opened_before_torch_is_loaded_is_answered_without_torchvision(tmp_path):
    done = run(ANSWERED + names(NEVER_BEFORE_THE_ANSWER), tmp_path)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "[]", "")


def test_quitting_while_torch_loads_ends_in_peace(tmp_path):
    done = run(QUIT, tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_nothing_but_qt_is_imported_before_the_frame_is_on_the_screen(tmp_path):
    done = run(names(NEVER_BEFORE_THE_FRAME), tmp_path, before=FRAME)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "[]", "")


def test_the_panels_are_built_of_what_was_imported_beside_the_frame(tmp_path):
    done = run(FILLED + names(("gui", "core", "numpy")), tmp_path, before=FRAME)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "[]", "")


def test_a_drop_onto_the_frame_is_answered(tmp_path):
    done = run(DROPPED, tmp_path, before=FRAME)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_closing_the_frame_while_its_panels_are_loaded_ends_the_program(tmp_path):
    done = run(CLOSED, tmp_path, before=FRAME)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_missing_part_is_said_in_words(tmp_path):
    done = run("", tmp_path, before=BROKEN)
    words = "The window cannot be built: No module named 'gui.a_part_that_is_gone'. Install Layerscope again."
    assert done.returncode == 1
    assert done.stderr.startswith(f"layerscope: {words}")
    assert words in done.stdout, "the window says it, too"
    assert "Traceback" not in done.stderr
    (log,) = tmp_path.rglob("layerscope.log")
    assert "Traceback" in log.read_text("utf-8")
    assert list(tmp_path.rglob("*.run")) == []


def test_a_missing_part_does_not_hold_a_screenshot_up(tmp_path):
    code = BROKEN.replace('["--no-restore", "--new-window"]', '["--screenshot", "out.png"]').replace(
        'gui.early.PARTS =', 'sys.modules["gui.app"] = None; _ ='
    )  # fmt: skip
    done = run("", tmp_path, before=code)
    assert (done.returncode, done.stdout.strip()) == (1, "[]")
    assert done.stderr.startswith("layerscope: The window cannot be built: ")


@pytest.mark.parametrize(("what", "status"), [("Ctrl+Q", 0), ("SIGTERM", 128 + 15), ("SIGINT", 128 + 2)])
def test_the_frame_can_be_left_and_what_qt_says_goes_into_the_log(tmp_path, what, status):
    done = run("", tmp_path, before=LEFT.replace("LEAVE", LEAVES[what]))
    assert (done.returncode, done.stdout, done.stderr) == (status, "", "")
    (log,) = tmp_path.rglob("layerscope.log")
    assert "said while the frame is there" in log.read_text("utf-8")
    assert list(tmp_path.rglob("*.run")) == []


@pytest.mark.skipif(sys.platform == "win32", reason="another exit status")
def test_a_crash_while_the_frame_waits_for_the_rest_leaves_its_log(tmp_path, home):
    done = run("", home, before=CRASHING)
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGSEGV, "", "")
    crash = crash_journal.left_behind()
    assert crash.cause == "Segmentation fault"
    assert "string_at" in crash.text


def test_the_window_that_grew_looks_like_the_one_built_at_once(tmp_path):
    pictures = []
    for code, before in ((GROWN, FRAME), (AT_ONCE, WINDOW)):
        done = run(code, tmp_path, before=before)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        with Image.open(tmp_path / "shot.png") as picture:
            pictures.append(picture.convert("RGB"))
    difference = ImageChops.difference(*pictures).convert("L").point(lambda value: 255 * (value > 0))
    # One centred sentence may come to lie three pixels lower; a panel of another size would be far more than that.
    assert difference.histogram()[255] < 0.001 * difference.width * difference.height
