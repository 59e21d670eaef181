"""Ctrl-C, ``kill`` and the end of the login close the window as its button does: the session is saved."""

from __future__ import annotations

import signal
import socket
from types import FrameType

from PySide6.QtCore import QCoreApplication, QObject, QSocketNotifier, Slot
from PySide6.QtWidgets import QWidget

SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


class Signals(QObject):
    """Wakes Qt's event loop when a signal comes: Python looks at signals only between steps of its own."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self.status = 0
        """Exit status that a signal asks for; 0 as long as none came."""
        self._reader, self._writer = socket.socketpair()
        for end in (self._reader, self._writer):
            end.setblocking(False)
        self._notifier = QSocketNotifier(self._reader.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._come)
        self._former = {number: signal.signal(number, _noted) for number in SIGNALS}
        self._former_wakeup = signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)

    def uninstall(self) -> None:
        """Let signals do again what they did before."""
        signal.set_wakeup_fd(self._former_wakeup)
        for number, handler in self._former.items():
            signal.signal(number, handler)
        self._notifier.setEnabled(False)
        self._reader.close()
        self._writer.close()

    @Slot()
    def _come(self) -> None:
        self.status = 128 + self._reader.recv(64)[0]
        self._window.close()
        # A dialog that waits for an answer would keep the program.
        QCoreApplication.exit(self.status)


def _noted(number: int, frame: FrameType | None) -> None:
    """Do nothing; that there is a handler has its number written to the wake-up descriptor."""
