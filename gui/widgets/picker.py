"""A combo box that is safe to pass over and may be narrower than its texts."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QStandardItem,
    QStandardItemModel,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionComboBox,
    QStyleOptionViewItem,
    QStylePainter,
    QWidget,
)

from gui import theme

NOTE_ROLE = Qt.ItemDataRole.UserRole + 1
"""What stands after a text in the open list only."""

INDENT_ROLE = Qt.ItemDataRole.UserRole + 3
"""How many pixels a text in the open list is moved in."""

INDENT = 12

_OPENING_KEYS = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
_WIDEST_LIST = 520
_LINE_HEIGHT = 26
_SEPARATOR_HEIGHT = 9
_PADDING = 8
_NOTE_GAP = 32
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class PickerDelegate(QStyledItemDelegate):
    """Lines of the open list: headings, entries with their note, hairlines."""

    @staticmethod
    def _is_separator(index: QModelIndex | QPersistentModelIndex) -> bool:
        return bool(index.data(Qt.ItemDataRole.AccessibleDescriptionRole) == "separator")

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """One height for all lines."""
        if self._is_separator(index):
            return QSize(1, _SEPARATOR_HEIGHT)
        note = str(index.data(NOTE_ROLE) or "")
        wide = option.fontMetrics.horizontalAdvance(f"{index.data()}{note}") + (_NOTE_GAP if note else 0)
        return QSize(wide + 2 * _PADDING + int(index.data(INDENT_ROLE) or 0), _LINE_HEIGHT)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw the background as the style does, then text and note."""
        colours = theme.colours()
        if self._is_separator(index):
            line = option.rect.adjusted(_PADDING, _SEPARATOR_HEIGHT // 2, -_PADDING, 0)
            line.setHeight(1)
            painter.fillRect(line, QColor(colours.line))
            return
        self.initStyleOption(option, index)
        text, option.text = option.text, ""
        style = option.widget.style() if option.widget is not None else QApplication.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, option, painter, option.widget)
        room = option.rect.adjusted(_PADDING + int(index.data(INDENT_ROLE) or 0), 0, -_PADDING, 0)
        enabled = bool(option.state & QStyle.StateFlag.State_Enabled)
        painter.save()
        painter.setFont(option.font)
        painter.setPen(QColor(colours.text if enabled else colours.muted))
        painter.drawText(room, int(_LEFT), text)
        painter.setPen(QColor(colours.muted))
        painter.drawText(room, int(_RIGHT), str(index.data(NOTE_ROLE) or ""))
        painter.restore()


class Picker(QComboBox):
    """Neither the wheel nor an arrow key changes it by accident (the arrow keys open the list); long texts are elided.

    Its items live in ``entries``; an item that cannot be chosen is disabled.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.entries = QStandardItemModel(self)
        self.setModel(self.entries)
        self.setItemDelegate(PickerDelegate(self))
        self.setMaxVisibleItems(24)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(8)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def add(self, text: str, data: object, *, tip: str = "", note: str = "", enabled: bool = True) -> QStandardItem:
        """Append an entry; ``tip`` is its tooltip, ``note`` stands after it in the open list."""
        item = QStandardItem(text)
        item.setData(data, Qt.ItemDataRole.UserRole)
        item.setData(note, NOTE_ROLE)
        item.setToolTip(tip)
        item.setEnabled(enabled)
        self.entries.appendRow(item)
        return item

    def find(self, data: object) -> int:
        """Return the row with this data; -1 where there is none."""
        rows = range(self.entries.rowCount())
        return next((row for row in rows if self.entries.item(row).data(Qt.ItemDataRole.UserRole) == data), -1)

    def show_row(self, row: int) -> None:
        """Show a row without telling anybody."""
        blocked = self.blockSignals(True)
        self.setCurrentIndex(row)
        self.blockSignals(blocked)
        self.update()

    def showPopup(self) -> None:
        """Open the list wide enough for its longest line."""
        view = self.view()
        wanted = view.sizeHintForColumn(0) + view.verticalScrollBar().sizeHint().width() + 8
        view.setMinimumWidth(max(self.width(), min(_WIDEST_LIST, wanted)))
        super().showPopup()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to what lies around."""
        event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open the list with the arrow keys."""
        if event.key() in _OPENING_KEYS and not event.modifiers():
            self.showPopup()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the text with "…" where it is too long."""
        if self.isEditable():
            super().paintEvent(event)
            return
        painter = QStylePainter(self)
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        if not option.currentText and self.placeholderText():
            option.currentText = self.placeholderText()
            option.palette.setBrush(QPalette.ColorRole.ButtonText, option.palette.placeholderText())
        field = self.style().subControlRect(
            QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, self
        )
        mode = Qt.TextElideMode.ElideMiddle
        # "…" in a list says that more will be asked; on the closed box it would look cut off.
        text = option.currentText.removesuffix("…")
        option.currentText = option.fontMetrics.elidedText(text, mode, field.width() - 4)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
        painter.end()
