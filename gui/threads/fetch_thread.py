"""The thread that downloads published weights."""

from __future__ import annotations

import logging
from typing import Any

from PySide6.QtCore import QObject, Signal

from core.cancel import CancelToken
from core.errors import Cancelled, LayerscopeError
from core.types import Downloaded, DownloadRequest, Failure, ForgetDownloadRequest
from gui.threads.mailbox import Mailbox
from gui.threads.worker_thread import WorkerThread

log = logging.getLogger(__name__)


class FetchThread(WorkerThread):
    """Answers :class:`DownloadRequest` (the newest) and :class:`ForgetDownloadRequest` (all, first)."""

    advanced = Signal(object, object)  # DownloadRequest, DownloadProgress
    fetched = Signal(object, object)  # DownloadRequest, Downloaded
    failed = Signal(object, object)  # request, Failure

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__("fetch", Mailbox((DownloadRequest,), ordered=(ForgetDownloadRequest,)), parent)
        self._tokens: dict[int, CancelToken] = {}

    def submit(self, request: Any) -> None:
        """Leave a request; what was downloaded before is given up, and kept as far as it is. From the GUI thread."""
        self.halt()
        self._tokens[request.id] = CancelToken()
        super().submit(request)
        if not self.isRunning():
            self.start()

    def halt(self) -> None:
        """Give up what is downloaded, without an answer; what was received is kept. From the GUI thread."""
        self.mailbox.discard(DownloadRequest)
        for token in tuple(self._tokens.values()):
            token.cancel()
        self._tokens.clear()

    def stop(self, milliseconds: int) -> bool:
        """Give up, close the mailbox and wait for the thread to end; False if it is still busy by then."""
        self.halt()
        return super().stop(milliseconds)

    def answer(self, request: Any) -> None:
        """Answer one request with signals."""
        try:
            if isinstance(request, ForgetDownloadRequest):
                self._forget(request)
            else:
                self.fetched.emit(request, self._download(request))
        except Cancelled:
            pass  # whoever gave it up knows
        except LayerscopeError as error:
            self.failed.emit(request, Failure.of(error))
        except Exception as error:
            log.exception("downloading %s", request)
            self.failed.emit(request, Failure("internal", f"The download failed: {error}. The log has the details."))

    def _download(self, request: DownloadRequest) -> Downloaded:
        from core.weights.fetch.download import download

        token = self._tokens.get(request.id)
        if token is None:
            raise Cancelled
        work = download(request.weights, mirror=request.mirror, token=token)
        while True:
            try:
                self.advanced.emit(request, next(work))
            except StopIteration as end:
                answer: Downloaded = end.value
                return answer

    def _forget(self, request: ForgetDownloadRequest) -> None:
        from core.weights.fetch.download import forget

        forget(request.weights)
