"""The thread that looks at what is to be learned from, and shows what a recipe makes of its pictures."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from core.cancel import CancelToken
from core.errors import Cancelled, LayerscopeError
from core.inference.preload import complete
from core.types import (
    DatasetSurvey,
    Failure,
    ModelSpec,
    Preprocessing,
    PreviewRequest,
    SurveyProgress,
    SurveyRequest,
)
from gui.threads.mailbox import Mailbox
from gui.threads.worker_thread import WorkerThread

if TYPE_CHECKING:
    from core.training.dataset import Dataset
    from core.training.survey import Known

log = logging.getLogger(__name__)


class SurveyThread(WorkerThread):
    """Answers the newest :class:`SurveyRequest` and :class:`PreviewRequest`; previews in between the steps of a survey.

    It is started by the first request.
    """

    advanced = Signal(object, object)  # SurveyRequest, SurveyProgress
    answered = Signal(object, object)  # request, DatasetSurvey or AugmentPreview
    failed = Signal(object, object)  # request, Failure

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__("survey", Mailbox((SurveyRequest, PreviewRequest)), parent)
        self._token = CancelToken()
        self._request: SurveyRequest | None = None
        self._work: Generator[SurveyProgress, None, DatasetSurvey] | None = None
        self._known: Known = {}
        self._dataset: tuple[tuple[Path, float, int], Dataset] | None = None
        self._how: tuple[ModelSpec, Preprocessing] | None = None

    def submit(self, request: Any) -> None:
        """Leave a request; another survey ends the one under way. From the thread that made this object."""
        if isinstance(request, SurveyRequest):
            self._token.cancel()
            self._token = CancelToken()
        super().submit(request)
        if not self.isRunning() and not self.mailbox.closed:
            self.start()

    def halt(self) -> None:
        """Give up the survey, without an answer."""
        self._token.cancel()
        self.mailbox.discard(SurveyRequest)

    def stop(self, milliseconds: int) -> bool:
        """Give up, close the mailbox and wait for the thread to end; False if it is still busy by then."""
        self.halt()
        return super().stop(milliseconds)

    def answer(self, request: Any) -> None:
        """Answer a preview; begin with a survey."""
        complete()
        if isinstance(request, PreviewRequest):
            self._guarded(request, self._preview, request)
            return
        self._request, token = request, self._token
        self._dataset = None  # the folder may have changed
        self._guarded(request, self._begin, request, token)

    def has_spare_work(self) -> bool:
        """Whether a survey is under way."""
        return self._work is not None

    def work_a_little(self) -> None:
        """Go a step on with the survey."""
        self._guarded(self._request, self._step)

    def _begin(self, request: SurveyRequest, token: CancelToken) -> None:
        from core.training.survey import survey

        self._work = survey(
            request.folder, val_share=request.val_share, seed=request.seed, token=token, known=self._known
        )

    def _step(self) -> None:
        work, request = self._work, self._request
        assert work is not None
        self._work = None
        try:
            progress = next(work)
        except StopIteration as end:
            self.answered.emit(request, end.value)
        else:
            self._work = work
            self.advanced.emit(request, progress)

    def _preview(self, request: PreviewRequest) -> None:
        from core.training.dataset import open_dataset
        from core.training.preview import preprocessing_of, preview

        key = (request.folder, request.val_share, request.recipe.seed)
        if self._dataset is None or self._dataset[0] != key:
            self._dataset = (key, open_dataset(request.folder, val_share=request.val_share, seed=request.recipe.seed))
        if self._how is None or self._how[0] != request.spec:
            self._how = (request.spec, preprocessing_of(request.spec))
        how, left_out = self._how[1], request.left_out
        self.answered.emit(
            request,
            preview(self._dataset[1], request.recipe, how, number=request.number, count=request.count, left_out=left_out),
        )

    def _guarded(self, request: Any, function: Callable[..., None], *arguments: Any) -> None:
        try:
            function(*arguments)
        except Cancelled:
            pass  # whoever gave it up knows
        except LayerscopeError as error:
            self.failed.emit(request, Failure.of(error))
        except Exception as error:
            log.exception("answering %s", request)
            message = f"Looking at “{request.folder.name}” failed: {error or type(error).__name__}. The log has the details."
            self.failed.emit(request, Failure("internal", message, request.folder))
