"""How the channel is laid over the picture."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Slot
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSlider, QWidget

from gui import theme
from gui.facts.channel_facts import BLENDED, MODES
from gui.state import AppState

_NAME = "channel"


class OverlayControls(QWidget):
    """The mode, and the opacity while the channel is blended with the picture."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.mode = QComboBox(self)
        self.mode.setObjectName("channelOverlay")
        self.mode.addItems(MODES)
        self.mode.setAccessibleName("Overlay on the picture")
        self.mode.setToolTip("Lay the channel over the picture, or show both side by side here (O)")
        self.opacity = QSlider(Qt.Orientation.Horizontal, self)
        self.opacity.setObjectName("channelOpacity")
        self.opacity.setRange(0, 100)
        self.opacity.setSingleStep(5)
        self.opacity.setPageStep(20)
        self.opacity.setMinimumWidth(64)
        self.opacity.setAccessibleName("Opacity of the overlay in per cent")
        self.opacity.setToolTip("Opacity of the channel over the picture (Left, Right)")
        self._share = QLabel(self)
        self._share.setProperty("muted", True)
        self._share.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        for part in (self.mode, self.opacity):
            part.installEventFilter(self)
        self._lay_out()
        self.mode.currentTextChanged.connect(state.channel.set_mode)
        self.opacity.valueChanged.connect(self._choose_opacity)
        state.channel.mode_changed.connect(self._show)
        state.overlays.changed.connect(self._show)
        self._show()

    def _lay_out(self) -> None:
        label = QLabel("Overlay", self)
        label.setProperty("muted", True)
        label.setBuddy(self.mode)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2 * theme.GRID)
        for part in (label, self.mode):
            row.addWidget(part)
        row.addWidget(self.opacity, 1)
        row.addWidget(self._share)
        row.addStretch(0)
        self._share.setFont(theme.tabular(self.font()))
        self._share.setMinimumWidth(self._share.fontMetrics().horizontalAdvance("100 %"))
        self.setTabOrder(self.mode, self.opacity)

    @Slot(int)
    def _choose_opacity(self, percent: int) -> None:
        self._state.overlays.set_opacity(_NAME, percent / 100)

    @Slot()
    def _show(self, *_: object) -> None:
        percent = round(100 * self._state.overlays[_NAME].opacity)
        self.mode.setCurrentText(self._state.channel.mode)
        for part in (self.opacity, self._share):
            part.setVisible(self._state.channel.mode == BLENDED)
        self._share.setText(f"{percent} %")
        if self.opacity.value() != percent:
            self.opacity.setValue(percent)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Leave the wheel to the scroll area: whoever scrolls past must not change anything."""
        if event.type() == QEvent.Type.Wheel:
            event.ignore()
            return True
        return super().eventFilter(watched, event)
