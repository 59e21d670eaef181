"""Keeps B up to date while one compares."""

from __future__ import annotations

from typing import Any, ClassVar

from PySide6.QtCore import Slot
from PySide6.QtGui import QAction

from core.types import CompareOptionsRequest, CompareRequest, Comparison, Failure, ImageRef, JobProgress
from gui.conductor import Conductor
from gui.desks.desk import Desk
from gui.facts.comparison import SIDES, Opponent
from gui.state import AppState


class CompareDesk(Desk):
    """Asks for B anew whenever A, B, the layer or the model changes; lets the second model go when the comparison ends."""

    kinds: ClassVar[tuple[type, ...]] = (CompareRequest, CompareOptionsRequest)

    def __init__(self, state: AppState, conductor: Conductor) -> None:
        super().__init__(state, conductor)
        self._facts = state.comparison
        self._actions: dict[str, QAction] = {}
        self._facts.opponent_changed.connect(self._follow_opponent)
        self._facts.options_wanted.connect(self._ask_for_options)
        state.image_changed.connect(self._renew)
        # A model that was loaded always tells its layer afterwards, even where that is the same.
        state.layer_changed.connect(self._renew)
        state.truth_restored.connect(self._renew)
        state.images_removed.connect(self._end_without_picture)

    # --- what a person does

    @Slot()
    def toggle(self) -> None:
        """Compare with the next picture of the strip, or end the comparison."""
        if self._facts.active:
            self._facts.end()
        else:
            self._step(1)

    @Slot()
    def next_picture(self) -> None:
        """Let the next picture of the strip be B."""
        self._step(1)

    @Slot()
    def previous_picture(self) -> None:
        """Let the previous picture of the strip be B."""
        self._step(-1)

    @Slot()
    def next_side(self) -> None:
        """Show the maps of A, of B, and the difference in turn."""
        self._facts.set_side(SIDES[(SIDES.index(self._facts.side) + 1) % len(SIDES)])

    def name_actions(self, actions: dict[str, QAction]) -> None:
        """Keep the words of the actions true: ``compare`` also ends the comparison."""
        self._actions = actions
        self._word_actions()

    def _word_actions(self) -> None:
        active = self._facts.active
        if self._actions:
            self._actions["compare"].setText("End the &Comparison" if active else "&Compare with the Next Picture")
            self._actions["compare_side"].setEnabled(active)

    def begin_with(self, images: tuple[ImageRef, ...]) -> None:
        """Compare with the first of some pictures that is not A."""
        other = next((image for image in images if image != self.state.image), None)
        if other is None:
            self._say("Choose another picture in the strip to compare with: this one is A already.")
        else:
            self._facts.begin(Opponent(image=other))

    def _step(self, by: int) -> None:
        """Go on from B, or from A where nothing is compared with it yet, around the end, past A."""
        images = self.state.images
        opponent = self._facts.opponent
        start = opponent.image if opponent is not None and opponent.image is not None else self.state.image
        if start not in images or len(images) < 2:
            self._say("There is no second picture to compare with. Open another one, or compare with another model.")
            return
        at = images.index(start)
        turn = (images[(at + by * step) % len(images)] for step in range(1, len(images) + 1))
        self._facts.begin(Opponent(image=next(image for image in turn if image != self.state.image)))

    def _say(self, words: str) -> None:
        self.state.raise_notice(Failure("note", words))

    # --- keeping up

    @Slot(object)
    def _follow_opponent(self, opponent: Opponent | None) -> None:
        self._word_actions()
        if opponent is None:
            # The same kind of request, so that the newest of them wins: whatever is kept for B goes.
            self.ask(CompareRequest, None, None)
        else:
            self._renew()

    @Slot()
    def _renew(self) -> None:
        opponent, image, model = self._facts.opponent, self.state.image, self.state.model
        if opponent is None:
            return
        if image is None:
            self.conductor.call_off(CompareRequest)
            self._facts.set_waiting(False)
            self._facts.set_answer(None)
        elif model is not None and self.state.layer:
            self._facts.set_waiting(True)
            self.ask(CompareRequest, image, opponent.image or image, opponent.spec, self.state.layer)

    @Slot(object)
    def _end_without_picture(self, gone: tuple[ImageRef, ...]) -> None:
        opponent = self._facts.opponent
        if opponent is not None and opponent.image in gone:
            self._facts.end()

    @Slot(str)
    def _ask_for_options(self, architecture: str) -> None:
        self.ask(CompareOptionsRequest, architecture)

    # --- answers

    def take(self, request: Any, answer: Any) -> None:
        """Write down what B says, or which weights there are."""
        if isinstance(request, CompareOptionsRequest):
            self._facts.set_options(request.architecture, answer)
        elif isinstance(answer, Comparison):
            self._facts.set_failure(None)
            self._facts.set_answer(answer)
            self._facts.set_waiting(False)
            for words in answer.notices:
                self._say(words)

    def refuse(self, request: Any, failure: Failure) -> None:
        """Say why B has no answer; a model that cannot be had ends the comparison."""
        if isinstance(request, CompareOptionsRequest):
            super().refuse(request, failure)
            return
        if not self._facts.active:
            return
        self._facts.set_waiting(False)
        if request.spec is not None and self.state.failure is None:
            super().refuse(request, failure)
            self._facts.end()
        else:
            self._facts.set_answer(None)
            self._facts.set_failure(failure)

    def advance(self, request: Any, progress: JobProgress) -> None:
        """Note that a model is loaded for B; what comes after that is too short to be told."""
        if isinstance(request, CompareRequest) and self._facts.active:
            self._facts.set_progress(progress if progress.done == 0 else None)
