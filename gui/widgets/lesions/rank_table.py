"""The table of a ranking."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from gui import theme
from gui.itemmodels.rank_model import CHANNEL, LOGIT, PROBABILITY, RankModel
from gui.state import AppState
from gui.widgets.row_table import RowTable
from gui.widgets.text_delegate import PADDING, TextDelegate
from gui.widgets.value_delegate import ValueDelegate

ROW_HEIGHT = 24
_SHOWN = 5
_EMPTY = "Each channel is muted alone; those that the category loses most by come first."
_LOGIT_FROM = 250


class PointsDelegate(ValueDelegate):
    """A signed bar with percentage points."""

    widest = "−100.0"


class RankTable(RowTable):
    """Channels, the largest loss first: a click chooses one, a double click or Return mutes it."""

    mute_wanted = Signal(int)  # channel

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.setObjectName("rankTable")
        self.setAccessibleName("Channels by what muting them costs")
        self.setToolTip("A click chooses the channel; a double click or Return mutes it")
        self.rows = RankModel(state, self)
        self.setModel(self.rows)
        self.setItemDelegateForColumn(CHANNEL, TextDelegate(self, numbers=True))
        self.setItemDelegateForColumn(PROBABILITY, PointsDelegate(self))
        self.setItemDelegateForColumn(LOGIT, TextDelegate(self, numbers=True, muted=True))
        self.set_up(ROW_HEIGHT)
        self.clicked.connect(self._choose)
        self.doubleClicked.connect(self._mute)
        state.selection.channel_changed.connect(self._show_channel)

    @property
    def channel(self) -> int:
        """The channel of the current row; -1 without one."""
        index = self.currentIndex()
        return self.rows.channel(index.row()) if index.isValid() else -1

    @Slot(QModelIndex)
    def _choose(self, index: QModelIndex) -> None:
        """Show the layer of the ranking, and choose the channel."""
        ranking = self.rows.ranking
        if ranking is not None:
            self._state.set_layer(ranking.layer)
            self._state.selection.set_channel(self.rows.channel(index.row()))

    @Slot()
    def _show_channel(self) -> None:
        """Mark the row of the channel that was chosen elsewhere."""
        ranking, channel = self.rows.ranking, self._state.selection.channel
        if ranking is not None and ranking.layer == self._state.layer and channel != self.channel:
            row = self.rows.row_of(channel)
            self.setCurrentIndex(self.rows.index(row, CHANNEL) if row >= 0 else QModelIndex())

    @Slot(QModelIndex)
    def _mute(self, index: QModelIndex) -> None:
        self.mute_wanted.emit(self.rows.channel(index.row()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and Down choose channels, Return mutes."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.channel >= 0:
            self.mute_wanted.emit(self.channel)
            event.accept()
            return
        before = self.currentIndex().row()
        super().keyPressEvent(event)
        if self.currentIndex().isValid() and self.currentIndex().row() != before:
            self._choose(self.currentIndex())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the rows, or what stands here once there are some."""
        super().paintEvent(event)
        if self.rows.rowCount():
            return
        painter = QPainter(self.viewport())
        painter.setPen(QColor(theme.colours().muted))
        room = self.viewport().rect().adjusted(8, 4, -8, -4)
        text = "Measuring…" if self._state.lesions.wish is not None else _EMPTY
        painter.drawText(room, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), text)
        painter.end()

    def sizeHint(self) -> QSize:
        """A few rows."""
        return QSize(280, self.horizontalHeader().sizeHint().height() + _SHOWN * ROW_HEIGHT + 2)

    def minimumSizeHint(self) -> QSize:
        """Fewer."""
        return QSize(160, self.horizontalHeader().sizeHint().height() + 3 * ROW_HEIGHT + 2)

    def fit_columns(self) -> None:
        """The bars take what the numbers leave; where it is narrow the logit goes."""
        metrics = QFontMetrics(theme.tabular(self.font()))
        width = self.viewport().width()
        channel = metrics.horizontalAdvance("Channel") + 2 * PADDING + 4
        logit = 0 if width < _LOGIT_FROM else metrics.horizontalAdvance("−00.000") + 2 * PADDING
        self.setColumnHidden(LOGIT, not logit)
        self.setColumnWidth(CHANNEL, channel)
        self.setColumnWidth(LOGIT, logit)
        self.setColumnWidth(PROBABILITY, max(80, width - channel - logit))
        self.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignVCenter)
