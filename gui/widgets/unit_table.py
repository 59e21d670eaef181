"""Units of a vector as a table with bars."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QWidget

from gui import theme
from gui.itemmodels.unit_model import CONTRIBUTION, LABEL, UNIT, VALUE, WEIGHT, UnitModel
from gui.widgets.row_table import RowTable
from gui.widgets.text_delegate import PADDING, TextDelegate
from gui.widgets.value_delegate import ValueDelegate

ROW_HEIGHT = 24
_SHORTEST_BAR = 24
_ARROW = 16
"""Room for the arrow that tells by which column the rows are sorted."""


class UnitTable(RowTable):
    """Unit, label, activation, weight and contribution of a :class:`UnitModel`; a click on a heading sorts.

    The label is shown where the layer has any, weight and contribution where they are known and there is room.
    """

    def __init__(self, model: UnitModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("unitTable")
        self.setAccessibleName("Strongest units")
        self.setModel(model)
        self._units = model
        self._labelled = True
        numbers = TextDelegate(self, numbers=True, muted=True)
        self.setItemDelegateForColumn(UNIT, numbers)
        self.setItemDelegateForColumn(WEIGHT, numbers)
        self.setItemDelegateForColumn(LABEL, TextDelegate(self))
        bars = ValueDelegate(self)
        self.setItemDelegateForColumn(VALUE, bars)
        self.setItemDelegateForColumn(CONTRIBUTION, bars)
        self.set_up(ROW_HEIGHT)
        headings = self.horizontalHeader()
        headings.setSectionsClickable(True)
        headings.setSortIndicator(VALUE, Qt.SortOrder.DescendingOrder)
        self.setSortingEnabled(True)

    def show_labels(self, shown: bool) -> None:
        """Show or hide the column of labels."""
        self._labelled = shown
        self.fit_columns()

    def minimumSizeHint(self) -> QSize:
        """One row."""
        return QSize(160, self.horizontalHeader().sizeHint().height() + ROW_HEIGHT)

    def fit_columns(self) -> None:
        """Share the width out: unit, value and contribution first, then bars, weight and label."""
        metrics = QFontMetrics(theme.tabular(self.font()))
        width = self.viewport().width()
        unit = max(metrics.horizontalAdvance("00000"), metrics.horizontalAdvance("Unit")) + 2 * PADDING + 4
        number = ValueDelegate.number_width(metrics)
        heading = metrics.horizontalAdvance("Contribution") + 2 * PADDING + _ARROW
        known = self._units.has_readout
        share = max(number, heading) if known and width >= unit + number + heading else 0
        weight = number if share and width >= unit + 2 * number + share + 2 * _SHORTEST_BAR else 0
        spare = max(0, width - unit - number - share - weight)
        label = min(280, round(spare * 0.6)) if self._labelled else 0
        bars = spare - label
        self._set(UNIT, unit)
        self._set(LABEL, label)
        self._set(WEIGHT, weight)
        more = bars // 2 if share else 0
        self._set(CONTRIBUTION, share + more if share else 0)
        self._set(VALUE, number + bars - more)

    def _set(self, column: int, width: int) -> None:
        self.setColumnHidden(column, width <= 0)
        if width > 0:
            self.setColumnWidth(column, width)
