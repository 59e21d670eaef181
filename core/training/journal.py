"""What a run needs to go on: written whole after each epoch, so that a killed run loses one epoch at most."""

from __future__ import annotations

import contextlib
import hashlib
import json
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import torch
from torch import Tensor

from core.errors import LayerscopeError, UsageError
from core.files import sweep, write_whole, write_whole_by
from core.training.lines import line_of, told_in
from core.training.places import RUN as RUN
from core.training.places import finished_file, state_file, unfit, weights_file
from core.training.plan import write_plan
from core.training.recipe import as_text
from core.types import EarlierEpochs, EpochMetrics, TrainConfig, TrainOutcome


@dataclass(slots=True)
class RunState:
    """Where a run is after ``epoch`` epochs: tensors of network, average, optimizer, and everything said so far.

    ``decisions`` are what was measured or found at the start and must stay the same: the precision of each side, the size of
    the pieces of a batch.
    """

    epoch: int
    model: dict[str, Tensor]
    average: dict[str, Tensor] | None
    optimizer: dict[str, Any]
    schedule: dict[str, Any]
    best: dict[str, Tensor]
    best_epoch: int
    history: list[EpochMetrics] = field(default_factory=list)
    decisions: dict[str, Any] = field(default_factory=dict)


def must_be_new(config: TrainConfig) -> None:
    """Refuse to write over another run, its result or anything else, or in among the pictures.

    Raises
    ------
    UsageError
        If the folder for the result is no place for a new run.
    """
    output = config.output
    if state_file(output).exists() or weights_file(output).exists():
        raise UsageError(f"“{output}” has a run in it already. Go on with it (--resume), or choose another folder.")
    reason = unfit(output, config.data)
    if reason:
        raise UsageError(reason, path=output)


class Journal:
    """The state of a run on disk.

    Parameters
    ----------
    config
        The run; a state of another run in the same folder is refused.
    fingerprint
        Of the data.
    """

    def __init__(self, config: TrainConfig, fingerprint: str) -> None:
        self._config = config
        self._path = state_file(config.output)
        self._finished = finished_file(config.output)
        self._output = config.output
        self._identity = identity(config, fingerprint)

    @property
    def there(self) -> bool:
        """Whether there is a state to go on from."""
        return self._path.is_file()

    def save(self, state: RunState) -> None:
        """Write the state; :class:`core.errors.ExportError` if it cannot be written, the last one stays then."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        content = {
            "identity": self._identity,
            "epoch": state.epoch,
            "model": state.model,
            "average": state.average,
            "optimizer": state.optimizer,
            "schedule": json.dumps(state.schedule),
            "best": state.best,
            "best_epoch": state.best_epoch,
            "history": json.dumps([asdict(one) for one in state.history]),
            "decisions": json.dumps(state.decisions),
        }
        if not state.epoch:
            write_plan(self._config)
        write_whole_by(self._path, lambda part: torch.save(content, part))

    def finish(self, outcome: TrainOutcome) -> None:
        """Put what is told of the run into the place of its state, which may be larger than the result."""
        told = [line_of(EarlierEpochs(outcome.history)), line_of(outcome)]
        write_whole(self._finished, json.dumps({"identity": self._identity, "told": told}).encode())
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)

    def outcome(self) -> TrainOutcome | None:
        """Return what a run that is over left; None if it is not, or if the weights are not there any more.

        Raises
        ------
        UsageError
            If it was one with other pictures, another network or another recipe.
        """
        try:
            content = json.loads(self._finished.read_bytes())
            earlier, outcome = map(told_in, content["told"])
            identity = str(content["identity"])
        except (OSError, ValueError, KeyError, TypeError):
            return None
        if not isinstance(earlier, EarlierEpochs) or not isinstance(outcome, TrainOutcome):
            return None
        if not weights_file(self._output).is_file():
            return None
        self._must_be_this(identity)
        return replace(outcome, folder=self._output, history=earlier.history)

    def _must_be_this(self, identity: str) -> None:
        if identity != self._identity:
            raise UsageError(
                f"The run in “{self._output}” has other pictures, another model or another recipe. Go on with the same ones, "
                "or choose another folder."
            )

    def load(self) -> RunState:
        """Read the state.

        Raises
        ------
        UsageError
            If it belongs to a run with other pictures, another network or another recipe.
        LayerscopeError
            If it cannot be read.
        """
        for folder in (self._path.parent, self._output):
            sweep(folder)
        try:
            with self._path.open("rb") as file:
                content = torch.load(file, map_location="cpu", weights_only=True)
        except Exception as error:  # torch raises nearly anything on a damaged file
            raise LayerscopeError(
                f"The state of the run in “{self._output}” cannot be read ({type(error).__name__}). Start anew in another "
                "folder.",
                path=self._path,
            ) from error
        self._must_be_this(content["identity"])
        return RunState(
            epoch=content["epoch"],
            model=content["model"],
            average=content["average"],
            optimizer=content["optimizer"],
            schedule=json.loads(content["schedule"]),
            best=content["best"],
            best_epoch=content["best_epoch"],
            history=[EpochMetrics(**one) for one in json.loads(content["history"])],
            decisions=json.loads(content["decisions"]),
        )


def identity(config: TrainConfig, fingerprint: str) -> str:
    """A hash of everything that decides the result of a run."""
    recipe = as_text(config.recipe)
    if config.recipe.order == "shuffled":  # what older runs, which can still go on, do not name
        del recipe["order"]
    told = {"model": str(config.spec.architecture), "weights": str(config.spec.weights), "recipe": recipe, "data": fingerprint}
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
