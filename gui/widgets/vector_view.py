"""A layer without a spatial extent: all its units as a strip, the strongest as bars."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.types import ActivationVector
from gui.itemmodels.unit_model import UnitModel
from gui.widgets.unit_strip import UnitStrip
from gui.widgets.unit_table import UnitTable


class VectorView(QWidget):
    """Shows an :class:`ActivationVector`; the unit of the current row is framed in the strip."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.strip = UnitStrip(self)
        self.model = UnitModel(self)
        self.table = UnitTable(self.model, self)
        self.table.selectionModel().currentRowChanged.connect(self._mark)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(8)
        strip = QVBoxLayout()
        strip.setContentsMargins(10, 0, 10, 0)
        strip.addWidget(self.strip)
        column.addLayout(strip)
        column.addWidget(self.table, 1)

    def set_vector(self, vector: ActivationVector) -> None:
        """Show another vector; the current row stays."""
        self.strip.set_values(vector.values)
        self.model.set_vector(vector)
        self.table.show_labels(bool(vector.labels))
        self._mark(self.table.currentIndex())

    @Slot(QModelIndex)
    def _mark(self, current: QModelIndex) -> None:
        self.strip.set_marked(self.model.unit(current.row()) if current.isValid() else -1)
