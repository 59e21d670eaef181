"""Published weights on their way to this computer: what is offered, how far it is, and why it stopped."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from PySide6.QtCore import QObject, Signal, Slot

from core.types import DownloadProgress, Failure, PublishedWeights

DownloadState = Literal["none", "offered", "running", "paused", "failed"]


@dataclass(frozen=True, slots=True)
class Download:
    """The one download of the window; ``progress`` is the last that was told, ``failure`` why it has failed; ``again`` says
    that what is on this computer is of no use."""

    state: DownloadState = "none"
    weights: PublishedWeights | None = None
    progress: DownloadProgress | None = None
    failure: Failure | None = None
    again: bool = False


class DownloadFacts(QObject):
    """One download at a time. ``mirror`` is the one of the settings, "" for none."""

    changed = Signal(object)  # Download
    asked_for = Signal()  # a person has just chosen what is offered now
    wanted = Signal(object)  # PublishedWeights: begin or go on
    pause_wanted = Signal()
    cancel_wanted = Signal(object)  # PublishedWeights: stop, and delete what was received

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.now = Download()
        self.mirror = ""

    @property
    def busy(self) -> bool:
        """Whether something is on its way, or paused."""
        return self.now.state in ("running", "paused")

    def offer(self, weights: PublishedWeights, *, asked_for: bool = False, again: bool = False) -> None:
        """Offer to download weights; what is on its way already is not disturbed.

        ``asked_for`` says that a person has chosen them, so that the answer should be near at hand;
        ``again`` that the file which is here cannot be used.
        """
        if not self.busy:
            self.set_now(Download("offered", weights, again=again))
        if asked_for:
            self.asked_for.emit()

    def dismiss(self) -> None:
        """Take an offer or a failure away."""
        if not self.busy:
            self.set_now(Download())

    def want(self) -> None:
        """Begin what is offered, go on with what is paused, or try again what has failed."""
        if self.now.weights is not None and self.now.state != "running":
            self.set_now(replace(self.now, state="running", failure=None))
            self.wanted.emit(self.now.weights)

    @Slot()
    def pause(self) -> None:
        """Stop for now; what was received is kept."""
        if self.now.state == "running":
            self.set_now(replace(self.now, state="paused"))
            self.pause_wanted.emit()

    def cancel(self) -> None:
        """Stop, and delete what was received."""
        weights = self.now.weights
        if weights is not None and self.busy:
            self.set_now(Download())
            self.cancel_wanted.emit(weights)

    def advance(self, progress: DownloadProgress) -> None:
        """Note how far it is."""
        if self.now.state == "running":
            self.set_now(replace(self.now, progress=progress))

    def fail(self, failure: Failure) -> None:
        """Note why it has failed."""
        self.set_now(replace(self.now, state="failed", failure=failure))

    def finish(self) -> None:
        """Note that it is done."""
        self.set_now(Download())

    def set_now(self, now: Download) -> None:
        """Note the state of the download."""
        if now != self.now:
            self.now = now
            self.changed.emit(now)
