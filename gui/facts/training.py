"""Training in the window: what is to be learned from, the run that is under way, and what came of it."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from PySide6.QtCore import QObject, Signal

from core.types import EpochMetrics, TrainConfig, TrainOutcome, TrainProgress

Stage = Literal["idle", "running", "paused", "stopped", "failed", "done"]
"""Of a run: "stopped" was ended by a person and can go on from its last whole epoch."""


class TrainingFacts(QObject):
    """One run at a time. The run itself is another process; here is what it says."""

    window_wanted = Signal()  # a person wants to see the window of training
    data_changed = Signal(object)  # Path | None: the folder, or list of pictures, to learn from
    run_wanted = Signal(object, bool)  # TrainConfig, whether to go on with what is in its output folder
    pause_wanted = Signal(bool)  # True: pause; False: go on
    stop_wanted = Signal()
    stage_changed = Signal(str)  # Stage
    progressed = Signal(object)  # TrainProgress
    epoch_ended = Signal(object)  # EpochMetrics, also appended to ``history``
    noticed = Signal(str)  # a sentence about something done otherwise than asked, also appended to ``notices``
    outcome_changed = Signal(object)  # TrainOutcome | None

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.data: Path | None = None
        self.config: TrainConfig | None = None
        self.stage: Stage = "idle"
        self.failure = ""
        self.progress: TrainProgress | None = None
        self.history: list[EpochMetrics] = []
        self.notices: list[str] = []
        self.outcome: TrainOutcome | None = None

    @property
    def active(self) -> bool:
        """Whether a run is under way, paused or not."""
        return self.stage in ("running", "paused")

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
        self.pause_wanted.emit(paused)

    def want_stop(self) -> None:
        """Ask the run to end; its last whole epoch stays."""
        self.stop_wanted.emit()

    def begin(self, config: TrainConfig) -> None:
        """Note that a run has begun; what was known of the last one is forgotten."""
        self.config, self.failure, self.progress = config, "", None
        self.history, self.notices = [], []
        self.set_outcome(None)
        self.set_stage("running")

    def set_stage(self, stage: Stage, failure: str = "") -> None:
        """Note how the run stands; ``failure`` says why it failed."""
        self.failure = failure
        if stage != self.stage:
            self.stage = stage
            self.stage_changed.emit(stage)

    def set_progress(self, progress: TrainProgress) -> None:
        """Note how far it is."""
        self.progress = progress
        self.progressed.emit(progress)

    def add_epoch(self, metrics: EpochMetrics) -> None:
        """Note an epoch that is over."""
        self.history.append(metrics)
        self.epoch_ended.emit(metrics)

    def add_notice(self, sentence: str) -> None:
        """Note a sentence of the run."""
        self.notices.append(sentence)
        self.noticed.emit(sentence)

    def set_outcome(self, outcome: TrainOutcome | None) -> None:
        """Note what the run left."""
        self.outcome = outcome
        self.outcome_changed.emit(outcome)
