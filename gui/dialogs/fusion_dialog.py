"""Protocols > Add a model: which model is averaged in, and with which weights."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QWidget

from core.types import BUILTIN_SPEC, ModelSpec, WeightsSpec
from gui.dialogs.compare_dialog import CompareDialog
from gui.state import AppState


class FusionDialog(CompareDialog):
    """Asks for a model as one asks for B; the answer is averaged with that of the model that is open."""

    chosen = Signal(object)  # ModelSpec

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(state, parent)
        self.setObjectName("fusionDialog")
        self.setWindowTitle("Average in another model")
        self.words.setText("Its answer is averaged with that of the open model. It needs the same categories.")
        self.begin.setText("Add")
        self.begin.setToolTip("Average the answer of this model in (Return)")
        self.seed.setAccessibleName("Seed of the random weights")

    def _proposal(self) -> ModelSpec:
        """The model that is open, with other weights."""
        model = self._state.model
        spec = model.spec if model is not None and model.spec.code is None else BUILTIN_SPEC
        seed = spec.weights.seed + 1 if spec.weights.kind == "random" else 0
        return ModelSpec(spec.architecture, WeightsSpec("random", seed=seed))

    def accept(self) -> None:
        """Tell which one it is."""
        self.chosen.emit(self.spec)
        QDialog.accept(self)
