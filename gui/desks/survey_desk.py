"""Has data sets looked at, and recipes tried on their pictures, in the survey's thread."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, Slot

from core.types import DatasetSurvey, Failure, PreviewRequest, SurveyProgress, SurveyRequest
from gui.conductor import Conductor
from gui.facts.survey import PreviewWish, SurveyWish
from gui.state import AppState


class SurveyDesk(QObject):
    """The newest wish of each kind is the only one waited for."""

    def __init__(self, state: AppState, conductor: Conductor) -> None:
        super().__init__(conductor)
        self._facts = state.survey
        self._conductor = conductor
        self._thread = conductor.survey
        self._survey = self._preview = 0
        self._facts.wanted.connect(self._ask)
        self._facts.preview_wanted.connect(self._ask_for_preview)
        self._thread.advanced.connect(self._advance)
        self._thread.answered.connect(self._take)
        self._thread.failed.connect(self._refuse)

    @Slot(object)
    def _ask(self, wish: SurveyWish | None) -> None:
        self._survey = 0
        if wish is None:
            self._preview = 0
            self._thread.halt()
            return
        self._survey = self._conductor.next_id()
        self._thread.submit(SurveyRequest(self._survey, wish.folder, wish.val_share, wish.seed))

    @Slot(object)
    def _ask_for_preview(self, wish: PreviewWish | None) -> None:
        self._preview = 0
        if wish is not None:
            self._preview = self._conductor.next_id()
            data, left_out = wish.data, wish.left_out
            self._thread.submit(
                PreviewRequest(
                    self._preview, data.folder, data.val_share, wish.spec, wish.recipe, wish.number, left_out=left_out
                )
            )

    @Slot(object, object)
    def _advance(self, request: SurveyRequest, progress: SurveyProgress) -> None:
        if request.id == self._survey:
            if progress.so_far is not None:
                self._facts.set_survey(self._kept(progress.so_far))
            self._facts.set_progress(progress)

    def _kept(self, survey: DatasetSurvey) -> DatasetSurvey:
        """With the samples of the last look while there are no new ones: nothing goes blank for another split."""
        last = self._facts.survey
        if last is None or any(one.samples for one in survey.categories) or len(last.categories) != len(survey.categories):
            return survey
        looks = zip(survey.categories, last.categories, strict=True)
        return replace(survey, categories=tuple(replace(one, samples=old.samples) for one, old in looks))

    @Slot(object, object)
    def _take(self, request: Any, answer: Any) -> None:
        if request.id == self._survey:
            self._survey = 0
            self._facts.set_survey(answer)
            self._facts.set_progress(None)
        elif request.id == self._preview:
            self._preview = 0
            self._facts.set_preview(answer)

    @Slot(object, object)
    def _refuse(self, request: Any, failure: Failure) -> None:
        if request.id == self._survey:
            self._survey = 0
            self._facts.set_survey(None)
            self._facts.set_progress(None)
            self._facts.set_failure(failure)
        elif request.id == self._preview:
            self._preview = 0
            self._facts.set_preview(failure)
