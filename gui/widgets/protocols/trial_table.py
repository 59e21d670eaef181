"""The table of protocols side by side."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize, Qt, Slot
from PySide6.QtGui import QColor, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyleOptionViewItem, QWidget

from gui import theme
from gui.itemmodels.trial_model import AGREEMENT, FAILED_ROLE, NAME, SCALES, TIME, TOP, VIEWS, TrialModel
from gui.widgets.row_table import RowTable
from gui.widgets.text_delegate import PADDING, CellDelegate, TextDelegate

ROW_HEIGHT = 40
_BOX = 24


class TopsDelegate(CellDelegate):
    """The top-5 in two lines at most, the first name first; why there is none in the colour of warnings."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        """Draw the text wrapped."""
        # A number is not parted from its unit at the end of a line.
        text = self.paint_ground(painter, option, index).replace(" %", "\u00a0%")
        c, failed = theme.colours(), bool(index.data(FAILED_ROLE))
        room = option.rect.adjusted(PADDING, 2, -PADDING, -2)
        painter.save()
        painter.setFont(theme.tabular(option.font))
        painter.setPen(QColor(c.warning if failed else c.text))
        flags = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap)
        metrics = painter.fontMetrics()
        while text and metrics.boundingRect(room, flags, text).height() > room.height():
            text = text.removesuffix("…")[:-2].rstrip(" ,") + "…"
        painter.drawText(room, flags, text)
        painter.restore()


class TrialTable(RowTable):
    """Boxes to check at the left (Space), and what came of each protocol."""

    def __init__(self, model: TrialModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("trialTable")
        self.setAccessibleName("Protocols side by side")
        self.setModel(model)
        numbers = TextDelegate(self, numbers=True)
        for column in (SCALES, TIME, VIEWS, AGREEMENT):
            self.setItemDelegateForColumn(column, numbers)
        self.setItemDelegateForColumn(TOP, TopsDelegate(self))
        self.set_up(ROW_HEIGHT)
        model.dataChanged.connect(self._span)
        self._span()

    @Slot()
    def _span(self) -> None:
        """Why a row is empty is written over all that it has not."""
        for row in range(self.model().rowCount()):
            wanted = AGREEMENT - TOP + 1 if self.model().index(row, TOP).data(FAILED_ROLE) else 1
            if self.columnSpan(row, TOP) != wanted:
                self.setSpan(row, TOP, 1, wanted)

    def sizeHint(self) -> QSize:
        """All rows."""
        rows = self.model().rowCount()
        return QSize(760, self.horizontalHeader().sizeHint().height() + rows * ROW_HEIGHT + 2)

    def minimumSizeHint(self) -> QSize:
        """A few rows."""
        return QSize(480, self.horizontalHeader().sizeHint().height() + 3 * ROW_HEIGHT)

    def fit_columns(self) -> None:
        """The top-5 takes what the others leave."""
        metrics = QFontMetrics(theme.tabular(self.font()))
        widest = {
            NAME: "Dense and multi-crop", SCALES: "256, 384, 512", TIME: "9999 ms", VIEWS: "Views ",
            AGREEMENT: "✓ 150 of 156 views",
        }  # fmt: skip
        taken = 0
        for column, text in widest.items():
            wide = metrics.horizontalAdvance(text) + 2 * PADDING + (_BOX if column == NAME else 0)
            self.setColumnWidth(column, wide)
            taken += wide
        self.setColumnWidth(TOP, max(160, self.viewport().width() - taken))
