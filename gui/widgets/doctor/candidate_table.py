"""The architectures that a weights file may belong to; choosing a row chooses one."""

from __future__ import annotations

from PySide6.QtCore import QItemSelection, QSize, Signal, Slot
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QHeaderView, QWidget

from core.types import Candidate
from gui import theme
from gui.itemmodels.candidate_model import HEADERS, MODEL, CandidateModel
from gui.widgets.row_table import RowTable
from gui.widgets.text_delegate import PADDING, TextDelegate

ROW_HEIGHT = 26
_MOST_ROWS = 5


class CandidateTable(RowTable):
    """Model, matched, missing, unexpected, of another shape."""

    architecture_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("candidates")
        self.setAccessibleName("Models that the file may belong to")
        self.setAccessibleDescription("The best first; choose another row to load the file as another model")
        self.rows = CandidateModel(self)
        self.setModel(self.rows)
        self.setItemDelegate(TextDelegate(self))
        self.setFont(theme.tabular(self.font()))
        self.set_up(ROW_HEIGHT)
        self.horizontalHeader().setSectionResizeMode(MODEL, QHeaderView.ResizeMode.Stretch)
        self.fit_columns()
        self.selectionModel().selectionChanged.connect(self._choose)

    def show_candidates(self, candidates: tuple[Candidate, ...], chosen: str | None) -> None:
        """Show other candidates, and one of them as chosen, without telling anybody."""
        blocked = self.blockSignals(True)
        self.rows.set_rows(candidates)
        row = self.rows.row_of(chosen) if chosen else -1
        if row >= 0:
            self.selectRow(row)
        self.blockSignals(blocked)
        self.updateGeometry()

    @property
    def architecture(self) -> str:
        """The model that is chosen; "" for none."""
        selected = self.selectionModel().selectedRows()
        return self.rows.row(selected[0].row()).model if selected else ""

    @Slot(QItemSelection, QItemSelection)
    def _choose(self, *_: object) -> None:
        if self.architecture:
            self.architecture_chosen.emit(self.architecture)

    def fit_columns(self) -> None:
        """Give the numbers the width of their headings."""
        metrics = QFontMetrics(self.horizontalHeader().font())
        for column, heading in enumerate(HEADERS):
            if column != MODEL:
                self.setColumnWidth(column, metrics.horizontalAdvance(heading) + 3 * PADDING)

    def sizeHint(self) -> QSize:
        """Room for the first few."""
        rows = max(1, min(_MOST_ROWS, self.rows.rowCount()))
        return QSize(480, self.horizontalHeader().sizeHint().height() + rows * ROW_HEIGHT + 2)

    def minimumSizeHint(self) -> QSize:
        """As high as :meth:`sizeHint`."""
        return QSize(320, self.sizeHint().height())
