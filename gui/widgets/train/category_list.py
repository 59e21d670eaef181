"""The categories of a data set: how many pictures each has, and what they look like."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from core.types import DatasetSurvey
from gui import theme
from gui.itemmodels.survey_model import SurveyModel
from gui.widgets.placeholder import paint_failure, paint_hint
from gui.widgets.train.category_delegate import LEAST, MOST, PADDING, SurveyRowDelegate


class CategoryList(QListView):
    """A row a category; while there are none, what to do, or what is wrong."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows = SurveyModel(self)
        self._hint = ("", "")
        self._failed = False
        self.setObjectName("categoryList")
        self.setAccessibleName("Categories")
        self.setModel(self._rows)
        self._delegate = SurveyRowDelegate(self)
        self.setItemDelegate(self._delegate)
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def show_survey(self, survey: DatasetSurvey) -> None:
        """Show the categories of a data set."""
        self._rows.set_survey(survey)
        self._fit()
        self.setAccessibleDescription(
            f"{len(survey.categories)} categories with {survey.train} pictures to train with and {survey.val} to validate with"
        )

    def show_hint(self, title: str, detail: str, *, failed: bool = False) -> None:
        """Say something where there are no categories."""
        self._rows.set_survey(None)
        self._hint, self._failed = (title, detail), failed
        self.setAccessibleDescription(f"{title}. {detail}")
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Few categories have larger pictures."""
        self._fit()
        super().resizeEvent(event)

    def _fit(self) -> None:
        tile = max(LEAST, min(MOST, self.viewport().height() // max(1, self._rows.rowCount()) - PADDING))
        if tile != self._delegate.tile:
            self._delegate.tile = tile
            self.scheduleDelayedItemsLayout()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the rows, or the hint."""
        super().paintEvent(event)
        if self._rows.rowCount() == 0 and any(self._hint):
            painter = QPainter(self.viewport())
            painter.setFont(self.font())
            room = self.viewport().rect().adjusted(*(4 * theme.GRID,) * 2, *(-4 * theme.GRID,) * 2)
            (paint_failure if self._failed else paint_hint)(painter, room, *self._hint)
            painter.end()
