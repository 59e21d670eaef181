"""``layerscope train``: a classifier from a folder of pictures."""

from __future__ import annotations

import argparse
import json
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.cli.main import OK, say
from core.cli.stdin_brake import listen
from core.cli.train_line import TrainLine
from core.errors import Cancelled
from core.training.brake import Brake
from core.training.loop import train
from core.training.network import scratch_spec
from core.training.recipe import changed, preset
from core.types import EpochMetrics, ModelSpec, TrainConfig, TrainEvent, TrainNotice, TrainOutcome
from core.weights.choose import choose_spec

STOPPED = 130


def run(options: argparse.Namespace) -> int:
    """Train; one line an epoch, or one JSON object a line."""
    settings = [f"epochs={options.epochs}"] if options.epochs is not None else []
    recipe = changed(preset(options.preset), [*settings, *options.set])
    spec = _spec(options, from_nothing=recipe.mode == "scratch")
    config = TrainConfig(Path(options.folder), Path(options.output).absolute(), spec, recipe, options.device, options.val_share)
    brake = Brake()
    if options.control:
        threading.Thread(target=listen, args=(brake,), daemon=True).start()
    work = train(config, brake, resume=options.resume)
    try:
        with TrainLine() as line:
            while True:
                try:
                    event = next(work)
                except StopIteration as end:
                    outcome: TrainOutcome = end.value
                    break
                _tell(event, options, line)
    except Cancelled:
        say(f"Stopped. “{options.output}” holds the last whole epoch: --resume goes on from there.")
        return STOPPED
    if options.json:
        _print({"event": "done", **_outcome(outcome)})
    else:
        scores = f"{outcome.top1:.1%} top-1, {outcome.top5:.1%} top-5 (epoch {outcome.best_epoch})"
        if outcome.before_top1 is not None:
            print(f"before {outcome.before_top1:.1%}, after {outcome.top1:.1%} of the pictures kept out.")
        print(f"{scores}. The model is in “{outcome.folder}”.")
    return OK


def _spec(options: argparse.Namespace, *, from_nothing: bool) -> ModelSpec:
    if from_nothing and options.weights is None and options.model is not None:
        return scratch_spec(options.model)
    return choose_spec(options.model, options.weights, run_code=False)


def _tell(event: TrainEvent, options: argparse.Namespace, line: TrainLine) -> None:
    if isinstance(event, TrainNotice):
        line.clear()
        say(event.message)
    elif isinstance(event, EpochMetrics):
        line.clear()
        if options.json:
            _print({"event": "epoch", **asdict(event)})
        else:
            print(_sentence(event), flush=True)
    elif options.progress:
        _print({"event": "progress", **{key: value for key, value in asdict(event).items() if value == value}})
    else:
        line.show(event)


def _sentence(one: EpochMetrics) -> str:
    mark = " *" if one.best else ""
    return (
        f"epoch {one.epoch:>3} of {one.epochs}: loss {one.loss:.3f}, validation {one.val_loss:.3f}, top-1 {one.top1:.1%}, "
        f"top-5 {one.top5:.1%}, {one.seconds:.0f} s, {one.pictures_per_second:.0f} pictures/s{mark}"
    )


def _outcome(outcome: TrainOutcome) -> dict[str, Any]:
    return {
        "folder": str(outcome.folder),
        "best_epoch": outcome.best_epoch,
        "top1": outcome.top1,
        "top5": outcome.top5,
        "temperature": outcome.temperature,
        "confusion": outcome.confusion,
        "before_top1": outcome.before_top1,
    }


def _print(content: dict[str, Any]) -> None:
    print(json.dumps(content, allow_nan=False), flush=True)
