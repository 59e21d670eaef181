"""The doctor's thread as the window sees it: what was asked last is the only thing waited for, kind by kind."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from core.types import SaveRepairedRequest
from gui.threads.doctor_thread import DoctorThread


class Ward(QObject):
    """Owns the thread; drops the answers that nobody waits for."""

    answered = Signal(object, object)  # request, its answer
    refused = Signal(object, object)  # request, Failure
    rested = Signal()  # less is under way than before

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread = DoctorThread(self)
        self._pending: dict[type, int] = {}
        self._copies: set[int] = set()
        self._thread.answered.connect(self._answered)
        self._thread.failed.connect(self._failed)

    @property
    def idle(self) -> bool:
        """Whether nothing is under way."""
        return not (self._pending or self._copies)

    def ask(self, request: Any) -> None:
        """Have a request answered; it replaces an earlier one of its kind, but copies are all written."""
        if isinstance(request, SaveRepairedRequest):
            self._copies.add(request.id)
        else:
            self._pending[type(request)] = request.id
        self._thread.submit(request)

    def call_off(self, kind: type) -> None:
        """Wait no more for an answer of a kind."""
        if self._pending.pop(kind, None) is not None:
            self._thread.mailbox.discard(kind)
            self.rested.emit()

    def stop(self, milliseconds: int) -> bool:
        """Stop the thread; False if it is still busy after that time."""
        return self._thread.stop(milliseconds)

    def _is_current(self, request: Any) -> bool:
        if isinstance(request, SaveRepairedRequest):
            self._copies.discard(request.id)
            return True
        if self._pending.get(type(request)) != request.id:
            return False
        del self._pending[type(request)]
        return True

    @Slot(object, object)
    def _answered(self, request: Any, value: object) -> None:
        if self._is_current(request):
            self.answered.emit(request, value)
            self.rested.emit()

    @Slot(object, object)
    def _failed(self, request: Any, failure: object) -> None:
        if self._is_current(request):
            self.refused.emit(request, failure)
            self.rested.emit()
