"""A map is dragged from the real window into another program, and back onto the window itself, on a real X server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from core.weights import builtin
from tests.e2e.test_x11 import ROOT, xdotool
from tests.helpers.xvfb import missing_tool, x_server

SIDE = builtin.card().preprocessing.crop

pytestmark = [pytest.mark.x11, pytest.mark.slow, pytest.mark.skipif(bool(missing_tool()), reason=missing_tool() or "never")]

PROGRAM = """
import sys
from pathlib import Path
from PySide6.QtCore import QObject, QTimer, Slot
from core.settings import Settings
from gui.app import make_application
from gui.conductor import Conductor
from gui.main_window import MainWindow
from gui.state import AppState

app = make_application()
state = AppState()
conductor = Conductor(state)
window = MainWindow(state, conductor, Settings())
window.saves_session = False


class Teller(QObject):
    @Slot()
    def ready(self):
        if state.activations is None or not conductor.idle:
            return
        ticks.stop()
        grid, view = window.inspect.activations.grid, window.inspect.image_view
        tile = grid.viewport().mapToGlobal(grid.tile_rect(3).center())
        picture = view.mapToGlobal(view.rect().center())
        print("ready", tile.x(), tile.y(), picture.x(), picture.y(), flush=True)

    @Slot(object)
    def ended(self, action):
        print("ended", action.name, len(state.images), len(window.notices.notices), flush=True)


teller = Teller()
ticks = QTimer(interval=100)
ticks.timeout.connect(teller.ready)
window.takeaway.map_drag.ended.connect(teller.ended)
window.takeaway.picture_drag.ended.connect(teller.ended)
window.move(0, 0)
window.show()
conductor.start("features.4")
conductor.open_paths((Path(sys.argv[1]),))
ticks.start()
QTimer.singleShot(300_000, app.quit)  # a test that fails must end
app.exec()
conductor.stop(60000)
"""

RECEIVER = """
import json
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QLabel


class Receiver(QLabel):
    def dragEnterEvent(self, event):
        event.acceptProposedAction()

    def dropEvent(self, event):
        mime = event.mimeData()
        urls = [url.toLocalFile() for url in mime.urls()]
        print(json.dumps({"files": urls, "text": mime.text(), "image": mime.hasImage()}), flush=True)
        event.acceptProposedAction()


app = QApplication([])
label = Receiver("drop here")
label.setAcceptDrops(True)
label.setGeometry(1320, 100, 260, 400)
label.show()
print("ready", flush=True)
QTimer.singleShot(300_000, app.quit)
app.exec()
"""


def drag(display: str, start: tuple[int, int], end: tuple[int, int], key: str = "") -> None:
    """Move as a person does: press, several moves, a nudge, release. A drop target answers each of them first."""
    xdotool(display, "mousemove", *map(str, start))
    if key:
        xdotool(display, "keydown", key)
    xdotool(display, "mousedown", "1")
    for step in range(1, 9):
        at = [round(first + (last - first) * step / 8) for first, last in zip(start, end, strict=True)]
        xdotool(display, "mousemove", *map(str, at))
        time.sleep(0.1)  # xdotool has no way to wait for the answer of the program under the pointer
    xdotool(display, "mousemove_relative", "1", "1")
    time.sleep(0.3)
    xdotool(display, "mouseup", "1")
    if key:
        xdotool(display, "keyup", key)


@pytest.fixture
def programs(picture):
    """Start both on a server of their own; give the display, both processes, and where a tile and the picture are."""
    environment = {key: value for key, value in os.environ.items() if key not in {"QT_QPA_PLATFORM", "WAYLAND_DISPLAY"}}
    with x_server("1600x900x24") as display:
        environment |= {"DISPLAY": display, "PYTHONPATH": str(ROOT)}
        started = [
            subprocess.Popen(
                [sys.executable, "-c", code, str(picture())], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
            )
            for code in (RECEIVER, PROGRAM)
        ]
        try:
            assert started[0].stdout.readline() == "ready\n"
            word, *numbers = started[1].stdout.readline().split()
            assert word == "ready"
            x, y, picture_x, picture_y = map(int, numbers)
            yield display, *started, (x, y), (picture_x, picture_y)
        finally:
            for process in started:
                process.kill()
                process.communicate()


def test_a_map_goes_to_another_program_as_file_pixels_and_words(programs):
    display, receiver, program, tile, picture = programs
    drag(display, tile, (1450, 300))
    dropped = json.loads(receiver.stdout.readline())
    (file,) = (Path(name) for name in dropped["files"])
    assert file.name == "compact_vgg features.4 ch3 orange.png"
    # Enlarged by a whole number, to 256 pixels or a little more; the maps of this layer have half the side.
    width, own = QImage(str(file)).width(), SIDE // 2
    assert width % own == 0
    assert 256 <= width < 256 + own
    assert dropped["image"]
    assert "channel 3" in dropped["text"]
    assert program.stdout.readline().split() == ["ended", "CopyAction", "1", "0"]

    # With Ctrl the picture goes the same way.
    drag(display, picture, (1450, 300), "ctrl")
    dropped = json.loads(receiver.stdout.readline())
    assert Path(dropped["files"][0]).name == "compact_vgg orange overlays.png"
    assert program.stdout.readline().split() == ["ended", "CopyAction", "1", "0"]

    # Dropped on the window it came from, it is no new picture.
    drag(display, tile, picture)
    assert program.stdout.readline().split() == ["ended", "IgnoreAction", "1", "0"]
