"""The truth about B in the form in which widgets read the truth about A, so that the same widgets show both."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from core.types import ActivationGrid, Activations, Comparison, Failure
from gui.facts.comparison import B, Opponent, Unit
from gui.state import AppState


class SideB(QObject):
    """Fills an :class:`AppState` of its own with what is known of B, and keeps the cursor on the same unit.

    Attributes
    ----------
    state
        The truth about B. Nobody but this object writes into it, and nobody but widgets listens to it.
    """

    def __init__(self, main: AppState, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._main = main
        self._facts = main.comparison
        self.state = AppState(self)
        self._facts.opponent_changed.connect(self._follow)
        self._facts.answer_changed.connect(self._follow_answer)
        self._facts.failure_changed.connect(self._follow_failure)
        self._facts.waiting_changed.connect(self.state.set_busy)
        main.image_changed.connect(self._follow)
        main.unit_hovered.connect(self._follow_unit)
        self._follow()

    @Slot()
    def _follow(self) -> None:
        opponent = self._facts.opponent
        if opponent is None:
            return
        self.state.set_image(self._image(opponent))
        self.state.set_busy(self._facts.waiting)
        self._follow_failure(self._facts.failure)
        self._follow_answer(self._facts.answer)

    def _image(self, opponent: Opponent) -> object:
        return self._main.image and (opponent.image or self._main.image)

    @Slot(object)
    def _follow_answer(self, answer: Comparison | None) -> None:
        self.state.model = answer.model if answer is not None else None
        picture = answer.picture if answer is not None else None
        # The same picture for another layer is the same object: making pixmaps of it again would cost more than all the rest.
        if picture is not self.state.picture:
            self.state.set_picture(picture)
        self.state.set_network_input(answer.network_input if answer is not None else None)
        self.state.set_classification(answer.classification if answer is not None else None)
        self.state.set_activations(answer.activations if answer is not None else None)
        self._follow_unit(self._main.hovered_unit)

    @Slot(object)
    def _follow_failure(self, failure: Failure | None) -> None:
        self.state.set_failure(failure)

    @Slot(object)
    def _follow_unit(self, unit: Unit | None) -> None:
        exact = self._facts.hovered_unit if self._facts.side == B else None
        if unit is not None and exact is None:
            exact = carried(unit, self._main.activations, self.state.activations)
        self.state.hover_unit(exact if unit is not None else None)


def carried(unit: Unit, source: Activations | None, target: Activations | None) -> Unit | None:
    """Return the unit of ``target`` whose map pixel holds the middle of that of ``source``; None without maps."""
    if not isinstance(source, ActivationGrid) or not isinstance(target, ActivationGrid):
        return None
    row, column = unit
    return (
        min(target.tile_height - 1, (2 * row + 1) * target.tile_height // (2 * source.tile_height)),
        min(target.tile_width - 1, (2 * column + 1) * target.tile_width // (2 * source.tile_width)),
    )
