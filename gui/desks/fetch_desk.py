"""Downloads published weights, and loads them once they are here."""

from __future__ import annotations

import os
from typing import Any

from PySide6.QtCore import Signal, Slot

from core.types import (
    USUAL_WEIGHTS,
    Downloaded,
    DownloadProgress,
    DownloadRequest,
    Failure,
    ForgetDownloadRequest,
    LoadRequest,
    ModelInfo,
    ModelSpec,
    PublishedWeights,
    WeightsOption,
    WeightsRequest,
)
from core.weights.fetch.options import MIRROR
from gui.conductor import Conductor
from gui.desks.desk import Desk
from gui.state import AppState


class FetchDesk(Desk):
    """Stands between the facts of the download and the thread that does it."""

    told = Signal(str)  # what came: a sentence for a moment

    def __init__(self, state: AppState, conductor: Conductor) -> None:
        super().__init__(state, conductor)
        self._going: DownloadRequest | None = None
        self._before: ModelSpec | None = None
        self._lacks_weights = ""
        facts = state.downloads
        facts.wanted.connect(self._begin)
        facts.pause_wanted.connect(self._halt)
        facts.cancel_wanted.connect(self._cancel)
        state.spec_chosen.connect(self._hear_choice)
        state.weights_changed.connect(self._hear_options)
        conductor.inference.loaded.connect(self._hear_loaded)
        conductor.inference.failed.connect(self._hear_failed_load)
        conductor.fetch.advanced.connect(self._hear_advance)
        conductor.fetch.fetched.connect(self._hear_fetched)
        conductor.fetch.failed.connect(self._hear_failed)

    @Slot(object)
    def _begin(self, weights: PublishedWeights) -> None:
        mirror = os.environ.get(MIRROR) or self.state.downloads.mirror
        self._going = DownloadRequest(self.conductor.next_id(), weights, mirror)
        self._before = self.state.spec
        self.conductor.fetch.submit(self._going)

    @Slot()
    def _halt(self) -> None:
        self._going = None
        self.conductor.fetch.halt()

    @Slot(object)
    def _cancel(self, weights: PublishedWeights) -> None:
        self._going = None
        self.conductor.fetch.submit(ForgetDownloadRequest(self.conductor.next_id(), weights))

    @Slot(object, object)
    def _hear_advance(self, request: DownloadRequest, progress: DownloadProgress) -> None:
        if request is self._going:
            self.state.downloads.advance(progress)

    @Slot(object, object)
    def _hear_fetched(self, request: DownloadRequest, found: Downloaded) -> None:
        if request is not self._going:
            return
        self._going = None
        self.state.downloads.finish()
        for notice in found.notices if found.source else ():
            self.state.raise_notice(Failure("note", notice))
        if self.state.spec == self._before:
            self.told.emit(f"Downloaded: {found.weights.label}")
            self.state.choose_spec(found.weights.spec(found.path))
            return
        # Whoever chose another model meanwhile keeps it.
        self.told.emit(f"Downloaded: {found.weights.label}; choose it in the bar at the top")
        self.conductor.ask(WeightsRequest(self.conductor.next_id(), self.state.spec.architecture))

    @Slot(object, object)
    def _hear_failed(self, request: Any, failure: Failure) -> None:
        if request is self._going:
            self._going = None
            self.state.downloads.fail(failure)
        elif isinstance(request, ForgetDownloadRequest):
            self.state.raise_notice(failure)

    @Slot(object)
    def _hear_choice(self, _spec: object) -> None:
        self._lacks_weights = ""
        self.state.downloads.dismiss()

    @Slot(object, object)
    def _hear_loaded(self, request: Any, model: ModelInfo) -> None:
        if not isinstance(request, LoadRequest):
            return  # the same weights, prepared for otherwise
        usual = request.spec.weights == USUAL_WEIGHTS and model.spec.weights.kind == "random"
        self._lacks_weights = model.spec.architecture if usual else ""

    @Slot(object)
    def _hear_options(self, options: tuple[WeightsOption, ...]) -> None:
        """Offer what a model got random weights instead of."""
        lacking, self._lacks_weights = self._lacks_weights, ""
        absent = [one.published for one in options if one.published is not None and not one.available]
        fitting = [one for one in absent if one.architecture == lacking]
        usual = [one for one in fitting if one.name == "IMAGENET1K_V1"]
        if fitting:
            self.state.downloads.offer((usual or fitting)[0])

    @Slot(object, object)
    def _hear_failed_load(self, request: Any, failure: Failure) -> None:
        """Offer to replace published weights whose file is damaged or gone."""
        if not isinstance(request, LoadRequest) or failure.path is None:
            return
        for weights in (one.published for one in self.state.weights):
            if weights is not None and weights.spec(failure.path) == request.spec and weights.filename == failure.path.name:
                self.state.downloads.offer(weights, again=True)
