"""What is loaded before the window is on the screen, and before the first answer; each in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys

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
)  # fmt: skip
NEVER_BEFORE_THE_ANSWER = ("torchvision", "torch._dynamo", "torch._inductor", "torch.onnx", "sympy")

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

QUIT = """
conductor.start()
QTimer.singleShot(0, window.close)
from gui.app import _stop
status = _stop(conductor, app.exec())
sys.exit(status)
"""


def run(code: str, home: object) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "LAYERSCOPE_HOME": str(home), "OMP_WAIT_POLICY": "PASSIVE"}
    return subprocess.run(
        [sys.executable, "-c", WINDOW + code], cwd=ROOT, env=environment, capture_output=True, text=True, encoding="utf-8",
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
