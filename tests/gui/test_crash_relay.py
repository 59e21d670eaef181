"""An error that nobody caught becomes a sentence on the window and an entry of the log, in whatever thread it happened."""

from __future__ import annotations

import logging
import sys
import threading

import pytest

from gui.crash_relay import CrashRelay
from gui.state import AppState


@pytest.fixture
def relay(state: AppState):
    relay = CrashRelay(state)
    relay.install()
    yield relay
    relay.uninstall()


def test_error_in_a_python_thread_reaches_the_window(relay, state, qtbot, caplog, capsys):
    def fail() -> None:
        raise ValueError("boom")

    with caplog.at_level(logging.ERROR), qtbot.waitSignal(state.notice_raised, timeout=20_000) as caught:
        thread = threading.Thread(target=fail)
        thread.start()
        thread.join()
    assert "boom" in caught.args[0].message
    assert caught.args[0].kind == "internal"
    assert "ValueError" in caplog.text
    assert "Traceback" not in capsys.readouterr().err


def test_uninstalled_gives_back_pythons_own_hooks(relay):
    relay.uninstall()
    assert sys.excepthook is sys.__excepthook__
    assert threading.excepthook is threading.__excepthook__
