"""A layer without a spatial extent: all its units as a strip, the strongest as bars, and what they say to a category."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from core.insight.readout import contributions
from core.types import ActivationVector
from gui import theme
from gui.itemmodels.unit_model import CONTRIBUTION, UNIT, VALUE, WEIGHT, UnitModel, format_value
from gui.state import AppState
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.unit_strip import UnitStrip
from gui.widgets.unit_table import UnitTable

_NAME = "vector"
_SORTS = {"Activation": VALUE, "Contribution": CONTRIBUTION, "Weight": WEIGHT, "Unit": UNIT}
_MARGIN = 10


class VectorView(QWidget):
    """Shows an :class:`ActivationVector`. The chosen unit is :attr:`Selection.channel`; a click in strip or table chooses it.

    Of the network's last layer, choosing a row chooses its category too. Of the layer that the last linear one reads, each
    unit has its weight and its contribution to the category that everything is about.
    """

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._vector: ActivationVector | None = None
        self._following = False
        self.strip = UnitStrip(self)
        self.model = UnitModel(self)
        self.table = UnitTable(self.model, self)
        self.sorting = QComboBox(self)
        self.sorting.setObjectName("unitOrder")
        self.sorting.addItems(list(_SORTS))
        self.sorting.setAccessibleName("Sort by")
        self.sorting.setToolTip("Which units come first; a click on a heading sorts too, a second one turns the order round")
        self.words = ElidedLabel(self, muted=True)
        self._lay_out()
        self._connect()
        self._show_readout()

    def _lay_out(self) -> None:
        self._about = QWidget(self)
        label = QLabel("Sort by", self._about)
        label.setProperty("muted", True)
        label.setBuddy(self.sorting)
        row = QHBoxLayout(self._about)
        row.setContentsMargins(_MARGIN, 0, _MARGIN, 0)
        row.setSpacing(2 * theme.GRID)
        row.addWidget(label)
        row.addWidget(self.sorting)
        row.addWidget(self.words, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(8)
        strip = QVBoxLayout()
        strip.setContentsMargins(_MARGIN, 0, _MARGIN, 0)
        strip.addWidget(self.strip)
        column.addLayout(strip)
        column.addWidget(self._about)
        column.addWidget(self.table, 1)
        self.setTabOrder(self.strip, self.sorting)
        self.setTabOrder(self.sorting, self.table)

    def _connect(self) -> None:
        state = self._state
        self.strip.unit_chosen.connect(state.selection.set_channel)
        self.table.selectionModel().currentRowChanged.connect(self._choose)
        self.table.clicked.connect(self._choose)
        self.table.horizontalHeader().sortIndicatorChanged.connect(self._follow_sorting)
        self.sorting.currentTextChanged.connect(self._sort)
        state.selection.channel_changed.connect(self._follow_channel)
        state.selection.category_changed.connect(self._show_readout)
        state.classification_changed.connect(self._show_readout)
        state.channel.class_weights_changed.connect(self._show_readout)

    def set_vector(self, vector: ActivationVector) -> None:
        """Show another vector; the chosen unit stays chosen where there is one of that number."""
        self._vector = vector
        self._following = True
        self.model.set_categories(self._state.model.categories if self._state.model is not None else ())
        self.strip.set_values(vector.values)
        self.model.set_vector(vector)
        self.table.show_labels(bool(vector.labels))
        self._following = False
        self._show_readout()

    @Slot()
    def _show_readout(self, *_: object) -> None:
        """Fill in weights and contributions, if they are known of the layer that is shown."""
        vector, weights, category = self._vector, self._state.channel.class_weights, self._state.category
        known = vector is not None and weights is not None and weights.layer == vector.layer.key and category is not None
        self._about.setVisible(known)
        self._following = True
        if vector is not None and weights is not None and category is not None and known:
            shares = contributions(vector.values, weights, category)
            name = self._category_name(category)
            self.model.set_readout(weights.weights[category], shares, name)
            total, bias = float(shares.sum()), float(weights.bias[category])
            sign = "−" if bias < 0 else "+"
            logit = f"{format_value(total)} {sign} bias {format_value(abs(bias))} = logit {format_value(total + bias)}"
            self.words.setText(f"{name}: {logit}")
            self.words.setAccessibleDescription(f"Contributions to {name} and bias sum up: {logit}")
        elif self.model.has_readout:
            self.model.set_readout(None, None, "")
        self.table.fit_columns()
        self._describe_table()
        self._following = False
        self._follow_channel()

    def _describe_table(self) -> None:
        """Say which rows there are, and by what they are sorted."""
        vector = self._vector
        if vector is None:
            return
        order = f"sorted by {self.sorting.currentText().lower()}" if self.sorting.currentText() else ""
        words = (f"{self.model.rowCount()} of {vector.values.size} units of {vector.layer.key}", order)
        self.table.setAccessibleDescription(", ".join(filter(None, words)))

    def _category_name(self, category: int) -> str:
        model = self._state.model
        found = model.categories[category] if model is not None and category < len(model.categories) else str(category)
        return f"“{found}”"

    @Slot()
    def _follow_channel(self, *_: object) -> None:
        """Mark the chosen unit in the strip, and in the table if it is among its rows."""
        unit = self._state.selection.channel
        self.strip.set_marked(unit)
        row = self.model.row_of(unit)
        if row == self.table.currentIndex().row():
            return
        self._following = True
        if row >= 0:
            self.table.setCurrentIndex(self.model.index(row, 0))
        else:
            self.table.setCurrentIndex(QModelIndex())
            self.table.clearSelection()
        self._following = False

    @Slot(QModelIndex)
    def _choose(self, index: QModelIndex, *_: object) -> None:
        """A person chose a row."""
        if self._following or not index.isValid() or self._vector is None:
            return
        unit = self.model.unit(index.row())
        self._state.selection.set_channel(unit)
        if self._vector.labels:
            self._state.selection.set_category(unit)

    @Slot(str)
    def _sort(self, name: str) -> None:
        column = _SORTS.get(name)
        headings = self.table.horizontalHeader()
        if column is not None and column != headings.sortIndicatorSection():
            ascending = column == UNIT
            self.table.sortByColumn(column, Qt.SortOrder.AscendingOrder if ascending else Qt.SortOrder.DescendingOrder)

    @Slot()
    def _follow_sorting(self, *_: object) -> None:
        """The rows stand in another order: show by what, and find the chosen unit among them."""
        section = self.table.horizontalHeader().sortIndicatorSection()
        names = [name for name, column in _SORTS.items() if column == section]
        self.sorting.blockSignals(True)
        self.sorting.setCurrentText(names[0] if names else self.sorting.currentText())
        self.sorting.blockSignals(False)
        self._following = True
        self.table.setCurrentIndex(QModelIndex())
        self.table.clearSelection()
        self._following = False
        self._describe_table()
        self._follow_channel()

    def showEvent(self, event: QShowEvent) -> None:
        """Have the weights looked up."""
        super().showEvent(event)
        self._state.channel.want(_NAME, True)

    def hideEvent(self, event: QHideEvent) -> None:
        """They need not be looked up any more."""
        super().hideEvent(event)
        self._state.channel.want(_NAME, False)
