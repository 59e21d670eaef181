"""A run, epoch by epoch: learn, validate, save; from the last saved epoch where it was broken off."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, nullcontext

import torch
import torch.nn.functional as F
from torch import Tensor

from core.errors import ModelError
from core.training.augment import chance
from core.training.average import Average
from core.training.brake import Brake
from core.training.held_rows import HeldRows
from core.training.journal import Journal, RunState, must_be_new
from core.training.memory import peak_bytes
from core.training.network import logits_of
from core.training.optimise import Schedule, mixed, optimizer_of
from core.training.outcome import said_before, write_outcome
from core.training.places import holds_a_run
from core.training.pupil import side_of
from core.training.setup import Run, set_up
from core.training.watch import Viewer, Watch
from core.types import (
    EarlierEpochs,
    EpochMetrics,
    TrainConfig,
    TrainEvent,
    TrainNotice,
    TrainOutcome,
    TrainProgress,
    WatchedEpoch,
)

_MIX = 2**42
"""A row that no picture has: the chance of mixing."""


def train(
    config: TrainConfig, brake: Brake | None = None, *, resume: bool = False, watch: Watch | None = None
) -> Generator[TrainEvent, None, TrainOutcome]:
    """Train a network.

    Parameters
    ----------
    config
        What, from what, how, and where to.
    brake
        For whoever wants to pause or stop it from another thread.
    resume
        Whether to go on with what is in the folder, or to tell of it again if it is over; without it, a run that is there is
        refused.
    watch
        Pictures to classify after each epoch. It makes no difference to the result.

    Yields
    ------
    How far it is after each batch, the metrics after each epoch, what the network says of watched pictures, the epochs from
    before where a run goes on, and sentences about what was done otherwise than asked.
    Closed at any of them it leaves the last whole epoch on disk.

    Returns
    -------
    What is in the folder now.

    Raises
    ------
    LayerscopeError
        In words. A loss that is no number ends the run; the best epoch before it is kept.
    core.errors.Cancelled
        If ``brake`` was told to stop.
    """
    brake = brake or Brake()
    if not (resume and holds_a_run(config.output)):
        must_be_new(config)
    run = yield from set_up(config, brake)
    journal = Journal(config, run.dataset.fingerprint)
    over = journal.outcome() if resume and not journal.there else None
    if over is not None:
        yield TrainNotice(f"The run in “{config.output}” is over; there is nothing left to go on with.")
        yield EarlierEpochs(over.history)
        return over
    before = yield from _before(run, brake)
    learner = _Learner(run, brake, watch or Watch(), journal)
    yield from learner.begin(resume=resume)
    try:
        while learner.epoch < config.recipe.epochs:
            yield from learner.one_epoch()
    except ModelError as error:
        if not learner.best_epoch:
            raise
        yield TrainNotice(f"{error.message} The run ends here, with epoch {learner.best_epoch}, the best one.")
    learner.take_best()
    yield TrainProgress("Writing the result", 0, 1)
    with brake.on(run.pupil.module):
        outcome = write_outcome(run, learner.best_epoch, learner.history, learner.decisions, before)
    journal.finish(outcome)
    return outcome


def _before(run: Run, brake: Brake) -> Generator[TrainEvent, None, Tensor | None]:
    """Have the network answer before it learns; when a run goes on, it has not been given its saved weights yet."""
    if not run.trainee.known:
        return None
    yield TrainProgress("Validating the model as it is", 0, len(run.dataset.val))
    with brake.on(run.pupil.module):
        return said_before(run)


class _Learner:
    """The state of a run between its batches."""

    def __init__(self, run: Run, brake: Brake, watch: Watch, journal: Journal) -> None:
        recipe = run.config.recipe
        self._run, self._recipe, self._brake, self._watch = run, recipe, brake, watch
        self._viewer = Viewer(run.trainee.module, run.dataset.categories, run.preprocessing, run.device)
        self._journal = journal
        self._pupil = run.pupil
        self._learning = run.pupil.learning
        heads = ("",) if recipe.mode == "head" else run.trainee.head
        self._optimizer = optimizer_of(recipe, self._learning, heads)
        self._held = HeldRows(self._learning, heads, run.unseen)
        self._per_epoch = self._batches()
        self._schedule = Schedule(recipe, self._optimizer, self._per_epoch * recipe.epochs)
        self._average = Average(self._learning, recipe.average) if recipe.average else None
        self._best: dict[str, Tensor] = {}
        self._spent = _Clock(self._now)
        self.epoch = self.best_epoch = 0
        self.history: list[EpochMetrics] = []
        self.decisions: dict[str, object] = {}

    def begin(self, *, resume: bool) -> Generator[TrainEvent, None, None]:
        """Go on from what is on disk, or decide what is decided once and write that down."""
        if resume and self._journal.there:
            self._restore(self._journal.load())
            yield TrainNotice(f"Going on after epoch {self.epoch} of {self._recipe.epochs}.")
            yield EarlierEpochs(tuple(self.history))
            return
        must_be_new(self._run.config)  # it may have been taken since
        if self._recipe.precision == "auto" and self._recipe.mode != "head":
            yield from self._choose_precision()
        elif self._recipe.precision == "bfloat16":
            self._pupil.precision = {str(side): "bfloat16" for side in self._all_sides()}
        self._save()

    def one_epoch(self) -> Generator[TrainEvent, None, None]:
        """Learn from every picture once, validate, and save."""
        began, total, pictures = self._now(), 0.0, 0
        # Dropout draws from torch's own generator: the same numbers whether or not the run was broken off before.
        torch.manual_seed(int(chance(self._recipe.seed, self.epoch, _MIX + 1).integers(2**31)))
        self._pupil.module.train()
        rate = self._schedule.rate
        with self._brake.on(self._pupil.module), self._run.material.training(self.epoch) as batches:
            for number, (batch, targets) in enumerate(batches):
                self._brake.check()
                loss = yield from self._learn(number, batch, targets)
                total, pictures = total + loss * len(batch), pictures + len(batch)
                self._spent.add(len(batch) * batch[0].numel())
                yield self._progress(number + 1, loss, pictures / max(1e-9, self._now() - began))
        learned = self._now() - began
        val_loss, top1, top5 = yield from self._validate()
        self._schedule.validated(top1)
        self.epoch += 1
        better = not self.history or (top1, -val_loss) > max((one.top1, -one.val_loss) for one in self.history)
        if better:
            self.best_epoch = self.epoch
            self._best = {name: value.detach().to("cpu").clone() for name, value in self._kept().items()}
        metrics = EpochMetrics(
            epoch=self.epoch, epochs=self._recipe.epochs, loss=total / pictures, val_loss=val_loss, top1=top1, top5=top5,
            rate=rate, side=self._run.material.side(self.epoch - 1), seconds=self._now() - began,
            pictures_per_second=pictures / max(1e-9, learned), memory_bytes=peak_bytes(self._run.device), best=better,
        )  # fmt: skip
        self.history.append(metrics)
        self._save()
        yield metrics
        yield from self._look()

    def take_best(self) -> None:
        """Give the network the weights of the best epoch."""
        self._learning.load_state_dict(self._best)

    def _learn(self, number: int, batch: Tensor, targets: Tensor) -> Generator[TrainEvent, None, float]:
        if self._recipe.mixup:
            dice = chance(self._recipe.seed, self.epoch, _MIX + 2 + number)
            order = torch.from_numpy(dice.permutation(len(batch)))
            share = float(dice.beta(self._recipe.mixup, self._recipe.mixup))
            batch, targets = mixed(batch, targets, len(self._run.dataset.categories), share, order)
        loss, cut = self._pupil.learn(batch, targets, self._optimizer)
        self._held.put_back()
        if cut:
            size = math.ceil(len(batch) / self._pupil.pieces)
            yield TrainNotice(
                f"The memory of {self._run.device} is not enough for {len(batch)} pictures at once: they are taken {size} at a "
                "time, their gradients added up."
            )
        self._schedule.step()
        if self._average is not None:
            self._average.update(self._learning, self.epoch * self._per_epoch + number)
        return loss

    def _validate(self) -> Generator[TrainEvent, None, tuple[float, float, float]]:
        module = self._pupil.module
        module.eval()
        loss, right1, right5, count = 0.0, 0, 0, 0
        with self._averaged(), self._brake.on(module), self._run.material.validation() as batches:
            for batch, targets in batches:
                with torch.inference_mode():
                    logits = logits_of(module(batch.to(self._run.device)))[0].float().cpu()
                loss += float(F.cross_entropy(logits, targets, reduction="sum"))
                said = logits.topk(min(5, logits.shape[1]), dim=1).indices == targets[:, None]
                right1, right5 = right1 + int(said[:, 0].sum()), right5 + int(said.sum())
                count += len(batch)
                yield TrainProgress("Validating", count, len(self._run.dataset.val), self.epoch + 1, self._recipe.epochs)
        return loss / count, right1 / count, right5 / count

    def _look(self) -> Generator[TrainEvent, None, None]:
        """Say what the network of now makes of the watched pictures; nothing that decides the result is touched."""
        if not self._watch.paths:
            return
        with self._averaged(), self._brake.on(self._viewer.module):
            work = self._watch.look(self._viewer, self.epoch)
            found: WatchedEpoch | None = None
            while found is None:
                try:
                    done, count = next(work)
                except StopIteration as end:
                    found = end.value
                else:
                    yield TrainProgress("Looking at your pictures", done, count, self.epoch, self._recipe.epochs)
            yield found

    def _now(self) -> float:
        """Seconds, those of pauses left out."""
        return time.monotonic() - self._brake.waited

    def _averaged(self) -> AbstractContextManager[None]:
        return self._average.inside(self._learning) if self._average is not None else nullcontext()

    def _kept(self) -> dict[str, Tensor]:
        return self._average.tensors if self._average is not None else self._learning.state_dict()

    def _batches(self) -> int:
        return max(1, self._run.material.count() // self._recipe.batch_size)

    def _all_sides(self) -> set[int]:
        own = self._run.preprocessing.crop
        return {side for these, _ in self._recipe.phases for side in these} or {own}

    def _choose_precision(self) -> Generator[TrainEvent, None, None]:
        recipe, how = self._recipe, self._run.preprocessing
        self._pupil.module.train()
        for side in sorted(self._all_sides()):
            self._brake.check()
            yield TrainProgress(f"Measuring bfloat16 at {side} pixels", 0, 1)
            batch = torch.zeros(min(32, recipe.batch_size), len(how.mean), side, side).contiguous(
                memory_format=torch.channels_last
            )
            targets = torch.zeros(len(batch), dtype=torch.int64)
            with self._brake.on(self._pupil.module):
                self._pupil.precision[side_of(batch)] = self._pupil.measure(batch, targets)

    def _progress(self, done: int, loss: float, speed: float) -> TrainProgress:
        recipe, material = self._recipe, self._run.material
        shape = len(self._run.preprocessing.mean)
        left = (self._per_epoch - done) * material.side(self.epoch) ** 2
        left += self._per_epoch * sum(material.side(epoch) ** 2 for epoch in range(self.epoch + 1, recipe.epochs))
        numbers = left * recipe.batch_size * shape
        if recipe.mode == "head":
            numbers = (self._per_epoch * (recipe.epochs - self.epoch) - done) * self._spent.last
        return TrainProgress(
            "Training", done, self._per_epoch, self.epoch + 1, recipe.epochs, loss, self._schedule.rate, speed,
            self._spent.seconds_for(numbers),
        )

    def _save(self) -> None:
        self.decisions = {"precision": self._pupil.precision, "pieces": self._pupil.pieces}
        self._journal.save(
            RunState(
                epoch=self.epoch,
                model=self._learning.state_dict(),
                average=self._average.tensors if self._average is not None else None,
                optimizer=self._optimizer.state_dict(),
                schedule=self._schedule.state_dict(),
                best=self._best,
                best_epoch=self.best_epoch,
                history=self.history,
                decisions=self.decisions,
            )
        )

    def _restore(self, state: RunState) -> None:
        self._learning.load_state_dict(state.model)
        if self._average is not None and state.average is not None:
            for name, value in state.average.items():
                self._average.tensors[name].copy_(value)
        self._optimizer.load_state_dict(state.optimizer)
        self._schedule.load_state_dict(state.schedule)
        self.epoch, self.best_epoch, self._best = state.epoch, state.best_epoch, state.best
        self.history = state.history
        self._pupil.precision = dict(state.decisions["precision"])
        self._pupil.pieces = int(state.decisions["pieces"])


class _Clock:
    """How long the numbers of the inputs take, from what was seen of this run."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._seconds = self._numbers = 0.0
        self._last = now()
        self.last = 0

    def add(self, numbers: int) -> None:
        now = self._now()
        self._seconds, self._numbers, self._last = self._seconds + now - self._last, self._numbers + numbers, now
        self.last = numbers

    def seconds_for(self, numbers: float) -> float | None:
        return numbers * self._seconds / self._numbers if self._numbers else None
