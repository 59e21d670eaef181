"""Asks for the mean activation of all layers once the rest of a picture has arrived."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Slot

from core.types import Failure, LayerMeans, LayerMeansRequest
from gui.conductor import Conductor
from gui.desks.desk import Desk
from gui.state import AppState

REST = 200
"""Milliseconds after the predictions and maps of a picture: who steps through pictures is not held up."""


class LayerMeansDesk(Desk):
    """One request a picture and model, and none while nobody looks."""

    kinds = (LayerMeansRequest,)

    def __init__(self, state: AppState, conductor: Conductor) -> None:
        super().__init__(state, conductor)
        self._soon = QTimer(self, interval=REST, singleShot=True)
        self._soon.timeout.connect(self._ask)
        state.activations_changed.connect(self._plan)
        state.layer_means.wanted_changed.connect(self._plan)
        state.image_changed.connect(self._give_up)
        state.model_changed.connect(self._forget)
        state.failure_changed.connect(self._hear_failure)
        state.classification_changed.connect(self._drop_stale)

    @property
    def plans(self) -> bool:
        """Whether a request is about to be sent."""
        return self._soon.isActive()

    @Slot()
    def _plan(self) -> None:
        if self._is_missing():
            self._soon.start()
        elif not self.state.layer_means.wanted:
            self._give_up()

    def _is_missing(self) -> bool:
        """Whether the picture has its predictions, and its means are wanted, not there, and not under way."""
        facts, answer = self.state.layer_means, self.state.classification
        if not facts.wanted or answer is None or answer.image != self.state.image or facts.reason:
            return False
        known = facts.means is not None and facts.means.image == answer.image
        return not known and not self.conductor.waits_for(LayerMeansRequest)

    @Slot()
    def _ask(self) -> None:
        if self.state.busy:
            self._soon.start()
        elif self._is_missing():
            self.ask(LayerMeansRequest, self.state.image)

    @Slot()
    def _give_up(self) -> None:
        self._soon.stop()
        self.call_off()
        if self.state.image is None or self.state.layer_means.reason:
            self.state.layer_means.put(None)

    @Slot()
    def _forget(self) -> None:
        """The model is another one, or the picture cannot be read."""
        self._soon.stop()
        self.call_off()
        self.state.layer_means.put(None)

    @Slot(object)
    def _hear_failure(self, failure: Failure | None) -> None:
        if failure is not None:
            self._forget()

    @Slot()
    def _drop_stale(self) -> None:
        """Let go of the last picture's means together with its predictions."""
        means, answer = self.state.layer_means.means, self.state.classification
        if means is not None and (answer is None or means.image != answer.image):
            self.state.layer_means.put(None)

    def take(self, request: LayerMeansRequest, answer: LayerMeans) -> None:
        """Note the means."""
        if request.image == self.state.image:
            self.state.layer_means.put(answer)

    def refuse(self, request: LayerMeansRequest, failure: Failure) -> None:
        """Nobody asked for this: the reason stands where the bars would be, not in a notice."""
        if request.image == self.state.image:
            self.state.layer_means.put(None, failure.message)
