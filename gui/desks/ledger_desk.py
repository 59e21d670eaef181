"""Has the networks of the ledger counted, one after another, in the doctor's thread."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from core.types import Failure, LedgerNetwork, LedgerRequest, ModelInfo
from gui.conductor import Conductor
from gui.facts.ledger import loaded_wish
from gui.later import later
from gui.state import AppState
from gui.threads.disk_thread import WriteRequest

if TYPE_CHECKING:
    from core.insight.ledger import formats, loaded
else:
    formats, loaded = later("core.insight.ledger.formats"), later("core.insight.ledger.loaded")


class LedgerDesk(QObject):
    """Asks for the first network that is missing, and for the next one when its answer is there."""

    def __init__(self, state: AppState, conductor: Conductor) -> None:
        super().__init__(conductor)
        self._state = state
        self._facts = state.ledger
        self._conductor = conductor
        self._ward = conductor.doctor
        self._writing: int | None = None
        self._facts.wishes_changed.connect(self._ask)
        self._facts.export_wanted.connect(self._write)
        self._ward.answered.connect(self._take)
        self._ward.refused.connect(self._refuse)
        conductor.intake.disk.written.connect(self._hear_written)
        state.model_changed.connect(self._hear_model)

    @Slot()
    def _ask(self) -> None:
        missing = self._facts.missing
        if missing:
            self._ward.ask(LedgerRequest(self._conductor.next_id(), missing[0]))
        else:
            self._ward.call_off(LedgerRequest)

    @Slot(object, object)
    def _take(self, request: object, answer: LedgerNetwork) -> None:
        if isinstance(request, LedgerRequest):
            self._facts.put(request.wish, answer)
            self._ask()

    @Slot(object, object)
    def _refuse(self, request: object, failure: Failure) -> None:
        if isinstance(request, LedgerRequest):
            self._facts.put(request.wish, failure)
            self._ask()

    @Slot(object)
    def _hear_model(self, model: ModelInfo) -> None:
        """Of a network that a person's code builds there is nothing to count but what was measured when it was loaded."""
        if model.spec.code is not None:
            self._facts.put(loaded_wish(model), loaded.of_model(model))

    @Slot(object, str, bool)
    def _write(self, path: Path, format_name: str, layers: bool) -> None:
        request = WriteRequest(self._conductor.next_id(), path, partial(_content, self._facts.counted, format_name, layers))
        self._writing = request.id
        self._conductor.intake.disk.submit(request)

    @Slot(object, object)
    def _hear_written(self, request: WriteRequest, failure: Failure | None) -> None:
        if request.id != self._writing:
            return
        self._writing = None
        self._facts.tell(f"Written: {request.path}" if failure is None else failure.message, failed=failure is not None)


def _content(networks: tuple[LedgerNetwork, ...], format_name: str, layers: bool) -> bytes:
    return formats.FORMATS[format_name](networks, layers=layers).encode()
