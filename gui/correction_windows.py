"""Correcting predictions: the actions on the selected pictures, and the windows of correcting, fine-tuning and proof."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from core.types import ImageRef, Prediction
from gui.state import AppState
from gui.widgets.image_strip import ImageStrip

if TYPE_CHECKING:
    from gui.dialogs.train.proof_dialog import ProofDialog

STRIP_ACTIONS = ("correct", "confirm", "unlabel")
"""Keys of the actions that stand first in the strip's context menu."""


class CorrectionWindows(QObject):
    """What a person does about labels, wherever the keyboard is: it is about the pictures selected in the strip."""

    told = Signal(str)

    def __init__(self, state: AppState, strip: ImageStrip, window: QWidget) -> None:
        super().__init__(window)
        self._state, self._strip, self._window = state, strip, window
        self._undo: QAction | None = None
        self._redo: QAction | None = None
        self.proof: ProofDialog | None = None
        state.history.changed.connect(self._name)
        state.corrections.proof_changed.connect(self.show_proof)

    def handlers(self) -> dict[str, Callable[..., None]]:
        """The handlers of the actions, by their keys."""
        return {
            "correct": self.correct, "confirm": self.confirm, "unlabel": self.unlabel,
            "least_certain": self.next_least_certain, "fine_tune": self.fine_tune, "proof": self.show_proof,
        }  # fmt: skip

    def name_actions(self, actions: Mapping[str, QAction]) -> None:
        """Have Undo and Redo say what they are about."""
        self._undo, self._redo = actions["undo"], actions["redo"]
        self._name()

    @Slot()
    def _name(self) -> None:
        history = self._state.history
        for action, word, facts in ((self._undo, "&Undo", history.next_undo), (self._redo, "&Redo", history.next_redo)):
            if action is not None:
                action.setText(f"{word} {getattr(facts, 'noun', '')}".rstrip())
                action.setEnabled(facts is not None)

    def _said(self) -> dict[ImageRef, Prediction | None]:
        chosen = self._strip.selected_images() or ((self._state.image,) if self._state.image is not None else ())
        verdicts = ((image, self._state.verdict(image)) for image in chosen)
        return {image: verdict.prediction if verdict is not None else None for image, verdict in verdicts}

    @Slot()
    def correct(self) -> None:
        """Ask what the selected pictures show."""
        said = self._said()
        if said:
            from gui.dialogs.train.correct_dialog import CorrectDialog

            CorrectDialog(self._state, tuple(said), self._window).open()
        else:
            self.told.emit("Open a picture first.")

    @Slot()
    def confirm(self) -> None:
        """Note that the predictions of the selected pictures are right."""
        said = self._said()
        if any(said.values()):
            self._state.corrections.confirm(said)
        else:
            self.told.emit("There is no prediction yet that could be right.")

    @Slot()
    def unlabel(self) -> None:
        """Take the labels of the selected pictures away."""
        self._state.corrections.put(dict.fromkeys(self._said()))

    @Slot()
    def next_least_certain(self) -> None:
        """Go to the unlabelled picture with the lowest top-1, or from one of them to the next less uncertain one."""
        state = self._state
        order = []
        for image in state.images:
            verdict = state.verdict(image)
            if verdict is not None and verdict.prediction is not None and state.corrections.of(image) is None:
                order.append((verdict.prediction.probability, image))
        order.sort(key=lambda one: one[0])
        images = [image for _, image in order]
        if not images:
            self.told.emit("Every picture with a prediction is labelled.")
            return
        at = images.index(state.image) + 1 if state.image in images else 0
        state.set_image(images[at % len(images)])

    @Slot()
    def fine_tune(self) -> None:
        """Show what there is to learn from, and ask how."""
        from gui.dialogs.train.corrections_dialog import CorrectionsDialog

        CorrectionsDialog(self._state, self._window).open()

    @Slot()
    def show_proof(self) -> None:
        """Show what the last run on corrections changed."""
        if self._state.corrections.proof is None:
            self.told.emit("No fine-tuning on corrections has ended since the start.")
            return
        if self.proof is None:
            from gui.dialogs.train.proof_dialog import ProofDialog

            self.proof = ProofDialog(self._state, self._window)
        self.proof.show()
        self.proof.raise_()
        self.proof.activateWindow()
