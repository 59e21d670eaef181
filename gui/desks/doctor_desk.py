"""From a weights file that was opened to its load: it is looked at first, and a person is asked only where need be."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from core.types import (
    DiagnoseRequest,
    Diagnosis,
    Failure,
    JobProgress,
    KeysRequest,
    ModelInfo,
    ModelSpec,
    SaveRepairedRequest,
    WeightsSpec,
)
from gui.conductor import Conductor
from gui.state import AppState


class DoctorDesk(QObject):
    """Asks the doctor's thread, and is told the answers; only the newest counts."""

    told = Signal(str)  # a sentence for a moment

    def __init__(self, state: AppState, conductor: Conductor) -> None:
        super().__init__(conductor)
        self.state = state
        self._facts = state.checkpoint
        self._conductor = conductor
        self._ward = conductor.doctor
        self._progress: JobProgress | None = None
        self._facts.opened.connect(self._diagnose)
        self._facts.keys_wanted.connect(self._list_keys)
        self._facts.save_wanted.connect(self._save)
        self._facts.diagnosis_changed.connect(self._hear_diagnosis)
        self._facts.code_declined.connect(self._consider)
        self._ward.answered.connect(self._take)
        self._ward.refused.connect(self._refuse)
        state.spec_chosen.connect(self._hear_spec)
        state.model_changed.connect(self._hear_model)

    @Slot(object, object)
    def _diagnose(self, path: Path, picked: str | None) -> None:
        tensors = self.state.model.tensors if self.state.model is not None and picked is None else ()
        self._ward.ask(DiagnoseRequest(self._conductor.next_id(), path, picked, self._facts.insists, tensors))
        if self.state.progress is None:
            self._progress = JobProgress(0, 0, f"Reading the weights file {path.name}")
            self.state.set_progress(self._progress)

    @Slot()
    def stop(self) -> None:
        """Look at the file no more."""
        self._ward.call_off(DiagnoseRequest)
        self._ward.call_off(KeysRequest)
        self._end()

    def _end(self) -> None:
        self._facts.set_opened()
        if self._progress is not None and self.state.progress == self._progress:
            self.state.set_progress(None)
        self._progress = None

    @Slot(str, object)
    def _list_keys(self, architecture: str, repairs: tuple[str, ...]) -> None:
        if self._facts.diagnosis is not None:
            path = self._facts.diagnosis.path
            self._ward.ask(KeysRequest(self._conductor.next_id(), path, architecture, repairs))

    @Slot(object)
    def _save(self, order: SaveRepairedRequest) -> None:
        self._ward.ask(replace(order, id=self._conductor.next_id()))

    @Slot(object)
    def _hear_diagnosis(self, diagnosis: Diagnosis | None) -> None:
        if diagnosis is None:
            self.stop()

    @Slot(object)
    def _hear_spec(self, _spec: ModelSpec) -> None:
        """Another model was asked for meanwhile: the file is not wanted any more."""
        self.stop()
        self._facts.set_diagnosis(None)

    @Slot(object)
    def _hear_model(self, model: ModelInfo) -> None:
        weights = model.spec.weights
        if weights.kind == "file" and weights.path is not None:
            self._facts.add_recent(weights.path)

    @Slot(object, object)
    def _take(self, request: Any, answer: Any) -> None:
        if isinstance(request, DiagnoseRequest):
            self._end()
            if answer.fits_loaded and self.state.model is not None and self.state.model.tensors == request.tensors:
                self._facts.code_offered.emit(answer)
            else:
                self._consider(answer)
        elif isinstance(request, KeysRequest):
            self._facts.set_keys(answer)
        elif isinstance(request, SaveRepairedRequest):
            self._facts.saved.emit(request.out)
            self.told.emit(f"Written: {request.out}")

    @Slot(object)
    def _consider(self, diagnosis: Diagnosis) -> None:
        """Load what is loadable as it is; ask about all else."""
        asked = self._facts.diagnosis is not None and self._facts.diagnosis.path == diagnosis.path
        if diagnosis.verdict == "loadable" and not asked and not _is_another(diagnosis, self._facts.picked):
            spec = ModelSpec(diagnosis.architecture or "", WeightsSpec("file", path=diagnosis.path))
            self.state.choose_spec(spec)
        else:
            self._facts.set_diagnosis(diagnosis)

    @Slot(object, object)
    def _refuse(self, request: Any, failure: Failure) -> None:
        if isinstance(request, DiagnoseRequest):
            self._end()
            self.state.raise_notice(failure)
        elif isinstance(request, KeysRequest):
            self.state.raise_notice(failure)
        elif isinstance(request, SaveRepairedRequest):
            self._facts.save_failed.emit(failure.message)


def _is_another(diagnosis: Diagnosis, picked: str | None) -> bool:
    return picked is not None and diagnosis.architecture is not None and picked != diagnosis.architecture
