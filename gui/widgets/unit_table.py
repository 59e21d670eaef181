"""The strongest units as a table with bars."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QWidget

from gui import theme
from gui.itemmodels.unit_model import LABEL, UNIT, VALUE, UnitModel
from gui.widgets.row_table import RowTable
from gui.widgets.text_delegate import PADDING, TextDelegate
from gui.widgets.value_delegate import ValueDelegate

ROW_HEIGHT = 24


class UnitTable(RowTable):
    """Unit, label and activation of a :class:`UnitModel`; the label is shown where the layer has any."""

    def __init__(self, model: UnitModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("unitTable")
        self.setAccessibleName("Strongest units")
        self.setModel(model)
        self.setItemDelegateForColumn(UNIT, TextDelegate(self, numbers=True, muted=True))
        self.setItemDelegateForColumn(LABEL, TextDelegate(self))
        self.setItemDelegateForColumn(VALUE, ValueDelegate(self))
        self.set_up(ROW_HEIGHT)

    def show_labels(self, shown: bool) -> None:
        """Show or hide the column of labels."""
        self.setColumnHidden(LABEL, not shown)
        self.fit_columns()

    def minimumSizeHint(self) -> QSize:
        """One row."""
        return QSize(160, self.horizontalHeader().sizeHint().height() + ROW_HEIGHT)

    def fit_columns(self) -> None:
        """Share the width out between unit, label and value."""
        metrics = QFontMetrics(theme.tabular(self.font()))
        width = self.viewport().width()
        unit = max(metrics.horizontalAdvance("00000"), metrics.horizontalAdvance("Unit")) + 2 * PADDING + 4
        value = ValueDelegate.number_width(metrics)
        spare = max(0, width - unit - value)
        label = 0 if self.isColumnHidden(LABEL) else min(280, round(spare * 0.6))
        self.setColumnWidth(UNIT, unit)
        self.setColumnWidth(LABEL, label)
        self.setColumnWidth(VALUE, value + spare - label)
