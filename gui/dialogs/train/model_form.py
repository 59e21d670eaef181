"""Training: the network to begin with, and its weights."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QGridLayout, QLabel, QSpinBox, QWidget

from core.types import BUILTIN_MODEL, BUILTIN_SPEC, USUAL_WEIGHTS, ModelSpec, PublishedWeights, WeightsOption, WeightsSpec
from gui import theme
from gui.facts.downloads import Download
from gui.incoming import WEIGHTS_SUFFIXES
from gui.state import AppState
from gui.widgets.model_picker import ModelPicker
from gui.widgets.weights_picker import WeightsPicker

_MAX_SEED = 2**31 - 1


class ModelForm(QWidget):
    """Any network of the catalogue; begins with the one that is open, and follows it until a person chooses here."""

    changed = Signal()

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._touched = self._scratch = False
        self._options: tuple[WeightsOption, ...] = ()
        self._wanted: PublishedWeights | None = None
        self.models = ModelPicker(self)
        self.weights = WeightsPicker(self)
        self.weights.setObjectName("trainWeights")
        self.seed = QSpinBox(self)
        self.seed.setRange(0, _MAX_SEED)
        self.seed.setKeyboardTracking(False)
        self.seed.setFixedWidth(21 * theme.GRID)
        self.seed.setAccessibleName("Seed of the random weights")
        self.seed.setToolTip("Seed of the random weights")
        self._lay_out()
        self.models.architecture_chosen.connect(self._choose_architecture)
        self.weights.weights_chosen.connect(self._choose_weights)
        self.weights.file_requested.connect(self._ask_for_file)
        self.weights.file_chosen.connect(self.take_file)
        self.seed.valueChanged.connect(self._choose_seed)
        state.comparison.options_changed.connect(self._take_options)
        state.checkpoint.recent_changed.connect(self.weights.set_recent)
        state.downloads.changed.connect(self._follow_download)
        state.model_changed.connect(self._follow_window)
        self.weights.set_recent(state.checkpoint.recent)
        self._chosen = BUILTIN_SPEC.weights
        self.models.show_architecture(BUILTIN_SPEC.architecture)
        self._show()

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(3 * theme.GRID)
        grid.setVerticalSpacing(2 * theme.GRID)
        for row, (words, picker) in enumerate((("&Model", self.models), ("&Weights", self.weights))):
            label = QLabel(words, self)
            label.setBuddy(picker)
            grid.addWidget(label, row, 0)
            grid.addWidget(picker, row, 1)
            picker.setMinimumWidth(120)
        grid.addWidget(self.seed, 1, 2)
        grid.setColumnStretch(1, 1)

    @property
    def spec(self) -> ModelSpec:
        """What is chosen; from scratch the weights are random, whatever was chosen."""
        weights = WeightsSpec("random", seed=self.seed.value()) if self._chosen.kind == "random" else self._chosen
        return ModelSpec(self.models.architecture, WeightsSpec("random") if self._scratch else weights)

    @property
    def problem(self) -> str:
        """Why a run cannot begin with it, in a sentence; "" where nothing is known to stand in the way."""
        if self._scratch:
            return ""
        if self._chosen == USUAL_WEIGHTS:
            return "The weights of the model are being looked up."
        absent = [one for one in self._options if one.spec == self._chosen and not one.available]
        if absent:
            name = f"{self.models.architecture} {absent[0].label}"
            return f"{name} is not on this computer. Download it, or choose other weights."
        return ""

    def set_scratch(self, scratch: bool) -> None:
        """Say whether the network learns from nothing: then weights do not count."""
        if scratch != self._scratch:
            self._scratch = scratch
            self._show()

    def look(self) -> None:
        """Take the model that is open unless another was chosen here, and ask which weights there are."""
        if not self._touched:
            self._follow_window()
        self._state.comparison.want_options(self.models.architecture)

    @Slot()
    def _follow_window(self, *_: object) -> None:
        model = self._state.model
        if self._touched or model is None:
            return
        # Of a network that a person's code builds, or that a file holds whole, nobody knows the head.
        spec = BUILTIN_SPEC if model.spec.code is not None or model.spec.own_graph else model.spec
        known = self.models.architecture == spec.architecture
        self.models.show_architecture(spec.architecture)
        self._chosen = spec.weights
        self._show(seed=spec.weights.seed)
        if not known:
            self._options = ()
            self._state.comparison.want_options(spec.architecture)
        self.changed.emit()

    @Slot(str)
    def _choose_architecture(self, architecture: str) -> None:
        self._touched = True
        self._chosen = BUILTIN_SPEC.weights if architecture == BUILTIN_MODEL else USUAL_WEIGHTS
        self._options = ()
        self._show()
        self._state.comparison.want_options(architecture)
        self.changed.emit()

    @Slot(object)
    def _choose_weights(self, weights: WeightsSpec) -> None:
        self._touched = True
        self._chosen = weights
        self._show()
        self._offer()
        self.changed.emit()

    @Slot()
    def _choose_seed(self, *_: object) -> None:
        self._touched = True
        self.changed.emit()

    @Slot()
    def _ask_for_file(self) -> None:
        patterns = " ".join(f"*{suffix}" for suffix in sorted(WEIGHTS_SUFFIXES))
        name, _ = QFileDialog.getOpenFileName(self, "Weights to begin with", "", f"Weights ({patterns});;All files (*)")
        if name:
            self.take_file(Path(name))

    @Slot(object)
    def take_file(self, path: Path) -> None:
        """Choose the weights in a file."""
        self._choose_weights(WeightsSpec("file", path=path.absolute()))

    @Slot(str, object)
    def _take_options(self, architecture: str, options: tuple[WeightsOption, ...]) -> None:
        if architecture != self.models.architecture or not self.isVisible():
            return
        self._options = options
        self.weights.set_options(options)
        before = self._chosen
        arrived = [one.spec for one in options if one.available and one.published is not None and one.published == self._wanted]
        at_hand = [one.spec for one in options if one.available and one.spec.kind in ("named", "builtin")]
        if arrived:
            self._chosen, self._wanted = arrived[0], None
        elif self._chosen == USUAL_WEIGHTS:
            self._chosen = at_hand[0] if at_hand else _published(options) or WeightsSpec("random")
            self._offer()
        self._show()
        if self._chosen != before or self.problem:
            self.changed.emit()

    def _offer(self) -> None:
        """Offer to download what is chosen and not here."""
        absent = [one.published for one in self._options if one.spec == self._chosen and not one.available]
        if absent and absent[0] is not None:
            self._wanted = absent[0]
            self._state.downloads.offer(absent[0])

    @Slot(object)
    def _follow_download(self, now: Download) -> None:
        if self._wanted is not None and now.state == "none" and self.isVisible():
            self._state.comparison.want_options(self.models.architecture)

    def _show(self, seed: int | None = None) -> None:
        self.weights.show_weights(WeightsSpec("random") if self._scratch else self._chosen)
        self.weights.setEnabled(not self._scratch)
        if self._scratch:
            self.weights.setToolTip("From scratch: the network begins with random weights, by the seed of the recipe")
        if seed is not None:
            with QSignalBlocker(self.seed):
                self.seed.setValue(seed)
        self.seed.setVisible(self._chosen.kind == "random" and not self._scratch)


def _published(options: tuple[WeightsOption, ...]) -> WeightsSpec | None:
    named = [one.spec for one in options if one.published is not None]
    usual = [spec for spec in named if spec.name == "IMAGENET1K_V1"]
    return next(iter((*usual, *named)), None)
