"""What a run says, as lines of JSON: written by the process that trains, read by the one that watches. Knows no torch."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, get_args

from core.errors import ErrorKind
from core.types import (
    EarlierEpochs,
    EpochMetrics,
    TrainEvent,
    TrainNotice,
    TrainOutcome,
    TrainProgress,
    WatchedEpoch,
    WatchedPicture,
)

MOST_WATCHED = 64
"""Pictures that are watched at most: an epoch must not wait for hundreds of them."""


@dataclass(frozen=True, slots=True)
class Held:
    """The run waits (``paused``), or goes on."""

    paused: bool


@dataclass(frozen=True, slots=True)
class RunError:
    """Why a run ended, in a sentence."""

    message: str
    kind: ErrorKind = "internal"


Told = TrainEvent | TrainOutcome | Held | RunError


def line_of(told: Told) -> str:
    """Write one thing as JSON without a line break; numbers that are none become null, or are left out of progress."""
    return json.dumps({"event": _NAMES[type(told)], **_content(told)}, allow_nan=False)


def told_in(line: str) -> Told | None:
    """Read a line; None for whatever :func:`line_of` did not write. An outcome comes without its history."""
    try:
        content = json.loads(line)
        return _READERS[content.pop("event")](content)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def watch_line(paths: tuple[Path, ...]) -> str:
    """Write the word that has pictures watched, for a run's standard input; plain ASCII, without a line break."""
    return "watch " + json.dumps([str(path) for path in paths])


def paths_in(text: str) -> tuple[Path, ...] | None:
    """Read what follows that word; None if it is not a list of names."""
    try:
        names = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        return None
    return tuple(Path(name) for name in names)


def _content(told: Told) -> dict[str, Any]:
    if isinstance(told, TrainProgress):
        return {key: value for key, value in asdict(told).items() if value == value}
    if isinstance(told, EpochMetrics):
        return _metrics(told)
    if isinstance(told, EarlierEpochs):
        return {"history": [_metrics(one) for one in told.history]}
    if isinstance(told, WatchedEpoch):
        found = [{"path": str(one.path), "top": one.top} for one in told.pictures]
        return {"epoch": told.epoch, "predictions": found}
    if isinstance(told, TrainOutcome):
        return {
            "folder": str(told.folder),
            "best_epoch": told.best_epoch,
            "top1": told.top1,
            "top5": told.top5,
            "temperature": told.temperature,
            "categories": told.categories,
            "confusion": told.confusion,
            "before_top1": told.before_top1,
        }
    return asdict(told)


def _metrics(one: EpochMetrics) -> dict[str, Any]:
    return {key: _number(value) for key, value in asdict(one).items()}


def _number(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _read_metrics(content: dict[str, Any]) -> EpochMetrics:
    known: dict[str, Any] = {key: math.nan if value is None else value for key, value in content.items()}
    return EpochMetrics(**known)


def _read_progress(content: dict[str, Any]) -> TrainProgress:
    unknown = content.keys() - {one.name for one in fields(TrainProgress)}
    if unknown or not isinstance(content["stage"], str):
        raise ValueError
    return TrainProgress(**content)


def _read_notice(content: dict[str, Any]) -> TrainNotice:
    return TrainNotice(str(content["message"]))


def _read_earlier(content: dict[str, Any]) -> EarlierEpochs:
    return EarlierEpochs(tuple(_read_metrics(one) for one in content["history"]))


def _read_watched(content: dict[str, Any]) -> WatchedEpoch:
    pictures = (
        WatchedPicture(Path(one["path"]), tuple((str(name), float(share)) for name, share in one["top"]))
        for one in content["predictions"]
    )
    return WatchedEpoch(int(content["epoch"]), tuple(pictures))


def _read_outcome(content: dict[str, Any]) -> TrainOutcome:
    confusion = tuple(tuple(int(count) for count in row) for row in content.pop("confusion"))
    categories = tuple(str(name) for name in content.pop("categories"))
    return TrainOutcome(folder=Path(content.pop("folder")), confusion=confusion, categories=categories, **content)


def _read_error(content: dict[str, Any]) -> RunError:
    kind = content["kind"]
    return RunError(str(content["message"]), kind if kind in get_args(ErrorKind) else "internal")


def _read_held(content: dict[str, Any]) -> Held:
    return Held(bool(content["paused"]))


_NAMES: dict[type, str] = {
    TrainProgress: "progress",
    EpochMetrics: "epoch",
    TrainNotice: "notice",
    EarlierEpochs: "earlier",
    WatchedEpoch: "watched",
    TrainOutcome: "done",
    Held: "held",
    RunError: "error",
}
_READERS: dict[str, Callable[[dict[str, Any]], Told]] = {
    "progress": _read_progress,
    "epoch": _read_metrics,
    "notice": _read_notice,
    "earlier": _read_earlier,
    "watched": _read_watched,
    "done": _read_outcome,
    "held": _read_held,
    "error": _read_error,
}
