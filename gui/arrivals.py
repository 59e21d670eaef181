"""Files that come while the window is open: from a later start of the program, or from the desktop."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from PySide6.QtCore import QObject, QSocketNotifier, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QApplication

from gui import commands
from gui.application import Application
from gui.main_window import MainWindow
from gui.single_instance import MAX_MESSAGE, TAKEN, Door, Parcel, unpack

PATIENCE = 5000
"""Milliseconds that a caller gets for its message; it has it ready when it calls."""
CALLERS = 32
_PART = 1 << 16


class Caller(QObject):
    """Reads what one process hands over, as it comes."""

    ended = Signal(object, object)  # Caller, Parcel | None

    def __init__(self, line: socket.socket, password: bytes, parent: QObject) -> None:
        super().__init__(parent)
        self._line, self._password = line, password
        self._message = bytearray()
        line.setblocking(False)
        self._notifier = QSocketNotifier(line.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._read)
        self._alarm = QTimer(self, interval=PATIENCE, singleShot=True)
        self._alarm.timeout.connect(self._give_up)
        self._alarm.start()

    @Slot()
    def _read(self) -> None:
        try:
            part = self._line.recv(_PART)
        except BlockingIOError:
            return
        except OSError:
            self._give_up()
            return
        self._message += part
        if len(self._message) > MAX_MESSAGE:
            self._give_up()
        elif not part:
            known = self._message.startswith(self._password)
            self.ended.emit(self, unpack(bytes(self._message[len(self._password) :])) if known else None)

    @Slot()
    def _give_up(self) -> None:
        self.ended.emit(self, None)

    def hang_up(self, answer: bytes = b"") -> None:
        """Close the line, with an answer or without."""
        self._notifier.setEnabled(False)
        self._alarm.stop()
        try:
            self._line.send(answer)
        except OSError:
            pass  # whoever called has gone
        finally:
            self._line.close()
        self.deleteLater()


class Arrivals(QObject):
    """Accepts callers at the door while the window is open, and events of desktops that do not start a program twice."""

    def __init__(self, window: MainWindow, door: Door | None) -> None:
        super().__init__(window)
        self._window, self._door = window, door
        self._callers: list[Caller] = []
        self._notifier: QSocketNotifier | None = None
        window.preferences.single_window_changed.connect(self.set_open)

    @property
    def is_open(self) -> bool:
        """Whether later starts hand their files over to this window."""
        return self._notifier is not None

    @Slot(bool)
    def set_open(self, wanted: bool) -> None:
        """Take files from later starts from now on, or let them have windows of their own."""
        if wanted:
            self.start()
        else:
            self.stop()

    def begin(self) -> None:
        """Take files from now on; what came before is taken now."""
        self.start()
        app = QApplication.instance()
        if isinstance(app, Application):
            app.file_opened.connect(self._opened)
            early, app.early, app.listened = app.early, [], True
            for path in early:
                self._opened(path)

    @Slot(object)
    def _opened(self, path: Path) -> None:
        self.take(Parcel((path,)))

    def start(self) -> None:
        """Begin to accept, unless another window does; what waited at the door comes now."""
        if self._notifier is None and self._door is not None and self._door.open() and self._door.listener is not None:
            self._notifier = QSocketNotifier(self._door.listener.fileno(), QSocketNotifier.Type.Read, self)
            self._notifier.activated.connect(self._accept)

    @Slot()
    def stop(self) -> None:
        """Give the door up; callers that were not answered know that nobody took their files."""
        if self._notifier is not None:
            self._notifier.setEnabled(False)
            self._notifier.deleteLater()
            self._notifier = None
        for caller in self._callers:
            caller.hang_up()
        self._callers.clear()
        if self._door is not None:
            self._door.close()

    @Slot()
    def _accept(self) -> None:
        if self._door is None or self._door.listener is None:
            return
        try:
            line, _ = self._door.listener.accept()
        except OSError:
            return
        if len(self._callers) >= CALLERS:
            line.close()
            return
        caller = Caller(line, self._door.password, self)
        self._callers.append(caller)
        caller.ended.connect(self._take)

    @Slot(object, object)
    def _take(self, caller: Caller, parcel: Parcel | None) -> None:
        if caller not in self._callers:
            return
        self._callers.remove(caller)
        caller.hang_up(TAKEN if parcel is not None else b"")
        if parcel is not None:
            self.take(parcel)

    def take(self, parcel: Parcel) -> None:
        """Open files as a drop would, and bring the window to the front."""
        if parcel.paths:
            commands.open_files(self._window.state, self._window.conductor, parcel.paths)
        self._come_to_the_front(parcel.token)

    def _come_to_the_front(self, token: str) -> None:
        window = self._window
        if token:
            os.environ["XDG_ACTIVATION_TOKEN"] = token  # Qt looks for it there, once
        window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
        window.show()
        window.raise_()
        window.activateWindow()
        os.environ.pop("XDG_ACTIVATION_TOKEN", None)
