"""The predictions while lesions are on: each row keeps its place and gets a second line, before over after."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, QRectF, Qt, Slot
from PySide6.QtGui import QColor, QFontMetrics, QPainter
from PySide6.QtWidgets import QAbstractItemDelegate, QSizePolicy, QStyle, QStyleOptionViewItem

from core.types import Prediction
from gui import theme
from gui.itemmodels.lesioned_row import LesionedRow, current_answer, format_points, lesioned_row
from gui.itemmodels.prediction_model import CATEGORY, PROBABILITY, RANK
from gui.state import AppState
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.lesions.lesion_chip import LesionChip
from gui.widgets.probability_delegate import ProbabilityDelegate
from gui.widgets.row_table import RowTable
from gui.widgets.text_delegate import PADDING, CellDelegate

ROW_HEIGHT = 35
"""Pixels of a row with two lines."""

_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class PredictionLesions(QObject):
    """Dresses a table of predictions while lesions are on, and undresses it.

    ``chip`` says that they are; ``summary`` names the new top-1, in the place of the columns' headings. Neither the order of
    the rows nor their height changes when answers come: only when the first lesion is put on and the last one taken off.
    """

    def __init__(self, state: AppState, view: RowTable) -> None:
        super().__init__(view)
        self._state, self._view = state, view
        self.chip = LesionChip(state, view.parentWidget())
        self.summary = ElidedLabel(view.parentWidget())
        self.summary.setObjectName("lesionSummary")
        self.summary.setContentsMargins(PADDING, 0, PADDING, 0)
        self.summary.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._plain: dict[int, QAbstractItemDelegate] = {}
        self._height = 0
        state.lesions.changed.connect(self._follow)
        state.lesions.answer_changed.connect(self._show)
        state.classification_changed.connect(self._show)
        self._follow()

    @Slot()
    def _follow(self) -> None:
        """Put the second lines on with the first lesion, and take them off with the last."""
        on = bool(self._state.lesions.active)
        if on != bool(self._plain):
            self._dress() if on else self._undress()
        self.summary.setVisible(on)
        self._show()

    def _dress(self) -> None:
        rows, view = self._view.verticalHeader(), self._view
        for column in range(view.model().columnCount()):
            plain = view.itemDelegateForColumn(column) or view.itemDelegate()
            self._plain[column] = plain
            view.setItemDelegateForColumn(column, _TwoLines(plain, self._state, column, view))
        self._height = rows.defaultSectionSize()
        rows.setDefaultSectionSize(ROW_HEIGHT)
        self.summary.setFixedHeight(view.horizontalHeader().sizeHint().height())
        view.horizontalHeader().hide()
        view.fit_columns()

    def _undress(self) -> None:
        for column, plain in self._plain.items():
            dressed = self._view.itemDelegateForColumn(column)
            self._view.setItemDelegateForColumn(column, plain)
            dressed.deleteLater()
        self._plain.clear()
        self._view.verticalHeader().setDefaultSectionSize(self._height)
        self._view.horizontalHeader().show()
        self._view.fit_columns()

    @Slot()
    def _show(self) -> None:
        self.summary.setText(self._words())
        self.summary.setAccessibleName(self._words())
        self._view.viewport().update()

    def _words(self) -> str:
        """Name the new top-1."""
        found, answer = self._state.classification, current_answer(self._state)
        if found is None or not self._state.lesions.active:
            return ""
        if answer is None or not answer.predictions or not found.predictions:
            return "With lesions: no answer" if self._state.lesions.refused else "With lesions: …"
        now, before = answer.predictions[0], found.predictions[0]
        number = theme.format_probability(now.probability)
        if now.index == before.index:
            return f"With lesions still first: {now.category} {number}"
        return f"With lesions first: {now.category} {number} (was {before.category})"


class _TwoLines(CellDelegate):
    """The cell as it is without lesions in the upper half; in the lower half what becomes of it."""

    def __init__(self, plain: QAbstractItemDelegate, state: AppState, column: int, view: RowTable) -> None:
        super().__init__(view)
        self._plain, self._state, self._column = plain, state, column

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw the ground, the upper half as the plain cell does, and the lower half."""
        whole, upper = QRect(option.rect), QStyleOptionViewItem(option)
        self.paint_ground(painter, option, index)
        middle = whole.top() + whole.height() // 2
        upper.rect = QRect(whole.left(), whole.top() + 2, whole.width(), middle - whole.top() - 2)
        upper.state &= ~QStyle.StateFlag.State_HasFocus
        self._plain.paint(painter, upper, index)
        lower = QRect(whole.left(), middle, whole.width(), whole.bottom() - middle - 1)
        model, row = index.model(), None
        prediction: Prediction | None = model.prediction(index.row()) if hasattr(model, "prediction") else None
        if prediction is not None:
            row = lesioned_row(self._state, prediction)
        painter.save()
        font = theme.tabular(option.font)
        painter.setFont(font)
        if self._column == RANK and row is not None and row.moved:
            painter.setPen(QColor(theme.colours().text))
            painter.drawText(lower.adjusted(0, 0, -PADDING, 0), int(_RIGHT), f"→{row.rank if row.rank < 100 else '…'}")
        elif self._column == CATEGORY:
            self._draw_change(painter, lower, row)
        elif self._column == PROBABILITY:
            self._draw_probability(painter, lower, row, selected=bool(option.state & QStyle.StateFlag.State_Selected))
        painter.restore()

    @staticmethod
    def _draw_change(painter: QPainter, room: QRect, row: LesionedRow | None) -> None:
        room = room.adjusted(PADDING, 0, -PADDING, 0)
        text = f"{format_points(row.change)} points" if row is not None else "…"
        painter.setPen(QColor(theme.colours().text if row is not None else theme.colours().muted))
        elided = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, int(_LEFT), elided)

    @staticmethod
    def _draw_probability(painter: QPainter, cell: QRect, row: LesionedRow | None, *, selected: bool) -> None:
        c = theme.colours()
        if row is None:
            return
        track = ProbabilityDelegate.track(cell, QFontMetrics(painter.font()))
        if not track.isEmpty():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            thin = QRectF(track).adjusted(0, 1, 0, -1)
            painter.setBrush(QColor(c.panel if selected else c.warning_soft))
            painter.drawRoundedRect(thin, 2, 2)
            bar = QRectF(thin)
            bar.setWidth(max(1.0, thin.width() * min(1.0, row.probability)))
            painter.setBrush(QColor(c.warning))
            painter.drawRoundedRect(bar, min(2.0, bar.width() / 2), 2)
        painter.setPen(QColor(c.text))
        painter.drawText(cell.adjusted(0, 0, -PADDING, 0), int(_RIGHT), theme.format_probability(row.probability))
