"""The panel of the layers: a filter and the tree."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from gui import theme
from gui.state import AppState
from gui.widgets.layer_tree_view import LayerTreeView


class LayerTree(QWidget):
    """The layers of the model and a filter above them. ``view`` is the tree, named ``layerTree``."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.filter = QLineEdit(self)
        self.filter.setObjectName("layerFilter")
        self.filter.setPlaceholderText("Filter by name or kind")
        self.filter.setAccessibleName("Filter layers")
        self.filter.setToolTip("Show only layers whose name or kind holds this text (Ctrl+F; / in the tree)")
        self.filter.setClearButtonEnabled(True)
        self.view = LayerTreeView(state, self)
        self.filter.textChanged.connect(self.view.set_filter)
        self.filter.installEventFilter(self)
        self.view.installEventFilter(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        box = QVBoxLayout()
        box.setContentsMargins(2 * theme.GRID, 2 * theme.GRID, 2 * theme.GRID, theme.GRID)
        box.addWidget(self.filter)
        column.addLayout(box)
        column.addWidget(self.view, 1)
        self.setTabOrder(self.filter, self.view)

    @Slot()
    def focus_filter(self) -> None:
        """Put the cursor into the filter."""
        self.filter.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filter.selectAll()

    def eventFilter(self, watched: QWidget, event: QEvent) -> bool:  # type: ignore[override]
        """In the filter Down and Return go to the tree, and Escape clears it; "/" in the tree goes to the filter."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            handled = self._filter_key(event.key()) if watched is self.filter else self._tree_key(event.text())
            if handled:
                return True
        return super().eventFilter(watched, event)

    def _filter_key(self, key: int) -> bool:
        if key in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.view.setFocus(Qt.FocusReason.OtherFocusReason)
            return True
        if key == Qt.Key.Key_Escape and self.filter.text():
            self.filter.clear()
            return True
        return False

    def _tree_key(self, text: str) -> bool:
        if text == "/":
            self.focus_filter()
        return text == "/"
