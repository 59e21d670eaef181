"""Training in the window: what is to be learned from, the run that is under way, and what came of it."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from PySide6.QtCore import QObject, Signal

from core.types import EpochMetrics, TrainConfig, TrainOutcome, TrainProgress, WatchedEpoch, WatchedPicture

Stage = Literal["idle", "running", "paused", "stopped", "failed", "done"]
"""Of a run: "stopped" was ended by a person and can go on from its last whole epoch."""

Wish = Literal["", "pause", "go on", "stop"]
"""What a person asked of a run that it has not done yet."""

_LOSSES = 4000
"""Losses of single batches that are kept; beyond, every other one is let go."""


class TrainingFacts(QObject):
    """One run at a time. The run itself is another process; here is what it says."""

    window_wanted = Signal()  # a person wants to see the window of training
    data_changed = Signal(object)  # Path | None: the folder, or list of pictures, to learn from
    run_wanted = Signal(object, bool)  # TrainConfig, whether to go on with what is in its output folder
    pause_wanted = Signal(bool)  # True: pause; False: go on
    stop_wanted = Signal()
    use_wanted = Signal()  # to have the result as the model of the window
    stage_changed = Signal(str)  # Stage
    wish_changed = Signal(str)  # Wish
    progressed = Signal(object)  # TrainProgress
    epoch_ended = Signal(object)  # EpochMetrics, also appended to ``history``
    history_taken = Signal()  # ``history`` now holds the epochs of a run that goes on
    noticed = Signal(str)  # a sentence about something done otherwise than asked, also appended to ``notices``
    watched_changed = Signal()  # what the network of the moment says of pictures of the strip: ``said_of``, ``looks``
    outcome_changed = Signal(object)  # TrainOutcome | None

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.data: Path | None = None
        self.config: TrainConfig | None = None
        self.stage: Stage = "idle"
        self.wish: Wish = ""
        self.failure = ""
        self.can_go_on = False
        self.progress: TrainProgress | None = None
        self.losses: list[tuple[float, float]] = []
        self.history: list[EpochMetrics] = []
        self.notices: list[str] = []
        self.looks: list[WatchedEpoch] = []
        self.outcome: TrainOutcome | None = None
        self._said: dict[Path, WatchedPicture] = {}

    @property
    def active(self) -> bool:
        """Whether a run is under way, paused or not."""
        return self.stage in ("running", "paused")

    def said_of(self, path: Path) -> tuple[int, WatchedPicture] | None:
        """The last epoch that was watched, and what its network says of a picture; None unless a run is under way."""
        said = self._said.get(path) if self.active else None
        return (self.looks[-1].epoch, said) if said is not None and said.top else None

    def want_window(self) -> None:
        """Ask for the window."""
        self.window_wanted.emit()

    def set_data(self, data: Path | None) -> None:
        """Choose what to learn from."""
        if data != self.data:
            self.data = data
            self.data_changed.emit(data)

    def want_run(self, config: TrainConfig, *, resume: bool = False) -> None:
        """Ask for a run; nothing happens while one is under way."""
        if not self.active:
            self.run_wanted.emit(config, resume)

    def want_pause(self, paused: bool) -> None:
        """Ask the run to wait, or to go on."""
        if self.active:
            self.set_wish("pause" if paused else "go on")
            self.pause_wanted.emit(paused)

    def want_stop(self) -> None:
        """Ask the run to end; its last whole epoch stays."""
        if self.active:
            self.set_wish("stop")
            self.stop_wanted.emit()

    def want_use(self) -> None:
        """Ask for the result as the model of the window."""
        if self.outcome is not None:
            self.use_wanted.emit()

    def begin(self, config: TrainConfig) -> None:
        """Note that a run has begun; what was known of the last one is forgotten."""
        self.config, self.failure, self.progress, self.can_go_on = config, "", None, False
        self.history, self.notices, self.losses = [], [], []
        self.looks, self._said = [], {}
        self.set_outcome(None)
        self.set_stage("running")
        self.watched_changed.emit()

    def set_stage(self, stage: Stage, failure: str = "", *, can_go_on: bool = False) -> None:
        """Note how the run stands; ``failure`` says why it failed, ``can_go_on`` whether its last epoch is on disk."""
        self.failure, self.can_go_on = failure, can_go_on
        self.set_wish("")
        if stage != self.stage:
            self.stage = stage
            self.stage_changed.emit(stage)
            if not self.active:
                self.watched_changed.emit()

    def set_wish(self, wish: Wish) -> None:
        """Note what a person asked for, or that it was done ("")."""
        if wish != self.wish:
            self.wish = wish
            self.wish_changed.emit(wish)

    def set_progress(self, progress: TrainProgress) -> None:
        """Note how far it is."""
        self.progress = progress
        if progress.loss == progress.loss and progress.total:
            self.losses.append((progress.epoch - 1 + progress.done / progress.total, progress.loss))
            if len(self.losses) > _LOSSES:
                del self.losses[::2]
        self.progressed.emit(progress)

    def add_epoch(self, metrics: EpochMetrics) -> None:
        """Note an epoch that is over."""
        self.history.append(metrics)
        self.epoch_ended.emit(metrics)

    def take_history(self, history: tuple[EpochMetrics, ...]) -> None:
        """Note the epochs from before the run was broken off."""
        self.history = list(history)
        self.history_taken.emit()

    def add_notice(self, sentence: str) -> None:
        """Note a sentence of the run."""
        self.notices.append(sentence)
        self.noticed.emit(sentence)

    def add_look(self, look: WatchedEpoch) -> None:
        """Note what the network of an epoch says of pictures of the strip."""
        self.looks.append(look)
        self._said = {one.path: one for one in look.pictures}
        self.watched_changed.emit()

    def set_outcome(self, outcome: TrainOutcome | None) -> None:
        """Note what the run left."""
        self.outcome = outcome
        self.outcome_changed.emit(outcome)
