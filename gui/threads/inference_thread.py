"""The thread that owns the model and the device. torch is first imported here, after the window is on the screen."""

from __future__ import annotations

import logging
import time
from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from core.errors import ErrorKind, LayerscopeError
from core.inference.preload import complete, import_light, map_torch
from core.types import (
    BUILTIN_SPEC,
    ActivationRequest,
    ClassifyRequest,
    Failure,
    ImageRef,
    JobProgress,
    LoadRequest,
    ModelInfo,
    ModelSpec,
    PreprocessRequest,
    StripRequest,
    Verdict,
    WeightsRequest,
)
from core.zoo.code_errors import blamed
from gui.steps import step
from gui.threads.mailbox import Mailbox
from gui.threads.toolbox import TOOLS, Toolbox
from gui.threads.worker_thread import WorkerThread

if TYPE_CHECKING:
    from core.inference.session import Session
    from core.insight.inspect import Inspector

log = logging.getLogger(__name__)

_SIMPLE = (LoadRequest, ClassifyRequest, ActivationRequest, WeightsRequest)
"""What is answered before all of torch is there."""
REPORT_EVERY = 0.08
"""Seconds between two messages about the strip: more would only keep the GUI thread busy."""


class InferenceThread(WorkerThread):
    """Answers requests about the model; every answer carries its request, so that stale ones can be dropped."""

    devices_listed = Signal(object)  # tuple[DeviceInfo, ...]
    weights_listed = Signal(object, object)  # WeightsRequest, tuple[WeightsOption, ...]
    loaded = Signal(object, object)  # LoadRequest | PreprocessRequest, ModelInfo
    inspected = Signal(object, object)  # ClassifyRequest, Inspection
    activated = Signal(object, object)  # ActivationRequest, Activations
    failed = Signal(object, object)  # request, Failure
    noticed = Signal(object)  # Failure: something was done otherwise than asked
    moved = Signal(object)  # ModelInfo of the same model, on another device now
    verdicts_made = Signal(object)  # tuple[Verdict, ...]
    progressed = Signal(object)  # JobProgress | None
    strip_done = Signal(int)  # id of the StripRequest of which nothing is left
    answered = Signal(object, object)  # request of a tool, its answer
    advanced = Signal(object, object)  # request of a tool, JobProgress

    def __init__(self, parent: QObject | None = None) -> None:
        kinds = (LoadRequest, PreprocessRequest, ClassifyRequest, ActivationRequest, *TOOLS, WeightsRequest, StripRequest)
        super().__init__("inference", Mailbox(kinds), parent)
        self._inspector: Inspector | None = None
        self._strip: deque[ImageRef] = deque()
        self._strip_request: StripRequest | None = None
        self._verdicts: list[Verdict] = []
        self._reported = 0.0
        self._advanced = 0.0
        self._toolbox = Toolbox()
        self._called_off: set[type] = set()
        self._asked_device = ""

    def call_off(self, kind: type) -> None:
        """Give up a tool's work; may be called from any thread. What is submitted afterwards is not affected."""
        self.mailbox.discard(kind)
        self._called_off.add(kind)

    def submit(self, request: Any) -> None:
        """Leave a request; may be called from any thread, before :meth:`start` too."""
        self._called_off.discard(type(request))
        super().submit(request)

    def prepare(self) -> None:
        """Have torch's kernels mapped while the window goes on; the first request imports the rest.

        For the built-in model that is little at first (see :mod:`core.inference.preload`), and the rest once a picture
        has its answer.
        """
        map_torch()

    def answer(self, request: Any) -> None:
        """Answer one request with signals."""
        handlers = {
            LoadRequest: self._load,
            PreprocessRequest: self._prepare_pictures,
            ClassifyRequest: self._classify,
            ActivationRequest: self._activate,
            WeightsRequest: self._list_weights,
            StripRequest: self._begin_strip,
        }
        try:
            if not isinstance(request, _SIMPLE):
                complete()
            handlers.get(type(request), self._begin_tool)(request)
        except LayerscopeError as error:
            self.failed.emit(request, Failure.of(error))
        except Exception as error:
            log.exception("answering %s", request)
            self.failed.emit(request, _unexpected(error))

    def _load(self, request: LoadRequest) -> None:
        if request.spec == BUILTIN_SPEC:
            import_light()
        else:
            complete()
        step("torch imported")
        from core.inference.devices import list_devices
        from core.inference.session import Session
        from core.weights.choose import settle

        self.devices_listed.emit(list_devices())
        spec = settle(request.spec)
        session = self._moved(spec, request.device) or Session.load(spec, request.device)
        step("model loaded")
        self._asked_device = request.device
        if not self.mailbox.holds(LoadRequest):  # no other model was asked for meanwhile
            self._begin_with(request, session)

    def _moved(self, spec: ModelSpec, device: str) -> Session | None:
        """Another device for what a person's code built: it runs when they ask for the model, not for that."""
        before = self._inspector.session if self._inspector is not None else None
        if before is None or spec.code is None or before.info.spec != spec or device == self._asked_device:
            return None
        return before.on_device(device)

    def _prepare_pictures(self, request: PreprocessRequest) -> None:
        from core.weights import remembered

        session = self._ready().session
        if session.info.weights_sha256 != request.weights_sha256:
            raise LayerscopeError("Another model was loaded meanwhile; its preprocessing was not changed.", kind="note")
        how = remembered.chosen(request.preprocessing) if request.preprocessing is not None else None
        changed = session.with_preprocessing(how)
        self._begin_with(request, changed)
        if request.weights_sha256:
            try:
                remembered.remember(request.weights_sha256, how if changed.info.own_preprocessing is not None else None)
            except LayerscopeError as error:
                self.noticed.emit(Failure.of(error))

    def _begin_with(self, request: LoadRequest | PreprocessRequest, session: Session) -> None:
        from core.insight.inspect import Inspector

        inspector = Inspector(session)
        inspector.hurry = self.mailbox.waits
        self._drop_strip()
        self._toolbox.drop_all()
        inspector.session.on_move = self._tell_of_move
        self._inspector = inspector
        self.loaded.emit(request, _with_default_layer(inspector.session.info))

    def _list_weights(self, request: WeightsRequest) -> None:
        from core.weights.options import weights_options

        self.weights_listed.emit(request, weights_options(request.architecture))

    def _classify(self, request: ClassifyRequest) -> None:
        inspector = self._ready()
        inspection = inspector.classify(request.image, request.layer)
        for notice in inspection.notices:
            self.noticed.emit(Failure("note", notice))
        step("picture answered")
        self.inspected.emit(request, inspection)
        complete()

    def _tell_of_move(self, notices: tuple[str, ...]) -> None:
        """Tell, once for all that the model is asked to do, that it had to leave its device."""
        for notice in notices:
            self.noticed.emit(Failure("note", notice))
        self.moved.emit(_with_default_layer(self._ready().session.info))

    def _activate(self, request: ActivationRequest) -> None:
        self.activated.emit(request, self._ready().activations(request.image, request.layer))

    def _ready(self) -> Inspector:
        if self._inspector is None:
            raise LayerscopeError("No model is loaded yet. Choose one in the bar at the top.", kind="architecture")
        return self._inspector

    def _begin_strip(self, request: StripRequest) -> None:
        self._report()
        self._strip = deque(request.images)
        self._strip_request = request
        if not request.images:
            self._end_strip()

    def _drop_strip(self) -> None:
        self._strip.clear()
        self._verdicts.clear()

    def has_spare_work(self) -> bool:
        """Whether a tool is at work, or pictures of the strip wait for their top-1."""
        return bool(self._strip) or self._toolbox.busy(background=False) or self._toolbox.busy(background=True)

    def work_a_little(self) -> None:
        """Do a step of a tool, or find the top-1 of one picture of the strip."""
        while self._called_off:
            self._toolbox.drop(self._called_off.pop())
        if self._toolbox.busy(background=False):
            self._step(background=False)
        elif self._strip:
            self._find_verdict()
        elif self._toolbox.busy(background=True):
            self._step(background=True)

    def _begin_tool(self, request: Any) -> None:
        self._toolbox.begin(self._ready(), request)

    def _step(self, *, background: bool) -> None:
        request = self._toolbox.next_request(background=background)
        try:
            done, value = self._toolbox.step(request)
        except LayerscopeError as error:
            self.failed.emit(request, Failure.of(error))
        except Exception as error:
            log.exception("answering %s", request)
            self.failed.emit(request, _unexpected(error))
        else:
            if done:
                self.answered.emit(request, value)
            elif time.monotonic() - self._advanced > REPORT_EVERY:
                self._advanced = time.monotonic()
                self.advanced.emit(request, value)

    def _find_verdict(self) -> None:
        image = self._strip.popleft()
        try:
            self._verdicts.append(self._ready().verdict(image))
        except LayerscopeError as error:
            self._verdicts.append(Verdict(image, None, Failure.of(error)))
        except Exception as error:
            log.exception("verdict on %s", image.path)
            self._verdicts.append(Verdict(image, None, _unexpected(error)))
        if not self._strip:
            self._report()
            self._end_strip()
        elif time.monotonic() - self._reported > REPORT_EVERY:
            self._report()

    def _report(self) -> None:
        self._reported = time.monotonic()
        if self._verdicts:
            self.verdicts_made.emit(tuple(self._verdicts))
            self._verdicts.clear()
        if self._strip and self._strip_request is not None:
            total = len(self._strip_request.images)
            done = total - len(self._strip)
            self.progressed.emit(JobProgress(done, total, f"Classifying {done} of {total}"))

    def _end_strip(self) -> None:
        self.progressed.emit(None)
        if self._strip_request is not None:
            self.strip_done.emit(self._strip_request.id)

    def finish(self) -> None:
        """Let the model go in the thread that owns it."""
        self._toolbox.drop_all()
        self._inspector = None


def _with_default_layer(info: ModelInfo) -> ModelInfo:
    from core.insight.layers import default_layer

    return replace(info, default_layer=default_layer(info.layers))


def _unexpected(error: Exception) -> Failure:
    theirs = blamed(error)
    if theirs is not None:
        return Failure(theirs.kind, theirs.message, theirs.path)
    kind: ErrorKind = "internal"
    return Failure(kind, f"Something unexpected went wrong: {error or type(error).__name__}. The log has the details.")
