"""The question whether a weights file is for the network that a person's code built, which has just its tensors."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from core.types import Diagnosis, ModelInfo, WeightsSpec
from gui import theme
from gui.state import AppState


class CodeWeightsDialog(QDialog):
    """Loading them builds the network anew, by the code that was agreed to; else the catalogue is looked through."""

    def __init__(self, state: AppState, diagnosis: Diagnosis, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state, self._diagnosis = state, diagnosis
        code, file = state.spec.architecture, diagnosis.path.name
        self.setObjectName("codeWeightsDialog")
        self.setWindowTitle("Weights for your own network")
        self.setModal(True)
        self.question = self._words(f"Load {file} into the network of {code}?", "heading")
        known = f" {diagnosis.summary}" if diagnosis.summary else ""
        self.words = self._words(
            f"The tensors of the file are just those of the network that {code} builds.{known} To load them, the code in "
            f"{code} is run once more, as you agreed to."
        )
        self.load_button = QPushButton(f"&Load into {code}", self)
        self.load_button.setToolTip(f"Build the network of {code} anew, with these weights (Return)")
        self.load_button.setDefault(True)
        self.other_button = QPushButton("&Another Model…", self)
        self.other_button.setToolTip("Look for a model of the catalogue that the file fits; no code is run")
        self.cancel_button = QPushButton("Cancel", self)
        self.cancel_button.setToolTip("Leave the model as it is (Escape)")
        for button in (self.other_button, self.cancel_button):
            button.setAutoDefault(False)
        self._lay_out()
        self.load_button.clicked.connect(self.accept)
        self.other_button.clicked.connect(self._decline)
        self.cancel_button.clicked.connect(self.reject)
        state.model_changed.connect(self._hear_model)
        self.finished.connect(self.deleteLater)

    def _words(self, text: str, role: str = "") -> QLabel:
        label = QLabel(text, self)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        if role:
            label.setProperty(role, True)
        return label

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(2 * theme.GRID)
        buttons.addWidget(self.other_button)
        buttons.addStretch(1)
        buttons.addWidget(self.cancel_button)
        buttons.addWidget(self.load_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 16)
        column.setSpacing(3 * theme.GRID)
        column.addWidget(self.question)
        column.addWidget(self.words)
        column.addStretch(1)
        column.addLayout(buttons)
        self.setMinimumWidth(480)

    @Slot(object)
    def _hear_model(self, model: ModelInfo) -> None:
        """The network that the question is about may have gone."""
        if model.spec.code is None:
            self.reject()

    @Slot()
    def _decline(self) -> None:
        super().reject()
        self._state.checkpoint.code_declined.emit(self._diagnosis)

    def accept(self) -> None:
        """Load the file into the network that the code builds."""
        super().accept()
        if self._state.spec.code is not None:
            weights = WeightsSpec("file", path=self._diagnosis.path)
            self._state.choose_spec(replace(self._state.spec, weights=weights))
