"""A run of training as another process of this program: its lines in, words to it out, and how it ended."""

from __future__ import annotations

import logging
import signal
import sys
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, QTimer, Signal, Slot

from core.training.lines import RunError, Told, told_in
from core.types import TrainProgress

log = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parents[2]
PROGRESS_MS = 80
"""Milliseconds between two words about progress: a person sees no more, and a batch may take far less."""
GRACE_MS = 700
"""Milliseconds that a run has for stopping by itself; what is on disk is whole at any time."""

_STOPPED = 130
_KEPT = 40


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run ended: ``stopped`` by a person, or else, if ``reason`` is not empty, for that reason."""

    stopped: bool
    reason: str = ""


class TrainingProcess(QObject):
    """Starts the program with arguments, and listens to it.

    Parameters
    ----------
    arguments
        The command and all that follows it.
    """

    heard = Signal(object)  # Told; of progress only the newest every 80 ms
    ended = Signal(object)  # Ending; the last that is heard

    def __init__(self, arguments: Sequence[str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._arguments = list(arguments)
        self._rest = b""
        self._errors: deque[str] = deque(maxlen=_KEPT)
        self._error: RunError | None = None
        self._progress: TrainProgress | None = None
        self._stopping = self._over = False
        self.process = QProcess(self)
        self.process.setProcessEnvironment(_environment())
        self.process.setWorkingDirectory(str(ROOT))
        self.process.readyReadStandardOutput.connect(self._read)
        self.process.readyReadStandardError.connect(self._read_errors)
        self.process.finished.connect(self._finish)
        self.process.errorOccurred.connect(self._fail)
        self._pace = QTimer(self, singleShot=True, interval=PROGRESS_MS)
        self._pace.timeout.connect(self._tell_progress)
        self._grace = QTimer(self, singleShot=True, interval=GRACE_MS)
        self._grace.timeout.connect(self.process.kill)

    def start(self) -> None:
        """Start it."""
        before = [] if getattr(sys, "frozen", False) else ["-m", "gui"]
        self.process.start(sys.executable, [*before, *self._arguments])

    def say(self, line: str) -> None:
        """Write a line to its standard input."""
        if self.process.state() != QProcess.ProcessState.NotRunning:
            self.process.write(f"{line}\n".encode())

    def stop(self) -> None:
        """Ask it to stop, and end it if it does not."""
        if not self._stopping:
            self._stopping = True
            self.say("stop")
            self._grace.start()

    def end_now(self, milliseconds: int) -> None:
        """End it before this returns; the last whole epoch is on disk."""
        self._stopping = True
        self.process.kill()
        self.process.waitForFinished(milliseconds)

    @Slot()
    def _read(self) -> None:
        *lines, self._rest = (self._rest + self.process.readAllStandardOutput().data()).split(b"\n")
        for line in lines:
            told = told_in(line.decode("utf-8", "replace"))
            if told is not None:
                self._take(told)
            elif line.strip():
                log.warning("a run of training said: %s", line[:500].decode("utf-8", "replace"))

    def _take(self, told: Told) -> None:
        if isinstance(told, TrainProgress):
            self._progress = told
            if not self._pace.isActive():
                self._pace.start()
            return
        self._tell_progress()
        if isinstance(told, RunError):
            self._error = told
        else:
            self.heard.emit(told)

    @Slot()
    def _tell_progress(self) -> None:
        progress, self._progress = self._progress, None
        if progress is not None:
            self.heard.emit(progress)

    @Slot()
    def _read_errors(self) -> None:
        text = self.process.readAllStandardError().data().decode("utf-8", "replace")
        self._errors.extend(line for line in text.splitlines() if line.strip())

    @Slot(int, QProcess.ExitStatus)
    def _finish(self, status: int, how: QProcess.ExitStatus) -> None:
        self._read()
        self._read_errors()
        crashed = how == QProcess.ExitStatus.CrashExit
        stopped = self._stopping or (status == _STOPPED and not crashed)
        reason = ""
        if not stopped and (crashed or status):
            reason = self._error.message if self._error is not None else _reason(status, crashed=crashed)
            log.error("a run of training ended (%s, %s): %s", how, status, "\n".join(self._errors))
        self._end(Ending(stopped, reason))

    @Slot(QProcess.ProcessError)
    def _fail(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            reason = f"The process for training could not be started: {self.process.errorString()}. Try again."
            self._end(Ending(False, reason))

    def _end(self, ending: Ending) -> None:
        if not self._over:
            self._over = True
            self._grace.stop()
            self._pace.stop()
            self._tell_progress()
            self.ended.emit(ending)


def _reason(status: int, *, crashed: bool) -> str:
    if not crashed:
        return f"The training process ended unexpectedly (exit status {status}). The program's log has its last words."
    name = f"signal {status}"
    if status in {one.value for one in signal.Signals}:
        name = signal.Signals(status).name
    if name == "SIGKILL":
        return "The training process was killed (SIGKILL): by somebody, or by the system because the memory was full."
    return f"The training process crashed ({name}). The program's log has its last words."


def _environment() -> QProcessEnvironment:
    """Our own, without what only a window needs; the run has none."""
    environment = QProcessEnvironment.systemEnvironment()
    for name in environment.keys():  # noqa: SIM118 - not a mapping
        if name.startswith(("QT_", "QML")):
            environment.remove(name)
    return environment
