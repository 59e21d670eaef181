"""Asks the heads of the network about the picture while their panel is on the screen."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Slot

from core.types import HEADED, Failure, HeadsRequest
from gui.conductor import Conductor
from gui.desks.desk import Desk
from gui.state import AppState


class HeadsDesk(Desk):
    """One question a picture and model."""

    kinds = (HeadsRequest,)

    def __init__(self, state: AppState, conductor: Conductor) -> None:
        super().__init__(state, conductor)
        self._facts = state.heads
        self._facts.wanted_changed.connect(self._follow)
        state.image_changed.connect(self._follow)
        state.classification_changed.connect(self._follow)
        state.failure_changed.connect(self._follow)
        state.model_changed.connect(self._forget)

    @Slot()
    def _forget(self) -> None:
        """What the last model said is worth nothing; the picture's new predictions will be followed by a question."""
        self.call_off()
        self._facts.put(None)

    @Slot()
    def _follow(self) -> None:
        if self.state.image is None or self.state.failure is not None:
            self.call_off()
            self._facts.put(None)
        elif not self._facts.wanted or not self._answered():
            self.call_off()
        elif self._facts.answer is None or self._facts.answer.image != self.state.image:
            self.ask(HeadsRequest, self.state.image)

    def _answered(self) -> bool:
        """Whether the picture has the predictions of a model that has several heads."""
        answer, model = self.state.classification, self.state.model
        if answer is None or model is None or model.spec.code is not None or model.spec.architecture not in HEADED:
            return False
        return answer.image == self.state.image and answer.model == model.spec

    def take(self, request: Any, answer: Any) -> None:
        """Note what the heads say."""
        if request.image == self.state.image:
            self._facts.put(answer)

    def refuse(self, request: Any, failure: Failure) -> None:
        """The reason stands where the answer would."""
        if request.image == self.state.image:
            self._facts.put(None, failure)
