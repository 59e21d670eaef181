"""What the picture is compared with, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from core.types import Activations, Comparison, Failure, ImageRef, JobProgress, ModelSpec, WeightsOption

A, B, DIFFERENCE = SIDES = ("A", "B", "B − A")
"""Whose maps are shown."""

Unit = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Opponent:
    """What B is: another picture with the same model, or another model with the same picture; one of the two is given."""

    image: ImageRef | None = None
    spec: ModelSpec | None = None


class ComparisonFacts(QObject):
    """A is what the window is about; B, while one compares, is the opponent."""

    opponent_changed = Signal(object)  # Opponent | None: what B is; None when the comparison is over
    answer_changed = Signal(object)  # Comparison | None; what was known of another B or A stays until the new one
    failure_changed = Signal(object)  # Failure | None: why B has no answer
    waiting_changed = Signal(bool)  # an answer is on its way
    progress_changed = Signal(object)  # JobProgress | None of a model that is loaded for B
    side_changed = Signal(str)  # one of SIDES
    options_wanted = Signal(str)  # an architecture whose weights a person wants to choose from
    options_changed = Signal(str, object)  # that architecture, tuple[WeightsOption, ...]

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.opponent: Opponent | None = None
        self.answer: Comparison | None = None
        self.failure: Failure | None = None
        self.waiting: bool = False
        self.progress: JobProgress | None = None
        self.side: str = A
        self.hovered_unit: Unit | None = None
        """The unit under the pointer in the maps of B, while those are shown."""

    @property
    def active(self) -> bool:
        """Whether anything is compared."""
        return self.opponent is not None

    def begin(self, opponent: Opponent) -> None:
        """Compare with something, or with something else."""
        if opponent != self.opponent:
            self.opponent = opponent
            self.set_failure(None)
            self.opponent_changed.emit(opponent)

    def end(self) -> None:
        """Compare no more; everything is about A alone again."""
        if self.opponent is None:
            return
        self.set_side(A)
        self.opponent = None
        self.hovered_unit = None
        self.set_answer(None)
        self.set_failure(None)
        self.set_waiting(False)
        self.opponent_changed.emit(None)

    def set_answer(self, answer: Comparison | None) -> None:
        """Note what came of it."""
        if answer is not self.answer:
            self.answer = answer
            self.answer_changed.emit(answer)

    def set_failure(self, failure: Failure | None) -> None:
        """Note why B has no answer."""
        if failure != self.failure:
            self.failure = failure
            self.failure_changed.emit(failure)

    def set_waiting(self, waiting: bool) -> None:
        """Note whether an answer is on its way."""
        if waiting != self.waiting:
            self.waiting = waiting
            self.waiting_changed.emit(waiting)
        if not waiting:
            self.set_progress(None)

    def set_progress(self, progress: JobProgress | None) -> None:
        """Note how far it is."""
        if progress != self.progress:
            self.progress = progress
            self.progress_changed.emit(progress)

    def set_side(self, side: str) -> None:
        """Choose whose maps are shown, one of :data:`SIDES`; without a comparison it is A."""
        if side != self.side and side in SIDES and (self.active or side == A):
            self.side = side
            self.side_changed.emit(side)

    def pick(self, activations: Activations | None) -> Activations | None:
        """Return what the maps show, given those of A."""
        if self.side == A:
            return activations
        if self.answer is None:
            return None
        return self.answer.activations if self.side == B else self.answer.difference

    def want_options(self, architecture: str) -> None:
        """Ask which weights an architecture can have."""
        self.options_wanted.emit(architecture)

    def set_options(self, architecture: str, options: tuple[WeightsOption, ...]) -> None:
        """Tell which weights an architecture can have."""
        self.options_changed.emit(architecture, options)
