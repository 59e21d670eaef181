"""Inspect > Compare with Another Model: which model, and with which weights."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Slot
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QLabel,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from core.types import BUILTIN_SPEC, USUAL_WEIGHTS, ModelSpec, WeightsOption, WeightsSpec
from gui import theme
from gui.facts.comparison import Opponent
from gui.incoming import WEIGHTS_SUFFIXES
from gui.state import AppState
from gui.widgets.model_picker import ModelPicker
from gui.widgets.weights_picker import WeightsPicker

_MAX_SEED = 2**31 - 1


class CompareDialog(QDialog):
    """Asks for the model of B. It begins with the model of A and other weights for it."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._facts = state.comparison
        self._first = True
        self.setObjectName("compareDialog")
        self.setWindowTitle("Compare with another model")
        self.setModal(True)
        self.models = ModelPicker(self)
        self.weights = WeightsPicker(self)
        self.seed = self._make_seed()
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.begin = QPushButton("Compare", self)
        self.begin.setDefault(True)
        self.begin.setToolTip("Show this model as B beside the one that is open (Return)")
        self.buttons.button(QDialogButtonBox.StandardButton.Cancel).setToolTip("Leave everything as it is (Esc)")
        self.buttons.addButton(self.begin, QDialogButtonBox.ButtonRole.AcceptRole)
        self._lay_out()
        self._connect()
        spec = self._proposal()
        self.models.show_architecture(spec.architecture)
        self._chosen = spec.weights
        self._show_weights()
        self._facts.want_options(spec.architecture)

    def _make_seed(self) -> QSpinBox:
        seed = QSpinBox(self)
        seed.setObjectName("compareSeed")
        seed.setRange(0, _MAX_SEED)
        seed.setAccessibleName("Seed of the random weights of B")
        seed.setToolTip("Seed of the random weights: the same seed gives the same network")
        return seed

    def _lay_out(self) -> None:
        self.words = words = QLabel("B is another model, or the same with other weights, and looks at the same picture.", self)
        words.setWordWrap(True)
        words.setProperty("muted", True)
        self._form = form = QFormLayout()
        form.setSpacing(2 * theme.GRID)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow("&Model", self.models)
        form.addRow("&Weights", self.weights)
        form.addRow("&Seed", self.seed)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 16)
        column.setSpacing(16)
        column.addWidget(words)
        column.addLayout(form)
        column.addStretch(1)
        column.addWidget(self.buttons)
        self.setMinimumWidth(420)

    def _connect(self) -> None:
        self.models.architecture_chosen.connect(self._choose_architecture)
        self.weights.weights_chosen.connect(self._choose_weights)
        self.weights.file_requested.connect(self._ask_for_file)
        self._facts.options_changed.connect(self._take_options)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.finished.connect(self.deleteLater)

    def _proposal(self) -> ModelSpec:
        """The model of B so far, or that of A with a seed of its own; published weights are proposed once they are known."""
        opponent = self._facts.opponent
        if opponent is not None and opponent.spec is not None and opponent.spec.architecture:
            self._first = False
            return opponent.spec
        model = self._state.model
        # Code is run for nobody who did not ask for it: B is proposed from the catalogue.
        spec = model.spec if model is not None and model.spec.code is None and not model.spec.own_graph else BUILTIN_SPEC
        seed = spec.weights.seed + 1 if spec.weights.kind == "random" else 0
        return ModelSpec(spec.architecture, WeightsSpec("random", seed=seed))

    @property
    def spec(self) -> ModelSpec:
        """What is chosen."""
        weights = self._chosen
        if weights.kind == "random":
            weights = WeightsSpec("random", seed=self.seed.value())
        return ModelSpec(self.models.architecture, weights)

    @Slot(str)
    def _choose_architecture(self, architecture: str) -> None:
        self._first = False
        self._chosen = BUILTIN_SPEC.weights if architecture == BUILTIN_SPEC.architecture else USUAL_WEIGHTS
        self.weights.set_options(())
        self._show_weights()
        self._facts.want_options(architecture)

    @Slot(object)
    def _choose_weights(self, weights: WeightsSpec) -> None:
        self._first = False
        self._chosen = WeightsSpec("random", seed=self.seed.value()) if weights.kind == "random" else weights
        self._show_weights()

    @Slot()
    def _ask_for_file(self) -> None:
        patterns = " ".join(f"*{suffix}" for suffix in sorted(WEIGHTS_SUFFIXES))
        chooser = QFileDialog.getOpenFileName(self, "Open weights for B", "", f"Weights ({patterns});;All files (*)")
        if chooser[0]:
            self.take_file(Path(chooser[0]))

    def take_file(self, path: Path) -> None:
        """Choose the weights in a file."""
        self._choose_weights(WeightsSpec("file", path=path.absolute()))

    @Slot(str, object)
    def _take_options(self, architecture: str, options: tuple[WeightsOption, ...]) -> None:
        if architecture != self.models.architecture:
            return
        self.weights.set_options(options)
        model = self._state.model
        at_hand = [one.spec for one in options if one.available and one.spec.kind in ("named", "builtin")]
        mine = model.spec.weights if model is not None and model.spec.architecture == architecture else None
        others = [weights for weights in at_hand if weights != mine]
        if others and (self._first or self._chosen == USUAL_WEIGHTS):
            self._chosen = others[0]
        elif self._chosen == USUAL_WEIGHTS:
            self._chosen = WeightsSpec("random")
        self._show_weights()

    def _show_weights(self) -> None:
        self.weights.show_weights(self._chosen)
        is_random = self._chosen.kind == "random"
        if is_random:
            self.seed.setValue(self._chosen.seed)
        self._form.setRowVisible(self.seed, is_random)

    def accept(self) -> None:
        """Begin to compare."""
        self._facts.begin(Opponent(spec=self.spec))
        super().accept()
