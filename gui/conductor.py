"""Turns facts of the state into requests, and answers of the threads into facts; drops the answers nobody waits for."""

from __future__ import annotations

import itertools
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtGui import QImage

from core.types import (
    BUILTIN_SPEC,
    ActivationRequest,
    Activations,
    ClassifyRequest,
    Failure,
    ImageRef,
    LoadRequest,
    ModelInfo,
    Preprocessing,
    PreprocessRequest,
    StripRequest,
    Verdict,
    WeightsRequest,
)
from gui.intake import Intake
from gui.state import AppState
from gui.threads.fetch_thread import FetchThread
from gui.threads.inference_thread import InferenceThread
from gui.threads.survey_thread import SurveyThread
from gui.threads.toolbox import TOOLS
from gui.ward import Ward

STRIP_DELAY = 60
"""Milliseconds of rest after the last picture came before the strip is classified."""


class Conductor(QObject):
    """Owns the threads. What is asked for last is the only thing waited for, kind by kind."""

    idled = Signal()  # nothing is under way any more
    recent_added = Signal(object)  # Path of a file or folder that was opened
    answered = Signal(object, object)  # request of a tool, its answer
    refused = Signal(object, object)  # request of a tool, Failure
    advanced = Signal(object, object)  # request of a tool, JobProgress

    def __init__(self, state: AppState, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.state = state
        self.inference = InferenceThread(self)
        self.fetch = FetchThread(self)  # it starts with the first download
        self.survey = SurveyThread(self)  # it starts with the first folder to train on
        self._ids = itertools.count(1)
        self.intake = Intake(state, self.next_id, self)
        self.doctor = Ward(self)
        self._pending: dict[type, int] = {}
        self._wanted_layer = ""
        self._fell_back = self._settling = False
        # The maps follow the predictions by a turn of the event loop: together they would stall the window longer.
        self._maps: Activations | None = None
        self._maps_soon = QTimer(self, interval=0, singleShot=True)
        self._maps_soon.timeout.connect(self._show_maps)
        self._strip_soon = QTimer(self, interval=STRIP_DELAY, singleShot=True)
        self._strip_soon.timeout.connect(self._classify_strip)
        self._listen_to_state()
        self._listen_to_threads()

    def _listen_to_state(self) -> None:
        self.state.image_changed.connect(self._image_changed)
        self.state.images_appended.connect(self._images_appended)
        self.state.images_removed.connect(self._images_removed)
        self.state.layer_changed.connect(self._layer_changed)
        self.state.spec_chosen.connect(self._load)
        self.state.device_chosen.connect(self._load)

    def _listen_to_threads(self) -> None:
        self.inference.devices_listed.connect(self.state.set_devices)
        self.inference.weights_listed.connect(self._weights_listed)
        self.inference.loaded.connect(self._loaded)
        self.inference.inspected.connect(self._inspected)
        self.inference.activated.connect(self._activated)
        self.inference.failed.connect(self._failed)
        self.inference.noticed.connect(self.state.raise_model_notice)
        self.inference.moved.connect(self.state.update_model)
        self.inference.verdicts_made.connect(self.state.add_verdicts)
        self.inference.progressed.connect(self.state.set_progress)
        self.inference.strip_done.connect(self._strip_done)
        self.inference.answered.connect(self._answered)
        self.inference.advanced.connect(self._advanced)
        self.intake.rested.connect(self._update_busy)
        self.doctor.rested.connect(self._update_busy)
        self.intake.recent_added.connect(self.recent_added)

    def start(self, layer: str = "") -> None:
        """Start the threads and load the model of the state; ``layer`` is preferred once it is there."""
        self._wanted_layer = layer
        self.intake.start()
        self.inference.start()
        self._load()

    def stop(self, milliseconds: int) -> bool:
        """Stop the threads; False if one is still busy after that time."""
        stopped = [part.stop(milliseconds) for part in (self.survey, self.fetch, self.intake, self.doctor, self.inference)]
        return all(stopped)

    @property
    def idle(self) -> bool:
        """Whether no answer is on its way."""
        waiting = self._maps_soon.isActive() or self._strip_soon.isActive()
        return self.intake.idle and self.doctor.idle and not self._pending and not waiting

    def open_paths(self, sources: tuple[Any, ...], *, show: bool = True) -> None:
        """Add the pictures among files and folders to the strip; with ``show`` the first becomes the current one."""
        self.intake.open_paths(sources, show=show)

    def keep_picture(self, image: QImage) -> None:
        """Add a picture that has no file (pasted, or dropped by a browser)."""
        self.intake.keep_picture(image)

    def next_id(self) -> int:
        """Return an id for a request."""
        return next(self._ids)

    def ask(self, request: Any) -> None:
        """Have a tool answer a request, which replaces an earlier one of its kind; see :data:`gui.threads.toolbox.TOOLS`."""
        self._submit(request)

    def call_off(self, kind: type) -> None:
        """Wait no more for a tool, and let it stop."""
        if self._pending.pop(kind, None) is not None:
            self.inference.call_off(kind)
            self._update_busy()

    def waits_for(self, kind: type) -> bool:
        """Whether an answer of that kind is on its way."""
        return kind in self._pending

    def cancel_strip(self) -> None:
        """Stop finding the top-1 of the pictures that are left."""
        self._submit(StripRequest(next(self._ids), ()))

    def _submit(self, request: Any) -> None:
        self._pending[type(request)] = request.id
        self.inference.submit(request)
        self._update_busy()

    def prepare_pictures(self, how: Preprocessing | None) -> None:
        """Have the loaded model take its pictures another way; None for its weights' own."""
        if self.state.model is not None and LoadRequest not in self._pending:
            self._submit(PreprocessRequest(next(self._ids), self.state.model.weights_sha256, how))

    def _is_current(self, request: Any) -> bool:
        """Whether the answer is the one waited for; it is waited for no more."""
        if self._pending.get(type(request)) != request.id:
            return False
        del self._pending[type(request)]
        return True

    @Slot()
    def _update_busy(self) -> None:
        waited = (LoadRequest, PreprocessRequest, ClassifyRequest, ActivationRequest)
        self.state.set_busy(any(kind in self._pending for kind in waited))
        if self.idle:
            self.idled.emit()

    @Slot()
    def _load(self, *_: object) -> None:
        self._pending.pop(PreprocessRequest, None)
        self._submit(LoadRequest(next(self._ids), self.state.spec, self.state.device))

    @Slot(object, object)
    def _loaded(self, request: LoadRequest | PreprocessRequest, model: ModelInfo) -> None:
        current = self._is_current(request)
        for kind in TOOLS:
            self._pending.pop(kind, None)
        known = self.state.model.notices if self.state.model is not None and isinstance(request, PreprocessRequest) else ()
        if isinstance(request, LoadRequest) and not self._fell_back:
            self.state.end_model_notices()
        self._fell_back = False
        # Even if another model was asked for meanwhile, the thread has this one now: should the other fail, it stays.
        self.state.set_model(model, asked_for=current)
        if not current:
            return
        for notice in model.notices:
            if notice not in known:
                self.state.raise_model_notice(Failure("note", notice))
        self._settling = True  # the answer brings the maps of the layer along
        self._settle_layer(model)
        self._settling = False
        self._classify()
        self._submit(WeightsRequest(next(self._ids), model.spec.architecture))
        self._classify_strip()
        self._update_busy()

    def _settle_layer(self, model: ModelInfo) -> None:
        """Keep the chosen layer where the new model has one of that name, else take its default."""
        keys = {layer.key for layer in model.layers} | {layer.name for layer in model.layers}
        for layer in (self._wanted_layer, self.state.layer):
            if layer in keys:
                self.state.layer = layer
                break
        else:
            if self._wanted_layer:
                message = f"{model.title} has no layer called {self._wanted_layer!r}; its default layer is shown."
                self.state.raise_model_notice(Failure("note", message))
            self.state.layer = model.default_layer
        self._wanted_layer = ""
        self.state.layer_changed.emit(self.state.layer)

    @Slot(object)
    def _image_changed(self, image: ImageRef | None) -> None:
        if image is None:
            self._show_nothing()
        else:
            self._classify()

    def _show_nothing(self) -> None:
        self._maps_soon.stop()
        self._pending.pop(ClassifyRequest, None)
        self._pending.pop(ActivationRequest, None)
        self.state.set_failure(None)
        self.state.set_picture(None)
        self.state.set_network_input(None)
        self.state.set_classification(None)
        self.state.set_activations(None)
        self._update_busy()

    def _classify(self) -> None:
        if self.state.image is not None and LoadRequest not in self._pending and self.state.model is not None:
            self._pending.pop(ActivationRequest, None)
            self._submit(ClassifyRequest(next(self._ids), self.state.image, self.state.layer))

    @Slot(str)
    def _layer_changed(self, layer: str) -> None:
        if self._settling or LoadRequest in self._pending or self.state.image is None or self.state.model is None:
            return
        if ClassifyRequest in self._pending:
            self._classify()
        elif layer and self.state.failure is None:
            self._submit(ActivationRequest(next(self._ids), self.state.image, layer))

    @Slot(object, object)
    def _inspected(self, request: ClassifyRequest, inspection: Any) -> None:
        if not self._is_current(request):
            return
        self.state.set_failure(None)
        self.state.set_picture(inspection.picture)
        self.state.set_network_input(inspection.network_input)
        self.state.set_classification(inspection.classification)
        self._maps = inspection.activations
        self._maps_soon.start()
        top = inspection.classification.predictions[:1]
        self.state.add_verdicts((Verdict(request.image, top[0] if top else None),))
        self._update_busy()

    @Slot()
    def _show_maps(self) -> None:
        self.state.set_activations(self._maps)
        self._maps = None
        self._update_busy()

    @Slot(object, object)
    def _activated(self, request: ActivationRequest, activations: Any) -> None:
        if self._is_current(request):
            self._maps_soon.stop()
            self.state.set_activations(activations)
            self._update_busy()

    @Slot(object, object)
    def _answered(self, request: Any, value: object) -> None:
        if self._is_current(request):
            self.answered.emit(request, value)
            self._update_busy()

    @Slot(object, object)
    def _advanced(self, request: Any, progress: object) -> None:
        if self._pending.get(type(request)) == request.id:
            self.advanced.emit(request, progress)

    @Slot(object, object)
    def _failed(self, request: Any, failure: Failure) -> None:
        if not self._is_current(request):
            return
        if isinstance(request, ClassifyRequest):
            self._show_failure(request.image, failure)
        elif type(request) in TOOLS or isinstance(request, PreprocessRequest):
            self.refused.emit(request, failure)
        else:
            self.state.raise_model_notice(failure)
        if isinstance(request, ActivationRequest):
            self.state.set_activations(None)  # the maps of another layer would stand under this one's name
        if isinstance(request, LoadRequest):
            self._keep_last_good()
        self._update_busy()

    def _show_failure(self, image: ImageRef, failure: Failure) -> None:
        self._maps_soon.stop()
        self.state.set_picture(None)
        self.state.set_network_input(None)
        self.state.set_classification(None)
        self.state.set_activations(None)
        self.state.set_failure(failure)
        self.state.add_verdicts((Verdict(image, None, failure),))

    def _keep_last_good(self) -> None:
        """A load failed: stay with the model there is; at the start there is none, so take the built-in one."""
        if self.state.model is not None:
            self.state.restore_truth()
            self._classify()
        elif self.state.spec != BUILTIN_SPEC or self.state.device != "auto":
            self.state.raise_model_notice(Failure("note", "The built-in model is used instead."))
            self._fell_back = True  # why it came to that is still to be read when the built-in model is there
            self.state.device = "auto"
            self.state.choose_spec(BUILTIN_SPEC)

    @Slot(object, object)
    def _weights_listed(self, request: WeightsRequest, options: Any) -> None:
        if self._is_current(request):
            self.state.set_weights(options)
            self._update_busy()

    @Slot(object)
    def _images_appended(self, _: object) -> None:
        self._strip_soon.start()

    @Slot(object)
    def _images_removed(self, _: object) -> None:
        if StripRequest in self._pending:
            self._strip_soon.start()

    @Slot()
    def _classify_strip(self) -> None:
        self._strip_soon.stop()
        if self.state.model is None or LoadRequest in self._pending:
            return
        left = tuple(image for image in self.state.images if self.state.verdict(image) is None)
        if left or StripRequest in self._pending:
            self._submit(StripRequest(next(self._ids), left))
        else:
            self._update_busy()

    @Slot(int)
    def _strip_done(self, request_id: int) -> None:
        if self._pending.get(StripRequest) == request_id:
            del self._pending[StripRequest]
            self._update_busy()
