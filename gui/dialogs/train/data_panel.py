"""Training: which pictures, and what a look at them says."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QFrame, QProgressBar, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from core.training.survey_words import Remark, remarks
from core.types import DatasetSurvey, Failure, JobProgress
from gui import theme
from gui.facts.survey import SurveyFacts
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.train.category_list import CategoryList
from gui.widgets.train.remark_row import RemarkRow

_EMPTY = ("Drop a folder of pictures here", "A folder with a folder for each category; train and val folders, or IDX files.")
_REMARKS_HEIGHT = 132


class DataPanel(QFrame):
    """Counts, samples and warnings of the chosen folder."""

    def __init__(self, facts: SurveyFacts, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._facts = facts
        self._said: tuple[Remark, ...] = ()
        self.rows: list[RemarkRow] = []
        self.setProperty("panel", True)
        self.summary = ElidedLabel(self)
        self.split = ElidedLabel(self, muted=True)
        self.list = CategoryList(self)
        self.progress = self._make_progress()
        self._remarks = QWidget()
        self._scroll = self._make_scroll()
        self._lay_out()
        facts.found.connect(self._show)
        facts.failed.connect(self._show)
        facts.wanted.connect(self._show)
        facts.progressed.connect(self._show_progress)
        self._show()

    def _make_progress(self) -> QProgressBar:
        bar = QProgressBar(self)
        bar.setTextVisible(False)
        bar.setFixedHeight(4)
        bar.setAccessibleName("Reading pictures")
        policy = bar.sizePolicy()
        policy.setRetainSizeWhenHidden(True)  # nothing moves when it is done
        bar.setSizePolicy(policy)
        bar.hide()
        return bar

    def _make_scroll(self) -> QScrollArea:
        scroll = QScrollArea(self)
        scroll.setObjectName("remarks")
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setAccessibleName("What to know about the pictures")
        scroll.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        scroll.setWidget(self._remarks)
        for ground in (scroll.viewport(), self._remarks):
            ground.setAutoFillBackground(False)  # the panel's shows through
        self._column = QVBoxLayout(self._remarks)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(2 * theme.GRID)
        self._column.addStretch(1)
        return scroll

    def _lay_out(self) -> None:
        heads = QVBoxLayout()
        heads.setContentsMargins(3 * theme.GRID, 2 * theme.GRID, 3 * theme.GRID, 0)
        heads.setSpacing(0)
        self.summary.setProperty("heading", True)
        for one in (self.summary, self.split):
            heads.addWidget(one)
        feet = QVBoxLayout()
        feet.setContentsMargins(3 * theme.GRID, 2 * theme.GRID, theme.GRID, 2 * theme.GRID)
        feet.addWidget(self._scroll)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(theme.GRID)
        column.addLayout(heads)
        column.addWidget(self.progress)
        column.addWidget(self.list, 1)
        column.addLayout(feet)

    @Slot()
    def _show(self, *_: object) -> None:
        survey, failure = self._facts.survey, self._facts.failure
        if survey is not None:
            self.list.show_survey(survey)
        elif failure is not None:
            self.list.show_hint("Nothing to learn from here", failure.message, failed=True)
        elif self._facts.wish is not None:
            self.list.show_hint("Looking…", "")
        else:
            self.list.show_hint(*_EMPTY)
        self._show_heads(survey, failure)
        self._say(remarks(survey) if survey is not None and survey.read else ())

    def _show_heads(self, survey: DatasetSurvey | None, failure: Failure | None) -> None:
        for label in (self.summary, self.split):
            label.setVisible(survey is not None)
        if survey is not None:
            count = survey.train + survey.val
            self.summary.setText(f"{len(survey.categories):,} categories, {count:,} pictures{_sides(survey)}")
            self.split.setText(f"Train + validate: {survey.split}")

    @Slot(object)
    def _show_progress(self, progress: JobProgress | None) -> None:
        self.progress.setVisible(progress is not None)
        if progress is not None:
            self.progress.setRange(0, progress.total)
            self.progress.setValue(progress.done)
            self.progress.setToolTip(f"{progress.text}: {progress.done:,} of {progress.total:,}")

    def _say(self, said: tuple[Remark, ...]) -> None:
        if said != self._said:
            self._said = said
            for row in self.rows:
                self._column.removeWidget(row)
                row.hide()
                row.deleteLater()
            self.rows = [RemarkRow(remark, self._remarks) for remark in said]
            for place, row in enumerate(self.rows):
                self._column.insertWidget(place, row)
                row.show()
        self._scroll.setVisible(bool(said))
        self._fit()

    def _fit(self) -> None:
        """As high as the sentences are, up to a point; then they scroll."""
        wanted = self._column.heightForWidth(max(1, self._scroll.viewport().width())) if self.rows else 0
        self._scroll.setFixedHeight(min(_REMARKS_HEIGHT, max(0, wanted)))

    def resizeEvent(self, event: object) -> None:
        """Sentences wrap anew."""
        super().resizeEvent(event)  # type: ignore[arg-type]
        self._fit()


def _sides(survey: DatasetSurvey) -> str:
    """The lengths of the short sides."""
    if survey.short_sides is None:
        return ""
    least, _, most = survey.short_sides
    return f", {least:,} px" if least == most else f", {least:,}–{most:,} px"
