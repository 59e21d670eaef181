"""How pictures are prepared for the network: sizes, filter, mean and standard deviation, changed while one looks on."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from core.types import ModelInfo, Preprocessing
from gui import theme
from gui.dialogs.preparation_form import PRESETS, PreparationForm
from gui.state import AppState
from gui.widgets.elided_label import ElidedLabel

DELAY = 250
"""Milliseconds of rest after the last change before it is tried."""

_LINES = 6
"""So many lines are kept free for what is said below the form."""

_REMEMBERED = "Remembered for this weights file, wherever it lies."
_FLEETING = "Random weights have no file: this lasts until another model is loaded."


class PreparationDialog(QDialog):
    """Shows the preprocessing of the loaded model; every change is tried at once, and what cannot be is said here.

    What cannot be tried leaves the model as it was.
    """

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.setObjectName("preparationDialog")
        self.setWindowTitle("Preprocessing")
        self.setModal(False)
        self.form = PreparationForm(self)
        self.title = ElidedLabel(self)
        self.title.setProperty("heading", True)
        self.source, self.message = _words(self), _words(self)
        self.undo = QPushButton("&Undo to the Weights’ Own", self)
        self.undo.setToolTip("Prepare pictures as the weights ask for themselves")
        self.undo.setAutoDefault(False)
        self.close_button = QPushButton("Close", self)
        self.close_button.setToolTip("Close; what was changed stays (Escape)")
        self.close_button.setDefault(True)
        self._soon = QTimer(self, interval=DELAY, singleShot=True)
        self._soon.timeout.connect(self.apply)
        self._lay_out()
        self.form.changed.connect(self._soon.start)
        self.form.preset_chosen.connect(self._take_preset)
        self.undo.clicked.connect(self._take_own)
        self.close_button.clicked.connect(self.accept)
        state.model_changed.connect(self._show)
        state.preparation.refused.connect(self._tell)
        self.finished.connect(self._end)
        self._show(state.model)

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.addWidget(self.undo)
        buttons.addStretch(1)
        buttons.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 16)
        column.setSpacing(12)
        column.addWidget(self.title)
        column.addWidget(self.form)
        column.addWidget(self._make_block())
        column.addLayout(buttons)
        self.setMinimumWidth(460)

    def _make_block(self) -> QWidget:
        """What is said below the form: room is kept for all of it, so that nothing else moves when it comes."""
        block = QWidget(self)
        inside = QVBoxLayout(block)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(theme.GRID)
        inside.addWidget(self.source)
        inside.addWidget(self.message)
        inside.addStretch(1)
        block.setFixedHeight(_LINES * self.source.fontMetrics().lineSpacing() + theme.GRID)
        return block

    @Slot(object)
    def _show(self, model: ModelInfo | None) -> None:
        if model is None:
            return
        own = model.own_preprocessing
        words = f"As asked for by {model.preprocessing.source}."
        if own is not None:
            words = f"Changed by you; the weights’ own: {own.describe()}."
        self.title.setText(model.title)
        self.source.setText(words)
        self.undo.setEnabled(own is not None)
        self._tell("")
        # What a person is typing now must not be overwritten by the answer to what was typed before.
        if not self._soon.isActive() and not _alike(self.form.preprocessing(), model.preprocessing):
            self.form.show_preprocessing(model.preprocessing)

    @Slot(str)
    def _tell(self, refusal: str) -> None:
        model = self._state.model
        kept = _REMEMBERED if model is not None and model.weights_sha256 else _FLEETING
        text = f"{refusal} The model stays as it was." if refusal else kept
        self.message.setText(text)
        self.message.setAccessibleName(text)
        self.message.setProperty("tone", "error" if refusal else "")
        self.message.setProperty("muted", not refusal)
        self.message.style().unpolish(self.message)
        self.message.style().polish(self.message)

    @Slot()
    def apply(self) -> None:
        """Try what is chosen now, if it is anything else than what is in force."""
        self._soon.stop()
        model = self._state.model
        if model is None:
            return
        wanted = self.form.preprocessing()
        if wanted is None:
            self._tell(self.form.problem)
        elif not _alike(wanted, model.preprocessing):
            self._state.preparation.want(wanted)
        else:
            self._tell("")

    @Slot(str)
    def _take_preset(self, name: str) -> None:
        self.form.take_preset(PRESETS[name])
        self.apply()

    @Slot()
    def _take_own(self) -> None:
        self._soon.stop()
        model = self._state.model
        if model is not None and model.own_preprocessing is not None:
            self.form.show_preprocessing(model.own_preprocessing)
            self._state.preparation.want(None)

    @Slot()
    def _end(self) -> None:
        if self._soon.isActive():
            self.apply()
        self.deleteLater()


def _words(parent: QWidget) -> QLabel:
    label = QLabel(parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    return label


def _alike(one: Preprocessing | None, other: Preprocessing) -> bool:
    """Whether pictures come out the same, wherever the two come from."""
    return one is not None and replace(one, source="") == replace(other, source="")
