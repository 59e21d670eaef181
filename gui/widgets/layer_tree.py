"""The panel of the layers: a filter, the tree or the list of stages, and what is known of the chosen layer."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QLineEdit, QToolButton, QVBoxLayout, QWidget

from gui import theme
from gui.state import AppState
from gui.widgets.layer_tree_details import LayerDetails
from gui.widgets.layer_tree_view import LayerTreeView

DETAILS_FROM = 240
"""Below this height in device-independent pixels the tree needs the room of the details."""


class LayerTree(QWidget):
    """The layers of the model and a filter above them. ``view`` is the tree, named ``layerTree``."""

    stages_changed = Signal(bool)  # whether the rows are stages

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
        self.details = LayerDetails(state, self)
        self._switch = QButtonGroup(self)
        self._switch.idToggled.connect(self._switched)
        self._lay_out()
        self.setTabOrder(self.filter, self.view)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(2 * theme.GRID, 2 * theme.GRID, 2 * theme.GRID, theme.GRID)
        head.setSpacing(0)
        head.addWidget(self.filter, 1)
        head.addSpacing(2 * theme.GRID)
        head.addWidget(self._half("Tree", "The modules of the network, one inside the other (Ctrl+Shift+L)"))
        head.addWidget(self._half("Stages", "One row a stage: what lies between two changes of resolution (Ctrl+Shift+L)"))
        self._switch.button(0).setChecked(True)
        self._line = QFrame(self)
        self._line.setFrameShape(QFrame.Shape.HLine)
        self._line.setFixedHeight(1)
        self._line.setStyleSheet("color: palette(mid);")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.view, 1)
        column.addWidget(self._line)
        column.addWidget(self.details)

    def _half(self, text: str, explanation: str) -> QToolButton:
        """One half of the switch; its id is its place."""
        button = QToolButton(self)
        button.setText(text)
        button.setCheckable(True)
        button.setProperty("segment", True)
        button.setAccessibleName(f"Show layers as {text.lower()}")
        button.setToolTip(explanation)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._switch.addButton(button, len(self._switch.buttons()))
        return button

    @Slot(int, bool)
    def _switched(self, half: int, checked: bool) -> None:
        if checked and bool(half) != self.view.stages:
            self.view.set_stages(bool(half))
            self.stages_changed.emit(bool(half))

    @Slot(bool)
    def set_stages(self, stages: bool) -> None:
        """List the stages of the network, or show its tree."""
        self._switch.button(int(stages)).setChecked(True)

    @property
    def stages(self) -> bool:
        """Whether stages are listed."""
        return self.view.stages

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are wanted, to be remembered."""
        return self.view.columns.wanted

    def set_columns(self, keys: tuple[str, ...]) -> None:
        """Take back remembered columns."""
        self.view.columns.set_wanted(keys)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the room to the rows where there is little."""
        super().resizeEvent(event)
        for part in (self._line, self.details):
            part.setVisible(self.height() >= DETAILS_FROM)

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
