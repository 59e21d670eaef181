"""The thread that looks at weights files, and counts networks: what takes seconds in which pictures are looked at as always."""

from __future__ import annotations

import logging
from typing import Any

from PySide6.QtCore import QObject, Signal

from core.errors import LayerscopeError
from core.inference.preload import complete
from core.types import DiagnoseRequest, Failure, KeysRequest, LedgerRequest, SaveRepairedRequest
from gui.threads.mailbox import Mailbox
from gui.threads.worker_thread import WorkerThread

log = logging.getLogger(__name__)


class DoctorThread(WorkerThread):
    """Answers :class:`DiagnoseRequest`, :class:`KeysRequest`, :class:`LedgerRequest` (the newest) and
    :class:`SaveRepairedRequest` (all, in order).

    It is started by the first request: most people open no file.
    """

    answered = Signal(object, object)  # request, its answer
    failed = Signal(object, object)  # request, Failure

    def __init__(self, parent: QObject | None = None) -> None:
        newest = (DiagnoseRequest, KeysRequest, LedgerRequest)
        super().__init__("doctor", Mailbox(newest, ordered=(SaveRepairedRequest,)), parent)

    def submit(self, request: Any) -> None:
        """Leave a request; to be called from the thread that made this object."""
        super().submit(request)
        if not self.isRunning() and not self.mailbox.closed:
            self.start()

    def answer(self, request: Any) -> None:
        """Answer one request with a signal."""
        try:
            value = _answer(request)
        except LayerscopeError as error:
            self.failed.emit(request, Failure.of(error))
        except Exception as error:
            log.exception("answering %s", request)
            path = getattr(request, "path", None)
            what = f"Looking at “{path.name}”" if path is not None else f"Counting {request.wish.architecture}"
            message = f"{what} failed: {error or type(error).__name__}. The log has the details."
            self.failed.emit(request, Failure("internal", message, path))
        else:
            self.answered.emit(request, value)


def _answer(request: Any) -> Any:
    complete()
    if isinstance(request, DiagnoseRequest):
        from core.weights.doctor import diagnose

        return diagnose(request.path, request.architecture, insist=request.insist, loaded=request.tensors)
    if isinstance(request, KeysRequest):
        from core.weights.key_table import key_table

        return key_table(request.path, request.architecture, request.repairs)
    if isinstance(request, LedgerRequest):
        from core.insight.ledger.counting import count

        return count(request.wish)
    from core.weights.doctor import save_repaired

    return save_repaired(
        request.path, request.out, request.repairs, architecture=request.architecture, num_classes=request.num_classes,
        replace=True,  # the dialog that chose the name has asked
    )
