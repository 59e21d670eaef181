"""A thread with a mailbox: what the inference thread and the disk thread have in common."""

from __future__ import annotations

import logging
from typing import Any

from PySide6.QtCore import QObject, QThread

from gui.threads.mailbox import Mailbox

log = logging.getLogger(__name__)


class WorkerThread(QThread):
    """Answers the requests of a mailbox one by one, until the mailbox is closed."""

    def __init__(self, name: str, mailbox: Mailbox, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.mailbox = mailbox

    def submit(self, request: Any) -> None:
        """Leave a request; may be called from any thread, before :meth:`start` too."""
        self.mailbox.put(request)

    def stop(self, milliseconds: int) -> bool:
        """Close the mailbox and wait for the thread to end; False if it is still busy by then."""
        self.mailbox.close()
        return self.wait(milliseconds)

    def run(self) -> None:
        """Work until the mailbox is closed (called by Qt, in the thread)."""
        self.prepare()
        while not self.mailbox.closed:
            request = self.mailbox.take(wait=not self.has_spare_work())
            if request is not None:
                self.answer(request)
            elif not self.mailbox.closed:
                self.work_a_little()
        self.finish()

    def prepare(self) -> None:
        """Run once, first, in the thread."""

    def finish(self) -> None:
        """Run once, last, in the thread."""

    def answer(self, request: Any) -> None:
        """Answer one request; errors are turned into signals here."""
        raise NotImplementedError

    def has_spare_work(self) -> bool:
        """Whether there is something to go on with while the mailbox is empty."""
        return False

    def work_a_little(self) -> None:
        """Do one small step of the spare work."""
