"""The bar with model, weights and device."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSpinBox, QWidget

from core.types import BUILTIN_MODEL, Failure, ModelInfo, ModelSpec, PublishedWeights, WeightsSpec
from gui import theme
from gui.state import AppState
from gui.widgets.device_picker import AUTO, DevicePicker
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.model_picker import ModelPicker
from gui.widgets.weights_picker import WeightsPicker

_CAPTIONS_FROM = 820
_PICKERS_WIDTH = 760
_MAX_SEED = 2**31 - 1

DefaultWeights = Callable[[str], WeightsSpec]


def format_count(number: int) -> str:
    """Write a number of parameters: "740", "57.3 k", "2.3 M", "1.2 G"."""
    for size, unit in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        if number >= size:
            return f"{number / size:.1f} {unit}"
    return str(number)


def facts(model: ModelInfo) -> str:
    """Say in a few words what a model is: "2.3 M parameters · 102 categories"."""
    return f"{format_count(model.parameters)} parameters · {len(model.categories):,} categories"


class ModelBar(QWidget):
    """Asks the state for another model, weights or device, and shows what is asked for until the answer comes.

    Parameters
    ----------
    state
        The single truth.
    parent
        Qt's parent.
    default_weights
        Says with which weights an architecture starts; without it they are random, with the seed of the field.
    """

    weights_file_requested = Signal(str)  # the architecture that it is meant for

    def __init__(
        self, state: AppState, parent: QWidget | None = None, default_weights: DefaultWeights | None = None
    ) -> None:
        super().__init__(parent)
        self._state = state
        self._default_weights = default_weights
        self._shown = state.spec
        self.model_picker = ModelPicker(self)
        self.weights_picker = WeightsPicker(self)
        self.device_picker = DevicePicker(self)
        self.seed = self._make_seed()
        self._facts = ElidedLabel(self, muted=True)
        self._captions: list[QLabel] = []
        self._lay_out()
        self._connect()
        self.weights_picker.set_options(state.weights)
        self.weights_picker.set_recent(state.checkpoint.recent)
        self.device_picker.set_devices(state.devices)
        self._show_model()

    def _make_seed(self) -> QSpinBox:
        seed = QSpinBox(self)
        seed.setObjectName("weightsSeed")
        seed.setRange(0, _MAX_SEED)
        seed.setKeyboardTracking(False)
        seed.setFixedSize(84, self.weights_picker.sizeHint().height())
        seed.setAccessibleName("Seed of the random weights")
        seed.setToolTip("Seed of the random weights: the same seed gives the same network")
        return seed

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 12, 8)
        row.setSpacing(8)
        named = {"Model": self.model_picker, "Weights": self.weights_picker, "Device": self.device_picker}
        for name, picker in named.items():
            caption = QLabel(name, self)
            caption.setProperty("muted", True)
            caption.setBuddy(picker)
            self._captions.append(caption)
            row.addWidget(caption)
            row.addWidget(picker, 5 if picker is self.model_picker else 4)
            picker.setMinimumWidth(120)
            picker.setMaximumWidth(280)
            if picker is self.weights_picker:
                row.addWidget(self.seed)
            row.addSpacing(theme.GRID)
        row.addStretch()
        row.addWidget(self._facts)
        self.setTabOrder(self.model_picker, self.weights_picker)
        self.setTabOrder(self.weights_picker, self.seed)
        self.setTabOrder(self.seed, self.device_picker)

    def _connect(self) -> None:
        self.model_picker.architecture_chosen.connect(self._choose_architecture)
        self.weights_picker.weights_chosen.connect(self._choose_weights)
        self.weights_picker.file_requested.connect(self._request_file)
        self.weights_picker.file_chosen.connect(self._open_file)
        self._state.checkpoint.recent_changed.connect(self.weights_picker.set_recent)
        self.seed.valueChanged.connect(self._choose_seed)
        self.device_picker.device_chosen.connect(self._state.choose_device)
        self._state.spec_chosen.connect(self._show_spec)
        self._state.weights_changed.connect(self.weights_picker.set_options)
        self._state.devices_changed.connect(self.device_picker.set_devices)
        self._state.device_chosen.connect(self._show_device)
        self._state.model_changed.connect(self._show_model)
        self._state.model_moved.connect(self._show_model)
        self._state.truth_restored.connect(self.show_truth)

    @Slot(str)
    def _choose_architecture(self, architecture: str) -> None:
        weights = self._default_weights(architecture) if self._default_weights else self._usual_weights(architecture)
        self._state.choose_spec(ModelSpec(architecture, weights))

    @Slot()
    def _request_file(self) -> None:
        self.weights_file_requested.emit(self._shown.architecture)

    @Slot(object)
    def _open_file(self, path: Path) -> None:
        if self._shown.code is not None:
            self._choose_weights(WeightsSpec("file", path=path))
        else:
            self._state.checkpoint.open(path, None if self._shown.own_graph else self._shown.architecture)

    def _usual_weights(self, architecture: str) -> WeightsSpec:
        if architecture == BUILTIN_MODEL:
            return WeightsSpec("builtin")
        return WeightsSpec("random", seed=self.seed.value())

    @Slot(object)
    def _choose_weights(self, weights: WeightsSpec) -> None:
        absent = [one for one in self._state.weights if one.spec == weights and not one.available and one.published]
        if absent:
            self._show_spec(self._shown)
            self._offer(absent[0].published)
            return
        if weights.kind == "random":
            weights = WeightsSpec("random", seed=self.seed.value())
            self._state.choose_spec(replace(self._shown, weights=weights))
            return
        self._state.choose_spec(replace(self._shown, weights=weights, classes=None, channels=None))

    def _offer(self, weights: PublishedWeights) -> None:
        going = self._state.downloads.now.weights if self._state.downloads.busy else None
        if going not in (None, weights):
            message = f"{going.label} is still being downloaded. Cancel that, or choose {weights.label} once it is done."
            self._state.raise_notice(Failure("note", message))
        self._state.downloads.offer(weights, asked_for=True)

    @Slot(int)
    def _choose_seed(self, seed: int) -> None:
        if self._shown.weights.kind == "random":
            self._state.choose_spec(replace(self._shown, weights=WeightsSpec("random", seed=seed)))

    @Slot(object)
    def _show_spec(self, spec: ModelSpec) -> None:
        """Show a spec without telling anybody."""
        self._shown = spec
        self.model_picker.show_architecture(spec.architecture)
        self.weights_picker.show_weights(spec.weights)
        if spec.weights.kind == "random":
            blocked = self.seed.blockSignals(True)
            self.seed.setValue(spec.weights.seed)
            self.seed.blockSignals(blocked)
        self.seed.setVisible(spec.weights.kind == "random")

    @Slot()
    def _show_device(self) -> None:
        model = self._state.model
        running = model.device if model is not None else ""
        self.device_picker.show_device(self._state.device, running)

    @Slot()
    def _show_model(self) -> None:
        """Show what is loaded, or what is asked for where that is already something else."""
        model = self._state.model
        self._facts.setText("" if model is None else facts(model))
        self._make_room()
        if model is None or model.spec != self._state.spec:
            self._show_spec(self._state.spec)
            self._show_device()
        else:
            self.show_truth()

    @Slot()
    def show_truth(self) -> None:
        """Show the last good model again, and the device where it really is; nobody is told."""
        model, wanted = self._state.model, self._state.device
        if model is None:
            return
        self._show_spec(model.spec)
        self.device_picker.show_device(wanted if wanted == AUTO else model.device, model.device)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where it is narrow, captions and facts give way to the pickers."""
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        for caption in self._captions:
            caption.setVisible(self.width() >= _CAPTIONS_FROM)
        needed = _PICKERS_WIDTH + self._facts.sizeHint().width()
        self._facts.setVisible(bool(self._facts.text()) and self.width() >= needed)
