"""Asks what the channels of the layer contribute to the category, while somebody wants to know."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Slot

from core.types import ContributionRequest, Failure
from gui.conductor import Conductor
from gui.desks.desk import Desk
from gui.state import AppState


class ContributionDesk(Desk):
    """One question for each picture, layer and category; what is asked for last is the only thing waited for."""

    kinds = (ContributionRequest,)

    def __init__(self, state: AppState, conductor: Conductor) -> None:
        super().__init__(state, conductor)
        state.contributions.wanted_changed.connect(self._follow_wish)
        state.image_changed.connect(self._follow)
        state.layer_changed.connect(self._follow)
        state.classification_changed.connect(self._follow)
        state.selection.category_changed.connect(self._follow)
        state.model_changed.connect(self._forget)

    @Slot(bool)
    def _follow_wish(self, _wanted: bool) -> None:
        self._follow()

    @Slot()
    def _forget(self, *_: object) -> None:
        """What the last model said is worth nothing; the picture's new answer will be asked about."""
        self.state.contributions.put(None)
        self._follow()

    @Slot()
    def _follow(self, *_: object) -> None:
        state = self.state
        if state.contributions.failure is not None:
            state.contributions.put(state.contributions.answer)
        if not state.contributions.wanted or not self._answered() or not state.layer:
            self.call_off()
        elif state.contributions.about(state.image, state.layer, state.category) is None:
            self.ask(ContributionRequest, state.image, state.layer, state.category)
        else:
            self.call_off()

    def _answered(self) -> bool:
        """Whether the category is that of this picture and this model, and the layer one of this model."""
        state = self.state
        answer, model = state.classification, state.model
        if answer is None or model is None or state.failure is not None or state.category is None:
            return False
        return answer.image == state.image and answer.model == model.spec

    def take(self, request: Any, answer: Any) -> None:
        """Note what the channels contribute."""
        self.state.contributions.put(answer)

    def refuse(self, request: Any, failure: Failure) -> None:
        """Note why there is nothing to sort by; the view says it where the numbers would stand."""
        self.state.contributions.put(None, failure)
