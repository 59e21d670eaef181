"""What is done to the chosen channel."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Slot
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QLabel, QSlider, QSpinBox, QVBoxLayout, QWidget

from core.types import ATTENTION, Lesion
from gui import theme
from gui.state import AppState
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.lesions.chosen_channel import ChosenChannel
from gui.widgets.lesions.segments import Segments

STEPS = 1000
"""Places of the slider."""

SCALE_ENDS = (0.0, 3.0)
FIRST_SCALE = 0.5
_BEYOND = 1e6
"""A value that is typed may lie outside what the slider reaches."""

_CHOICES = (
    ("none", "Leave", "Leave the channel as it is"),
    ("mute", "Mute", "Set all values of the channel to 0 (M)"),
    ("clamp", "Clamp", "Set all values of the channel to one value"),
    ("scale", "Scale", "Multiply all values of the channel"),
)


class LesionEditor(QWidget):
    """Layer, channel, what is done to it, and the value with which it is done."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._layer = ElidedLabel(self)
        self._layer.setProperty("heading", True)
        self.channel = QSpinBox(self)
        self.channel.setObjectName("lesionChannel")
        self.channel.setAccessibleName("Channel")
        self.channel.setToolTip("Channel of the chosen layer (Up, Down)")
        self.channel.setKeyboardTracking(False)
        self._of = QLabel(self)
        self._of.setProperty("muted", True)
        self.action = Segments(_CHOICES, self)
        self.action.setAccessibleName("What is done to the channel")
        self.slider = QSlider(Qt.Orientation.Horizontal, self)
        self.slider.setObjectName("lesionSlider")
        self.slider.setRange(0, STEPS)
        self.slider.setSingleStep(STEPS // 100)
        self.slider.setPageStep(STEPS // 10)
        self.value = QDoubleSpinBox(self)
        self.value.setObjectName("lesionValue")
        self.value.setRange(-_BEYOND, _BEYOND)
        self.value.setKeyboardTracking(False)
        self.value.setFixedWidth(92)
        self._lay_out()
        self._connect()
        self.show_chosen()

    def _lay_out(self) -> None:
        top, bottom = QHBoxLayout(), QHBoxLayout()
        label = QLabel("Channel", self)
        label.setProperty("muted", True)
        label.setBuddy(self.channel)
        top.setSpacing(2 * theme.GRID)
        top.addWidget(self._layer, 1)
        for part in (label, self.channel, self._of):
            top.addWidget(part)
        bottom.setSpacing(2 * theme.GRID)
        bottom.addWidget(self.slider, 1)
        bottom.addWidget(self.value)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2 * theme.GRID)
        column.addLayout(top)
        column.addWidget(self.action)
        column.addLayout(bottom)

    @property
    def tab_chain(self) -> tuple[QWidget, ...]:
        """What Tab walks through, in order."""
        return (self.channel, *self.action.buttons, self.slider, self.value)

    def _connect(self) -> None:
        state = self._state
        for signal in (
            state.lesions.changed, state.layer_changed, state.model_changed, state.activations_changed,
            state.selection.channel_changed,
        ):  # fmt: skip
            signal.connect(self.show_chosen)
        self.channel.valueChanged.connect(state.selection.set_channel)
        self.action.chosen.connect(self._choose)
        self.slider.valueChanged.connect(self._slide)
        self.slider.sliderReleased.connect(state.lesions.end_drag)
        self.value.valueChanged.connect(self._type)

    @Slot()
    def show_chosen(self) -> None:
        """Show the chosen channel and the lesion that it has."""
        chosen = ChosenChannel.of(self._state)
        for part in (self.channel, self.action):
            part.setEnabled(chosen is not None)
        if chosen is None:
            attention = ATTENTION in self._state.layer
            self._layer.setText("Attention is only read" if attention else "No layer chosen")
            self._of.setText("")
            self._show_value("none", 0.0, (0.0, 1.0))
            return
        with QSignalBlocker(self.channel):
            self.channel.setRange(0, chosen.count - 1)
            self.channel.setValue(chosen.channel)
        self._layer.setText(chosen.layer)
        self._of.setText(f"of {chosen.count:,}")
        one = self._state.lesions.at(chosen.layer, chosen.channel)
        if one is None or not one.enabled:
            self._show_value("none", 0.0, (0.0, 1.0))
        else:
            ends = SCALE_ENDS if one.lesion.action == "scale" else (chosen.low, chosen.high)
            self._show_value(one.lesion.action, one.lesion.value, ends)

    def _show_value(self, action: str, value: float, ends: tuple[float, float]) -> None:
        self.action.show_choice(action)
        low, high = self._ends = ends
        counts = action in ("clamp", "scale")
        for part in (self.slider, self.value):
            part.setEnabled(counts)
        with QSignalBlocker(self.slider), QSignalBlocker(self.value):
            if not self.slider.isSliderDown():
                self.slider.setValue(round(STEPS * max(0.0, min(1.0, (value - low) / (high - low)))) if counts else 0)
            self.value.setDecimals(2 if action == "scale" else 3)
            self.value.setPrefix("× " if action == "scale" else "")
            self.value.setSingleStep(max((high - low) / 50, 0.001) if action == "clamp" else 0.05)
            self.value.setValue(value)
        reach = f"{low:.3g} to {high:.3g}".replace("-", "−")
        name, what = ("Factor", "factor") if action == "scale" else ("Value", "value")
        self.slider.setAccessibleName(f"{name}, {reach}")
        self.value.setAccessibleName(name)
        hint = f"{name} of the channel; the slider goes from {reach}" if counts else "Choose Clamp or Scale for a value"
        self.slider.setToolTip(hint)
        self.value.setToolTip(f"{hint}, another {what} can be typed" if counts else hint)

    @Slot(str)
    def _choose(self, action: str) -> None:
        chosen = ChosenChannel.of(self._state)
        if chosen is None:
            return
        bench = self._state.lesions
        if action == "none":
            bench.remove([(chosen.layer, chosen.channel)])
        elif action == "mute":
            bench.put(Lesion(chosen.layer, chosen.channel))
        elif action == "clamp":
            bench.put(Lesion(chosen.layer, chosen.channel, "clamp", round(chosen.mean, 3)))
        else:
            bench.put(Lesion(chosen.layer, chosen.channel, "scale", FIRST_SCALE))

    @Slot(int)
    def _slide(self, place: int) -> None:
        low, high = self._ends
        self._put(round(low + (high - low) * place / STEPS, 3))

    @Slot(float)
    def _type(self, value: float) -> None:
        self._put(value)

    def _put(self, value: float) -> None:
        chosen, action = ChosenChannel.of(self._state), self.action.name
        if chosen is None:
            return
        dragging = self.slider.isSliderDown()
        if action == "clamp":
            self._state.lesions.put(Lesion(chosen.layer, chosen.channel, "clamp", value), dragging=dragging)
        elif action == "scale":
            self._state.lesions.put(Lesion(chosen.layer, chosen.channel, "scale", value), dragging=dragging)
