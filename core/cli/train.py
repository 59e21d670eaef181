"""``layerscope train``: a classifier from a folder of pictures."""

from __future__ import annotations

import argparse
import sys
import threading
import traceback
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

from core.cli.main import OK, say
from core.cli.stdin_brake import listen
from core.cli.survey import look
from core.cli.train_line import TrainLine
from core.errors import Cancelled, LayerscopeError, UsageError
from core.plain import plain
from core.training.brake import Brake
from core.training.lines import Held, RunError, Told, line_of
from core.training.loop import train
from core.training.network import scratch_spec
from core.training.recipe import changed, preset
from core.training.watch import Watch
from core.types import (
    EarlierEpochs,
    EpochMetrics,
    ModelSpec,
    TrainConfig,
    TrainEvent,
    TrainNotice,
    TrainOutcome,
    TrainProgress,
    WatchedEpoch,
)
from core.weights.choose import choose_spec

STOPPED = 130

_LOCK = threading.Lock()
"""A run and the word that holds it up are told by two threads; lines stay whole."""


def run(options: argparse.Namespace) -> int:
    """Train; one line an epoch, or JSON objects, one a line."""
    try:
        return _run(options)
    except Cancelled:
        say(f"Stopped. “{options.output}” holds the last whole epoch: --resume goes on from there.")
        return STOPPED
    except LayerscopeError as error:
        if options.json:
            _print(RunError(error.message, error.kind))
        raise
    except Exception as error:
        if options.json:
            what = f"{type(error).__name__}: {error}"
            _print(RunError(f"Something unexpected happened ({what}). This is a mistake of the program; please report it."))
        if options.control:  # whoever started this keeps it in a log
            traceback.print_exc()
        raise


def _run(options: argparse.Namespace) -> int:
    settings = [f"epochs={options.epochs}"] if options.epochs is not None else []
    recipe = changed(preset(options.preset), [*settings, *options.set])
    if options.look:
        return look(options, recipe.seed)
    if options.output is None:
        raise UsageError("Where is the result to go? Name a new folder with --output DIR, or only look with --look.")
    brake = Brake(_tell_held if options.json else None)
    watch = Watch(Path(one).absolute() for one in options.watch)
    if options.control:
        threading.Thread(target=listen, args=(brake, watch), daemon=True).start()
    spec = _spec(options, from_nothing=recipe.mode == "scratch")
    config = TrainConfig(Path(options.folder), Path(options.output).absolute(), spec, recipe, options.device, options.val_share)
    with TrainLine() as line:
        outcome = _follow(train(config, brake, resume=options.resume, watch=watch), options, line)
    if options.json:
        _print(outcome)
    else:
        scores = f"{outcome.top1:.1%} top-1, {outcome.top5:.1%} top-5 (epoch {outcome.best_epoch})"
        if outcome.before_top1 is not None:
            print(f"before {outcome.before_top1:.1%}, after {outcome.top1:.1%} of the pictures kept out.")
        print(f"{scores}. The model is in “{outcome.folder}”.")
    return OK


def _follow(
    work: Generator[TrainEvent, None, TrainOutcome], options: argparse.Namespace, line: TrainLine
) -> TrainOutcome:
    while True:
        try:
            event = next(work)
        except StopIteration as end:
            outcome: TrainOutcome = end.value
            return outcome
        if options.json:
            if options.progress or not isinstance(event, TrainProgress | EarlierEpochs):
                _print(event)
        else:
            _tell(event, line)


def _spec(options: argparse.Namespace, *, from_nothing: bool) -> ModelSpec:
    if from_nothing and options.weights is None and options.model is not None:
        return replace(scratch_spec(options.model), channels=options.channels)
    return choose_spec(options.model, options.weights, run_code=False, channels=options.channels)


def _tell(event: TrainEvent, line: TrainLine) -> None:
    if isinstance(event, TrainProgress):
        line.show(event)
        return
    line.clear()
    if isinstance(event, TrainNotice):
        say(event.message)
    elif isinstance(event, EpochMetrics):
        print(_sentence(event), flush=True)
    elif isinstance(event, WatchedEpoch):
        for one in event.pictures:
            said = f"{one.top[0][0]} {one.top[0][1]:.1%}" if one.top else "cannot be read"
            print(f"  {plain(one.path.name)}: {said}", flush=True)


def _sentence(one: EpochMetrics) -> str:
    mark = " *" if one.best else ""
    return (
        f"epoch {one.epoch:>3} of {one.epochs}: loss {one.loss:.3f}, validation {one.val_loss:.3f}, top-1 {one.top1:.1%}, "
        f"top-5 {one.top5:.1%}, {one.seconds:.0f} s, {one.pictures_per_second:.0f} pictures/s{mark}"
    )


def _tell_held(paused: bool) -> None:
    _print(Held(paused))


def _print(told: Told) -> None:
    with _LOCK:
        sys.stdout.write(f"{line_of(told)}\n")
        sys.stdout.flush()
