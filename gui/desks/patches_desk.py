"""The desk that searches pictures for the strongest patches of a channel."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QTimer, Slot
from PySide6.QtGui import QGuiApplication

from core.types import (
    Failure,
    ImageRef,
    JobProgress,
    KnownPatchesRequest,
    LayerInfo,
    ModelInfo,
    Patches,
    PatchesProgress,
    PatchesRequest,
)
from gui.conductor import Conductor
from gui.desks.desk import Desk
from gui.facts.patches import OpenedPatch
from gui.state import AppState

COUNT = 24
"""Patches that are looked for."""

SIDE = 96
"""Device-independent pixels of the longer side of a patch."""


@dataclass(frozen=True, slots=True)
class _Subject:
    """What an answer is about."""

    layer: str
    channel: int
    folder: Path | None
    per_picture: int
    images: tuple[ImageRef, ...]

    def is_alike(self, other: _Subject | None) -> bool:
        """Whether another one differs only in the pictures that the strip holds."""
        return other is not None and (self.layer, self.channel, self.folder) == (other.layer, other.channel, other.folder)


class PatchesDesk(Desk):
    """A person starts a search, which goes on whatever is looked at meanwhile; a second one takes its place.

    While the panel is seen, and no search is on, the patches of whichever channel is chosen are looked up in what earlier
    searches have kept: where that is all there is to know, nobody needs to search.
    """

    kinds = (PatchesRequest, KnownPatchesRequest)

    def __init__(self, state: AppState, conductor: Conductor) -> None:
        super().__init__(state, conductor)
        self._facts = state.patches
        self._searched: _Subject | None = None
        self._looked_up: _Subject | None = None
        self._shown: _Subject | None = None
        self._layers: tuple[LayerInfo, ...] = ()
        self._told: set[str] = set()
        # Layer, channel and picture often change together.
        self._soon = QTimer(self, interval=0, singleShot=True)
        self._soon.timeout.connect(self._consider)
        # After whoever else hears of new maps: a channel that they do not have yet cannot be chosen among them.
        self._arrival = QTimer(self, interval=0, singleShot=True)
        self._arrival.timeout.connect(self._choose_channel)
        self._going = False
        self._listen()

    def _listen(self) -> None:
        state, facts = self.state, self._facts
        facts.find_wanted.connect(self.find)
        facts.stop_wanted.connect(self.stop)
        facts.opened_changed.connect(self._go_to)
        state.model_changed.connect(self._follow_model)
        for signal in (
            facts.watched_changed, facts.folder_changed, facts.per_picture_changed, state.layer_changed,
            state.selection.channel_changed, state.images_appended, state.images_removed, state.model_changed,
        ):  # fmt: skip
            signal.connect(self._consider_soon)
        for signal in (state.image_changed, state.layer_changed, state.selection.channel_changed):
            signal.connect(self._leave_if_elsewhere)
        state.activations_changed.connect(self._expect_channel)

    @Slot()
    def find(self) -> None:
        """Search for the chosen channel."""
        subject = self._subject()
        if subject is None or not (subject.images or subject.folder):
            return
        if not subject.is_alike(self._shown):
            self._facts.set_answer(None)
        self._searched = self._shown = subject
        self.conductor.call_off(KnownPatchesRequest)
        self._facts.set_progress(JobProgress(0, 0, "Waiting for its turn"))
        self._ask(PatchesRequest, subject)

    @Slot()
    def stop(self) -> None:
        """Give the search up; what it found stays, and the next one goes on from there."""
        if self._searching:
            self.conductor.call_off(PatchesRequest)
            self._end_search()

    @property
    def _searching(self) -> bool:
        return self.conductor.waits_for(PatchesRequest)

    def _end_search(self) -> None:
        # What was searched for stays on the screen, even if another layer is being looked at by now.
        self._looked_up = self._subject()
        self._facts.set_progress(None)

    def _subject(self) -> _Subject | None:
        state, facts = self.state, self._facts
        if state.model is None or not state.layer:
            return None
        images = state.images if facts.folder is None else ()
        return _Subject(state.layer, state.selection.channel, facts.folder, facts.per_picture, images)

    def _ask(self, kind: type[PatchesRequest], subject: _Subject) -> None:
        folders = () if subject.folder is None else (subject.folder,)
        app = QGuiApplication.instance()
        ratio = app.devicePixelRatio() if isinstance(app, QGuiApplication) else 1.0
        side = round(SIDE * ratio)
        self.ask(kind, subject.images, subject.layer, subject.channel, folders, COUNT, subject.per_picture, side)

    @Slot()
    def _consider_soon(self) -> None:
        self._soon.start()

    @Slot()
    def _consider(self) -> None:
        subject = self._subject()
        if subject is None:
            return
        if self._searching:
            searched = self._searched
            if searched is not None and subject.layer == searched.layer and _differs(subject, searched):
                # The pictures that were looked at know every channel of the layer: this goes on where it was.
                self.find()
        elif self._facts.watched and subject != self._looked_up:
            self._looked_up = subject
            if subject.images or subject.folder:
                self._ask(KnownPatchesRequest, subject)
            else:
                self._facts.set_answer(None)

    def take(self, request: PatchesRequest, answer: Patches) -> None:
        """Show what was found."""
        if not isinstance(request, KnownPatchesRequest):
            self._facts.set_answer(answer)
            self._end_search()
        elif not self._searching:
            self._take_known(answer)
        for notice in answer.notices:
            if notice not in self._told:
                self._told.add(notice)
                self.state.raise_notice(Failure("note", notice))

    def _take_known(self, answer: Patches) -> None:
        if answer.looked_at:
            self._shown = self._looked_up
            self._facts.set_answer(answer)
        elif self._looked_up is None or not self._looked_up.is_alike(self._shown):
            self._shown = None
            self._facts.set_answer(None)

    def advance(self, request: PatchesRequest, progress: PatchesProgress) -> None:
        """Show what was found so far."""
        if not isinstance(request, KnownPatchesRequest):
            self._facts.set_progress(progress)
            self._facts.set_answer(progress.so_far)
        elif not self._searching and progress.done == progress.total and progress.so_far and progress.so_far.looked_at:
            # Values and places first; what is cut out of the pictures follows, one by one.
            self._take_known(progress.so_far)

    def refuse(self, request: PatchesRequest, failure: Failure) -> None:
        """Say why there is no answer, if somebody asked for it."""
        if isinstance(request, KnownPatchesRequest):
            # The layer has no such channel, for instance; whoever presses Find is told.
            self._shown = None
            self._facts.set_answer(None)
            return
        self._end_search()
        super().refuse(request, failure)

    @Slot(object)
    def _follow_model(self, model: ModelInfo) -> None:
        if model.layers is self._layers:
            return  # the same model, on another device now
        self._layers = model.layers
        self.call_off()
        self._searched = self._looked_up = self._shown = None
        self._facts.set_progress(None)
        self._facts.set_answer(None)
        self._facts.leave()

    @Slot(object)
    def _go_to(self, opened: OpenedPatch | None) -> None:
        if opened is None:
            return
        self._going = True
        self.state.append_images((opened.patch.image,))
        self.state.set_image(opened.patch.image)
        self.state.set_layer(opened.layer)
        self._choose_channel()
        self._going = False

    @Slot()
    def _expect_channel(self) -> None:
        if self._facts.opened is not None:
            self._arrival.start()

    @Slot()
    def _choose_channel(self) -> None:
        """Choose the channel of the opened patch once its layer is there: another layer may not have so many."""
        opened, shown = self._facts.opened, self.state.activations
        if opened is not None and shown is not None and shown.layer.key == opened.layer:
            self.state.selection.set_channel(opened.channel)

    @Slot()
    def _leave_if_elsewhere(self) -> None:
        opened, state = self._facts.opened, self.state
        if opened is None or self._going:
            return
        here = state.image == opened.patch.image and state.layer == opened.layer
        shown = state.activations
        arrived = shown is not None and shown.layer.key == opened.layer
        if not here or (arrived and state.selection.channel != opened.channel):
            self._facts.leave()


def _differs(subject: _Subject, searched: _Subject) -> bool:
    return (subject.channel, subject.per_picture) != (searched.channel, searched.per_picture)
