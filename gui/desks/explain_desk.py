"""Has the explanation made that the panel “Why” and the picture show, and drops it when it is about something else."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import QTimer, Slot

from core.types import METHODS, ExplainRequest, Explanation, Failure, ImageRef, JobProgress, ModelSpec
from gui.conductor import Conductor
from gui.desks.desk import Desk
from gui.state import AppState

Subject = tuple[ModelSpec, ImageRef, str, int, str]
"""What an explanation is about: model, picture, method, category, and the layer that was asked for."""

OVERLAY = "why"


class ExplainDesk(Desk):
    """Quick methods follow every choice while somebody looks; long ones are begun by a person only.

    A quick answer replaces the one before without a gap; an answer that is no longer true and not replaced is taken away.
    """

    kinds: ClassVar[tuple[type, ...]] = (ExplainRequest,)

    def __init__(self, state: AppState, conductor: Conductor) -> None:
        super().__init__(state, conductor)
        self._facts = state.explanation
        self._asked: Subject | None = None
        self._shown: Subject | None = None
        self._refused: Subject | None = None
        # Several facts change in one turn of the event loop; one request answers for all of them.
        self._soon = QTimer(self, interval=0, singleShot=True)
        self._soon.timeout.connect(self._settle)
        facts = (
            state.image_changed, state.classification_changed, state.model_changed, state.failure_changed,
            state.layer_changed, state.selection.category_changed, self._facts.method_changed,
            self._facts.follows_layer_changed, self._facts.watched_changed, self._facts.kept_changed,
        )  # fmt: skip
        for fact in facts:
            fact.connect(self._follow)
        self._facts.wanted.connect(self.begin)
        self._facts.called_off.connect(self.cancel)

    @property
    def subject(self) -> Subject | None:
        """What an explanation would be about now; None while there is no answer about the current picture."""
        state, answer = self.state, self.state.classification
        if state.model is None or state.image is None or state.failure is not None or answer is None or state.category is None:
            return None
        if answer.image != state.image or answer.model != state.model.spec:
            return None
        follows = self._facts.about.needs_layer and self._facts.follows_layer
        layer = state.layer if follows else ""
        return state.model.spec, state.image, self._facts.method, state.category, layer

    @property
    def _active(self) -> bool:
        return self._facts.watched or (self._facts.kept and self.state.overlays[OVERLAY].visible)

    @Slot()
    def _follow(self) -> None:
        self._soon.start()

    @Slot()
    def _settle(self) -> None:
        """Ask anew, or drop what is not true any more."""
        subject = self.subject
        if self._asked is not None and (self._asked != subject or not self.conductor.waits_for(ExplainRequest)):
            self._stop()
        if subject is None:
            if self.state.image is None or self.state.failure is not None:
                self._drop()
        elif subject == self._shown:
            self._lay_over()
        elif subject not in (self._asked, self._refused):
            if self._active and METHODS[subject[2]].quick:
                self._ask(subject)
            else:
                self._drop()

    def _lay_over(self) -> None:
        """Put the explanation back if it was taken away with all overlays: it is still true."""
        if self._facts.found is not None and self.state.overlays[OVERLAY].heat is None:
            self.state.overlays.put(OVERLAY, self._facts.found.heat)

    @Slot()
    def begin(self) -> None:
        """Make the explanation now, if it is not there or under way."""
        subject = self.subject
        if subject is not None and subject not in (self._shown, self._asked):
            self._ask(subject)

    @Slot()
    def cancel(self) -> None:
        """Give up what is under way; a quick method is not begun again by itself."""
        if self._asked is not None:
            asked = self._asked
            self._stop()
            self._drop()
            self._refused = asked

    @Slot()
    def toggle(self) -> None:
        """Hide the explanation; or show it over the picture, and make it first if it is not there."""
        overlay = self.state.overlays[OVERLAY]
        if overlay.heat is not None and overlay.visible:
            self.state.overlays.set_visible(OVERLAY, False)
            self._facts.set_kept(False)
            return
        self.state.overlays.set_visible(OVERLAY, True)
        self._facts.set_kept(True)
        self.begin()

    def _ask(self, subject: Subject) -> None:
        self._asked, self._refused = subject, None
        if not METHODS[subject[2]].quick:
            self._drop()
        self._facts.set_progress(JobProgress(0, 0, "Beginning"))
        _, image, method, category, layer = subject
        self.ask(ExplainRequest, image, method, category, layer)

    def _stop(self) -> None:
        self._asked = None
        self.call_off()
        self._facts.set_progress(None)

    def _drop(self) -> None:
        self._shown = self._refused = None
        self._facts.set_found(None)
        self._facts.set_failure(None)
        self.state.overlays.put(OVERLAY, None)

    def take(self, request: ExplainRequest, answer: Explanation) -> None:
        """Show an explanation."""
        self._shown, self._asked = self._asked, None
        self._facts.set_failure(None)
        self._facts.set_progress(None)
        self._facts.set_found(answer)
        self.state.overlays.put(OVERLAY, answer.heat)

    def refuse(self, request: ExplainRequest, failure: Failure) -> None:
        """Say in the panel why there is none; without the panel, in a notice."""
        asked, self._asked = self._asked, None
        self._drop()
        self._refused = asked
        self._facts.set_progress(None)
        self._facts.set_failure(failure)
        if not self._facts.watched:
            self.state.raise_model_notice(failure)

    def advance(self, request: ExplainRequest, progress: JobProgress) -> None:
        """Note how far it is."""
        self._facts.set_progress(progress)
