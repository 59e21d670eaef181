"""The run of training: another process of this program, started, listened to, paused and stopped."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, QTimer, Slot

from core.errors import LayerscopeError
from core.types import (
    EarlierEpochs,
    EpochMetrics,
    ImageRef,
    ModelSpec,
    TrainConfig,
    TrainNotice,
    TrainOutcome,
    TrainProgress,
    WatchedEpoch,
    WeightsSpec,
)
from gui.conductor import Conductor
from gui.later import later
from gui.state import AppState

if TYPE_CHECKING:
    from core.training import lines, order, places
    from core.training.lines import Told
    from gui.threads.training_process import Ending, TrainingProcess
else:
    lines, order, places = (later(f"core.training.{name}") for name in ("lines", "order", "places"))

WATCH_MS = 150
"""Milliseconds of rest before the run is told which pictures are watched now."""
PATIENCE_MS = 2000


class TrainingDesk(QObject):
    """Has a run as another process, and writes down as facts what it says."""

    def __init__(self, state: AppState, conductor: Conductor) -> None:
        super().__init__(conductor)
        self._state = state
        self._facts = state.training
        self._outcome: TrainOutcome | None = None
        self.process: TrainingProcess | None = None
        self._rest = QTimer(self, singleShot=True, interval=WATCH_MS)
        self._rest.timeout.connect(self._watch)
        self._facts.run_wanted.connect(self._begin)
        self._facts.pause_wanted.connect(self._hold)
        self._facts.stop_wanted.connect(self._stop)
        self._facts.use_wanted.connect(self._use)
        for changed in (state.image_changed, state.images_appended, state.images_removed):
            changed.connect(self._rest.start)
        application = QCoreApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self.halt)

    @Slot(object, bool)
    def _begin(self, config: TrainConfig, resume: bool) -> None:
        from gui.threads.training_process import TrainingProcess

        self._facts.begin(config)
        self._outcome = None
        try:
            words = order.arguments(config, resume=resume)
        except LayerscopeError as error:
            self._facts.set_stage("failed", error.message)
            return
        self.process = TrainingProcess(words, self)
        self.process.heard.connect(self._hear)
        self.process.ended.connect(self._end)
        self.process.start()
        self._watch()

    @Slot(bool)
    def _hold(self, paused: bool) -> None:
        if self.process is not None:
            self.process.say("pause" if paused else "resume")

    @Slot()
    def _stop(self) -> None:
        if self.process is not None:
            self.process.stop()

    @Slot()
    def halt(self) -> None:
        """End the run with the program; its last whole epoch is on disk."""
        if self.process is not None:
            self.process.end_now(PATIENCE_MS)

    @Slot()
    def _watch(self) -> None:
        """Tell the run which pictures are watched from its next epoch on."""
        if self.process is not None:
            chosen = nearest(self._state.images, self._state.image, lines.MOST_WATCHED)
            self.process.say(lines.watch_line(tuple(image.path for image in chosen)))

    @Slot(object)
    def _hear(self, told: Told) -> None:
        facts = self._facts
        if isinstance(told, TrainProgress):
            facts.set_progress(told)
        elif isinstance(told, EpochMetrics):
            facts.add_epoch(told)
        elif isinstance(told, WatchedEpoch):
            facts.add_look(told)
        elif isinstance(told, TrainNotice):
            facts.add_notice(told.message)
        elif isinstance(told, EarlierEpochs):
            facts.take_history(told.history)
        elif isinstance(told, lines.Held):
            facts.set_stage("paused" if told.paused else "running")
        elif isinstance(told, TrainOutcome):
            self._outcome = replace(told, history=tuple(facts.history))

    @Slot(object)
    def _end(self, ending: Ending) -> None:
        assert self.process is not None
        self.process.deleteLater()
        self.process = None
        facts, config = self._facts, self._facts.config
        if self._outcome is not None:
            facts.set_outcome(self._outcome)
            facts.set_stage("done")
            return
        kept = config is not None and places.state_file(config.output).is_file()
        if ending.stopped:
            facts.set_stage("stopped", can_go_on=kept)
        else:
            reason = ending.reason or "The training process ended without a result. Start it again."
            facts.set_stage("failed", reason, can_go_on=kept)

    @Slot()
    def _use(self) -> None:
        """Load what a run left; its categories and preprocessing lie beside the weights."""
        facts = self._facts
        if facts.outcome is not None and facts.config is not None:
            weights = WeightsSpec("file", path=places.weights_file(facts.outcome.folder))
            self._state.choose_spec(ModelSpec(facts.config.spec.architecture, weights))


def nearest(images: tuple[ImageRef, ...], current: ImageRef | None, most: int) -> tuple[ImageRef, ...]:
    """The ``most`` pictures around the current one, in the order of the strip; the first ones where there is none."""
    at = images.index(current) if current in images else 0
    first = max(0, min(at - most // 2, len(images) - most))
    return images[first : first + most]
