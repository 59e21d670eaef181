"""Has the loaded model take its pictures another way, and says where it cannot."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Slot

from core.types import Failure, ModelInfo, Preprocessing, PreprocessRequest
from gui.conductor import Conductor
from gui.desks.desk import Desk
from gui.state import AppState


class PreparationDesk(Desk):
    """The model now loaded stays as it is until the changed one has run."""

    kinds = (PreprocessRequest,)

    def __init__(self, state: AppState, conductor: Conductor) -> None:
        super().__init__(state, conductor)
        state.preparation.wanted.connect(self._prepare)
        state.model_changed.connect(self._hear_model)

    @Slot(object)
    def _prepare(self, how: Preprocessing | None) -> None:
        self.conductor.prepare_pictures(how)

    @Slot(object)
    def _hear_model(self, _model: ModelInfo) -> None:
        self.state.preparation.set_refusal("")

    def refuse(self, request: Any, failure: Failure) -> None:
        """Say it where the sizes are chosen; what could not be remembered, on the window."""
        if failure.kind in ("unwritable", "note"):
            self.state.raise_notice(failure)
        else:
            self.state.preparation.set_refusal(failure.message)
