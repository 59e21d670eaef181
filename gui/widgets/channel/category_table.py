"""The categories that a unit speaks for, or against, under a heading."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QSize, Signal, Slot
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from gui import theme
from gui.itemmodels.category_weight_model import CATEGORY, WEIGHT, CategoryWeightModel
from gui.widgets.row_table import RowTable
from gui.widgets.text_delegate import TextDelegate
from gui.widgets.value_delegate import ValueDelegate

_ROW_HEIGHT = 22


class _Rows(RowTable):
    """As high as its rows."""

    def __init__(self, model: CategoryWeightModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModel(model)
        self.setItemDelegateForColumn(CATEGORY, TextDelegate(self))
        self.setItemDelegateForColumn(WEIGHT, ValueDelegate(self))
        self.set_up(_ROW_HEIGHT)
        self.horizontalHeader().hide()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        model.modelReset.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        """All rows."""
        return QSize(240, self.model().rowCount() * _ROW_HEIGHT + 2)

    def minimumSizeHint(self) -> QSize:
        """All rows, however narrow."""
        return QSize(120, self.sizeHint().height())

    def fit_columns(self) -> None:
        """Half for the names, half for bar and number; a narrow one gives up the bar."""
        metrics = QFontMetrics(theme.tabular(self.font()))
        width, number = self.viewport().width(), ValueDelegate.number_width(metrics)
        weight = max(number, round(width * 0.5))
        self.setColumnWidth(CATEGORY, max(0, width - weight))
        self.setColumnWidth(WEIGHT, weight)


class CategoryTable(QWidget):
    """Up to five rows; clicking one, or Enter, chooses its category."""

    category_chosen = Signal(int)

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = QLabel(title, self)
        self._title.setProperty("heading", True)
        self._nothing = QLabel("nothing", self)
        self._nothing.setProperty("muted", True)
        self.model = CategoryWeightModel(self)
        self.rows = _Rows(self.model, self)
        self.rows.setAccessibleName(title)
        self.rows.setToolTip("Click a category, or press Enter, to choose it everywhere")
        self.rows.clicked.connect(self._choose)
        self.rows.activated.connect(self._choose)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GRID)
        for part in (self._title, self._nothing, self.rows):
            column.addWidget(part)

    def show_rows(self, rows: tuple[tuple[int, str, float], ...], reach: float) -> None:
        """Show other categories; see :meth:`CategoryWeightModel.set_rows`."""
        self.model.set_rows(rows, reach)
        self._nothing.setVisible(not rows)
        self.rows.setVisible(bool(rows))

    @Slot(QModelIndex)
    def _choose(self, index: QModelIndex) -> None:
        self.category_chosen.emit(self.model.category(index.row()))
