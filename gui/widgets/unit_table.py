"""The strongest units as a table with bars."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from gui import theme
from gui.itemmodels.unit_model import LABEL, UNIT, VALUE, UnitModel
from gui.widgets.text_delegate import PADDING, TextDelegate
from gui.widgets.value_delegate import ValueDelegate

ROW_HEIGHT = 24


class UnitTable(QTableView):
    """Unit, label and activation of a :class:`UnitModel`; the label is shown where the layer has any."""

    def __init__(self, model: UnitModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("unitTable")
        self.setAccessibleName("Strongest units")
        self.setModel(model)
        self.setItemDelegateForColumn(UNIT, TextDelegate(self, numbers=True, muted=True))
        self.setItemDelegateForColumn(LABEL, TextDelegate(self))
        self.setItemDelegateForColumn(VALUE, ValueDelegate(self))
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self._set_up_headers()

    def _set_up_headers(self) -> None:
        rows = self.verticalHeader()
        rows.hide()
        rows.setMinimumSectionSize(ROW_HEIGHT)
        rows.setDefaultSectionSize(ROW_HEIGHT)
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        columns = self.horizontalHeader()
        columns.setHighlightSections(False)
        columns.setSectionsClickable(False)
        columns.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)

    def show_labels(self, shown: bool) -> None:
        """Show or hide the column of labels."""
        self.setColumnHidden(LABEL, not shown)
        self._fit_columns()

    def minimumSizeHint(self) -> QSize:
        """one row."""
        return QSize(160, self.horizontalHeader().sizeHint().height() + ROW_HEIGHT)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the width out."""
        super().resizeEvent(event)
        self._fit_columns()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the font."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange) and self.model() is not None:
            self._fit_columns()

    def _fit_columns(self) -> None:
        metrics = QFontMetrics(theme.tabular(self.font()))
        width = self.viewport().width()
        unit = max(metrics.horizontalAdvance("00000"), metrics.horizontalAdvance("Unit")) + 2 * PADDING + 4
        value = ValueDelegate.number_width(metrics)
        spare = max(0, width - unit - value)
        label = 0 if self.isColumnHidden(LABEL) else min(280, round(spare * 0.6))
        self.setColumnWidth(UNIT, unit)
        self.setColumnWidth(LABEL, label)
        self.setColumnWidth(VALUE, value + spare - label)
