"""The window's side of the door, with the real window: callers that are slow, rude or wrong."""

from __future__ import annotations

import socket
import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, Qt, QUrl
from PySide6.QtGui import QFileOpenEvent

from gui import arrivals as module
from gui.arrivals import Arrivals
from gui.single_instance import Door, Parcel, pack
from tests.e2e.conftest import LONG


@pytest.fixture
def bench(launch):
    bench = launch()
    bench.wait_idle()
    return bench


@pytest.fixture
def arrivals(bench, door):
    arrivals = Arrivals(bench.window, door)
    arrivals.begin()
    yield arrivals
    arrivals.stop()


def call(door: Door) -> socket.socket:
    line, _ = door._call(20)
    return line


def knock(door: Door, parcel: Parcel, answers: list[bool]) -> threading.Thread:
    visitor = Door(door._lock_file.parent, "key", loopback=door._loopback)
    thread = threading.Thread(target=lambda: answers.append(visitor.knock(parcel)))
    thread.start()
    return thread


def test_files_come_in_and_a_hidden_window_comes_back(bench, door, arrivals, picture):
    bench.window.showMinimized()
    path, answers = picture("ü #.png"), []
    thread = knock(door, Parcel((path,), "token"), answers)
    bench.wait_answer(path)
    thread.join()
    assert answers == [True]
    assert not bench.window.windowState() & Qt.WindowState.WindowMinimized


def test_weights_open_as_weights(bench, door, arrivals, tmp_path):
    (tmp_path / "broken.pth").write_bytes(b"PK\x03\x04 broken")
    thread = knock(door, Parcel((tmp_path / "broken.pth",)), [])
    bench.qtbot.waitUntil(lambda: bench.window.admission.doctor is not None, timeout=LONG)
    thread.join()
    bench.wait_idle()
    assert bench.notices == []
    bench.window.admission.doctor.close()


def test_a_caller_that_says_nothing_and_one_that_talks_nonsense_are_hung_up(bench, door, arrivals, monkeypatch):
    monkeypatch.setattr(module, "PATIENCE", 50)
    silent, rude = call(door), call(door)
    with silent, rude:
        rude.sendall(b'{"paths": ["relative.png"]}')
        rude.shutdown(socket.SHUT_WR)
        bench.qtbot.waitUntil(lambda: len(arrivals._callers) == 0 and hung_up(silent) and hung_up(rude), timeout=LONG)
    assert bench.notices == []


def hung_up(line: socket.socket) -> bool:
    line.setblocking(False)
    try:
        return line.recv(10) == b""
    except BlockingIOError:
        return False
    except ConnectionResetError:
        return True


def test_a_message_without_end_is_cut(bench, door, arrivals, monkeypatch):
    monkeypatch.setattr(module, "MAX_MESSAGE", 1000)
    with call(door) as line:
        line.sendall(b"x" * 5000)
        bench.qtbot.waitUntil(lambda: hung_up(line), timeout=LONG)
    assert arrivals.is_open


def test_without_the_password_nothing_is_opened(bench, door, arrivals):
    if not door.password:
        pytest.skip("the folder of the socket is private")
    with call(door) as line:
        line.sendall(pack(Parcel((Path("/a.png"),))))
        line.shutdown(socket.SHUT_WR)
        bench.qtbot.waitUntil(lambda: hung_up(line), timeout=LONG)
    assert bench.notices == []


def test_the_setting_closes_and_opens_the_door(bench, door, arrivals):
    bench.window.preferences.open()
    box = bench.window.preferences.dialog.single_window
    assert box.isChecked()
    box.click()
    assert not bench.settings.single_window
    assert not arrivals.is_open
    assert not door.is_open
    box.click()
    assert arrivals.is_open
    bench.window.preferences.dialog.close()


def test_the_desktop_opens_a_file_with_the_running_program(bench, qapp, picture):
    early, late = picture("early.png"), picture("late.png")
    qapp.listened = False
    QCoreApplication.sendEvent(qapp, QFileOpenEvent(QUrl.fromLocalFile(str(early))))
    arrivals = Arrivals(bench.window, None)
    arrivals.begin()
    bench.wait_answer(early)
    QCoreApplication.sendEvent(qapp, QFileOpenEvent(QUrl.fromLocalFile(str(late))))
    bench.wait_answer(late)
    arrivals.stop()
