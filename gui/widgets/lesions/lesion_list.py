"""The table of lesions."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QSize, Qt, Slot
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QWidget

from gui import theme
from gui.itemmodels.lesion_model import CHANNEL, LAYER, WHAT, LesionModel
from gui.itemmodels.lesioned_row import count_lesions
from gui.state import AppState
from gui.widgets.row_table import RowTable
from gui.widgets.text_delegate import PADDING, TextDelegate

ROW_HEIGHT = 24
_SHOWN = 3
_EMPTY = "Mute, clamp or scale a channel and watch the predictions. The weights stay as they are."


class LesionList(RowTable):
    """Lesions with a check box each: a click chooses the channel, Space switches, Delete takes away."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.setObjectName("lesionList")
        self.setAccessibleName("Lesions")
        self.setToolTip("A click chooses the channel; Space switches a lesion off and on, Delete removes it")
        self._rows = LesionModel(state, self)
        self.setModel(self._rows)
        self.setItemDelegateForColumn(CHANNEL, TextDelegate(self, numbers=True))
        self.setItemDelegateForColumn(WHAT, TextDelegate(self))
        self.set_up(ROW_HEIGHT)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.horizontalHeader().setSectionResizeMode(LAYER, QHeaderView.ResizeMode.Stretch)
        self.clicked.connect(self._choose)
        state.lesions.changed.connect(self._describe)
        self._describe()

    @Slot()
    def _describe(self) -> None:
        bench = self._state.lesions
        self.setAccessibleDescription(f"{count_lesions(len(bench.lesions))}, {len(bench.active)} switched on")

    @Slot(QModelIndex)
    def _choose(self, index: QModelIndex) -> None:
        """Show the layer of a lesion, and choose its channel."""
        lesion = self._rows.lesion(index.row()).lesion
        self._state.set_layer(lesion.layer)
        self._state.selection.set_channel(lesion.channel)

    def _selected(self) -> list[tuple[str, int]]:
        return [self._rows.lesion(index.row()).place for index in self.selectionModel().selectedRows()]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete removes, Space switches, Return chooses the channel."""
        key, places = event.key(), self._selected()
        if key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and places:
            self._state.lesions.remove(places)
        elif key == Qt.Key.Key_Space and places:
            off = {one.place for one in self._state.lesions.lesions if not one.enabled}
            self._state.lesions.set_enabled(places, not off.isdisjoint(places))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self._choose(self.currentIndex())
        else:
            super().keyPressEvent(event)
            return
        event.accept()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the rows, or what to do where there are none."""
        super().paintEvent(event)
        if self._rows.rowCount():
            return
        painter = QPainter(self.viewport())
        painter.setPen(QColor(theme.colours().muted))
        room = self.viewport().rect().adjusted(8, 4, -8, -4)
        painter.drawText(room, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), _EMPTY)
        painter.end()

    def sizeHint(self) -> QSize:
        """A few rows."""
        return QSize(280, self.horizontalHeader().sizeHint().height() + _SHOWN * ROW_HEIGHT + 2)

    def minimumSizeHint(self) -> QSize:
        """A few rows."""
        return QSize(160, self.sizeHint().height())

    def fit_columns(self) -> None:
        """The layer takes what channel and action leave."""
        metrics = QFontMetrics(theme.tabular(self.font()))
        self.setColumnWidth(CHANNEL, metrics.horizontalAdvance("Channel") + 2 * PADDING + 4)
        self.setColumnWidth(WHAT, metrics.horizontalAdvance("= −0.0000") + 2 * PADDING)
