"""The look at what is to be learned from, and at what a recipe makes of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from core.types import AugmentPreview, DatasetSurvey, Failure, JobProgress, ModelSpec, Recipe


@dataclass(frozen=True, slots=True)
class SurveyWish:
    """Which data set, and how it is divided where it is not divided itself."""

    folder: Path
    val_share: float = 0.1
    seed: int = 0


@dataclass(frozen=True, slots=True)
class PreviewWish:
    """Which picture of a data set is to be shown as which recipe changes it for which network."""

    data: SurveyWish
    spec: ModelSpec
    recipe: Recipe
    number: int = 0
    left_out: frozenset[str] = frozenset()


class SurveyFacts(QObject):
    """Wishes, and their answers; None of a wish means that nobody looks."""

    wanted = Signal(object)  # SurveyWish | None
    found = Signal(object)  # DatasetSurvey | None: what is known by now
    progressed = Signal(object)  # JobProgress | None while pictures are read
    failed = Signal(object)  # Failure | None: why there is nothing to look at
    preview_wanted = Signal(object)  # PreviewWish | None
    preview_changed = Signal(object)  # AugmentPreview | Failure | None

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.wish: SurveyWish | None = None
        self.survey: DatasetSurvey | None = None
        self.progress: JobProgress | None = None
        self.failure: Failure | None = None
        self.preview_wish: PreviewWish | None = None
        self.preview: AugmentPreview | Failure | None = None

    def want(self, wish: SurveyWish | None, *, anew: bool = False) -> None:
        """Ask for a look; ``anew`` also where it was had already: files may have changed."""
        if wish == self.wish and not anew:
            return
        other = wish is None or self.wish is None or wish.folder != self.wish.folder
        self.wish = wish
        if other:
            self.set_survey(None)
            self.set_preview(None)
            self.preview_wish = None
        self.set_failure(None)
        self.set_progress(None)
        self.wanted.emit(wish)

    def set_survey(self, survey: DatasetSurvey | None) -> None:
        """Note what is known of it."""
        if survey is not self.survey:
            self.survey = survey
            self.found.emit(survey)

    def set_progress(self, progress: JobProgress | None) -> None:
        """Note how far it is."""
        if progress is not self.progress:
            self.progress = progress
            self.progressed.emit(progress)

    def set_failure(self, failure: Failure | None) -> None:
        """Note why there is nothing to look at."""
        if failure != self.failure:
            self.failure = failure
            self.failed.emit(failure)

    def want_preview(self, wish: PreviewWish | None) -> None:
        """Ask what a recipe makes of a picture."""
        if wish != self.preview_wish:
            self.preview_wish = wish
            self.preview_wanted.emit(wish)

    def set_preview(self, preview: AugmentPreview | Failure | None) -> None:
        """Note it, or why it cannot be shown."""
        if preview is not self.preview:
            self.preview = preview
            self.preview_changed.emit(preview)
