"""The panel “Channel”: one channel, or one unit, large."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Slot
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QSpinBox, QVBoxLayout, QWidget

from core.types import ActivationGrid, Activations
from gui import theme
from gui.state import AppState
from gui.widgets.channel.field_row import FieldRow
from gui.widgets.channel.kernel_view import KernelView
from gui.widgets.channel.map_body import MapBody
from gui.widgets.channel.unit_body import UnitBody
from gui.widgets.elided_label import ElidedLabel

_MARGIN = 3 * theme.GRID
_NAME = "panel"


class ChannelPanel(QWidget):
    """Which channel it is, and below it in a scroll area: its map or its value, its effective field, and what makes it."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.setObjectName("channelPanel")
        self.setAccessibleName("Channel")
        self._noun = QLabel("Channel", self)
        self._noun.setProperty("heading", True)
        self.number = self._make_number()
        self._of = QLabel(self)
        self._of.setProperty("muted", True)
        self._layer = ElidedLabel(self, muted=True)
        self._layer.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._empty = QLabel(self)
        self._empty.setProperty("muted", True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        self._content = QWidget()
        self.map = MapBody(state, self._content)
        self.unit = UnitBody(state, self._content)
        self.field = FieldRow(state, self._content)
        self.kernel = KernelView(self._content)
        self._lay_out()
        self._connect()
        self.kernel.show_details(state.channel.details)
        self._show()

    def _make_number(self) -> QSpinBox:
        number = QSpinBox(self)
        number.setObjectName("channelNumber")
        number.setMinimumHeight(24)
        number.setKeyboardTracking(False)
        number.setAccessibleName("Number of the channel")
        number.setToolTip("Choose the channel (Up, Down)")
        number.valueChanged.connect(self._state.selection.set_channel)
        return number

    def _lay_out(self) -> None:
        header = QHBoxLayout()
        header.setContentsMargins(_MARGIN, 2 * theme.GRID, _MARGIN, 2 * theme.GRID)
        header.setSpacing(2 * theme.GRID)
        for part in (self._noun, self.number, self._of):
            header.addWidget(part)
        header.addWidget(self._layer, 1)
        body = QVBoxLayout(self._content)
        body.setContentsMargins(_MARGIN, 0, _MARGIN, _MARGIN)
        body.setSpacing(3 * theme.GRID)
        for part in (self._empty, self.map, self.unit, self.field, self.kernel):
            body.addWidget(part)
        body.addStretch(1)
        self._scroll = QScrollArea(self)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # Always there: a map that follows the width would make it come and go.
        self._scroll.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self._scroll.setWidget(self._content)
        self._scroll.viewport().setAutoFillBackground(False)
        self._content.setAutoFillBackground(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(header)
        column.addWidget(self._scroll, 1)
        self.setTabOrder(self.number, self.map.canvas)

    def _connect(self) -> None:
        state = self._state
        self.kernel.layer_wanted.connect(state.set_layer)
        signals = (
            state.activations_changed, state.selection.channel_changed, state.image_changed, state.failure_changed,
            state.layer_changed, state.comparison.opponent_changed,
        )  # fmt: skip
        for signal in signals:
            signal.connect(self._show)
        for signal in (state.channel.class_weights_changed, state.selection.category_changed, state.classification_changed):
            signal.connect(self._show_unit)
        state.channel.details_changed.connect(self.kernel.show_details)

    def _shown(self) -> Activations | None:
        known = self._state.image is not None and self._state.failure is None
        return self._state.activations if known else None

    def _channel(self, count: int) -> int:
        return max(0, min(self._state.selection.channel, count - 1))

    @Slot()
    def _show(self, *_: object) -> None:
        if not self.isVisible():
            return  # it will be when it comes to the front
        shown = self._shown()
        is_map = isinstance(shown, ActivationGrid)
        self._empty.setVisible(shown is None)
        self.map.setVisible(is_map)
        self.unit.setVisible(shown is not None and not is_map)
        self.field.setVisible(shown is not None)
        self._show_header(shown)
        if isinstance(shown, ActivationGrid):
            self.map.show_channel(shown, self._channel(shown.count))
        else:
            self._show_unit()

    @Slot()
    def _show_unit(self, *_: object) -> None:
        shown = self._shown()
        if self.isVisible() and shown is not None and not isinstance(shown, ActivationGrid):
            self.unit.show_unit(shown, self._channel(shown.values.size))

    def _show_header(self, shown: Activations | None) -> None:
        state = self._state
        self.number.setVisible(shown is not None)
        if shown is None:
            self._noun.setText(f"Channel {state.selection.channel}" if state.layer else "Channel")
            self._of.setText("")
            self._layer.setText(state.layer)
            self._empty.setText(self._reason())
            return
        count = shown.count if isinstance(shown, ActivationGrid) else shown.values.size
        noun = "channel" if isinstance(shown, ActivationGrid) else "unit"
        self._noun.setText(noun.capitalize())
        self._of.setText(f"of {count:,}")
        # Only A's values are here, whichever side the maps are of.
        compared = state.comparison.opponent is not None
        self._layer.setText(f"A · {shown.layer.key}" if compared else shown.layer.key)
        self.number.blockSignals(True)
        self.number.setRange(0, count - 1)
        self.number.setValue(self._channel(count))
        self.number.blockSignals(False)
        self.number.setAccessibleName(f"Number of the {noun}")
        self.number.setToolTip(f"Choose the {noun} (Up, Down)")

    def _reason(self) -> str:
        if self._state.failure is not None and self._state.image is not None:
            return "This picture has no answer, so there are no values to show."
        if self._state.image is None:
            return "No picture yet: the values of a channel appear here."
        return "Choose a layer: the values of a channel appear here."

    def _fit(self) -> None:
        self.map.set_room(self._scroll.viewport().height())

    def showEvent(self, event: QShowEvent) -> None:
        """Have everything looked up."""
        super().showEvent(event)
        self._show()
        self._fit()
        self._state.channel.want(_NAME, True)

    def hideEvent(self, event: QHideEvent) -> None:
        """Nothing needs to be looked up any more."""
        super().hideEvent(event)
        self._state.channel.want(_NAME, False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the map to the height."""
        super().resizeEvent(event)
        self._fit()

    def sizeHint(self) -> QSize:
        """Room for a map and what is below it."""
        return QSize(304, 420)

    def minimumSizeHint(self) -> QSize:
        """The rest is scrolled to."""
        return QSize(240, 120)

    def changeEvent(self, event: QEvent) -> None:
        """Repaint in the colours of a new theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self.update()
