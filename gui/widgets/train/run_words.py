"""How a run stands, in words."""

from __future__ import annotations

from core.types import in_megabytes, in_minutes
from gui.facts.training import TrainingFacts
from gui.widgets.train.curve_scale import value_text

NONE = "–"
BEST = 5
"""Of so many answers one must be right for the top-5."""


def heading(facts: TrainingFacts) -> str:
    """Where the run is: "Epoch 3 of 20: training"."""
    if facts.stage == "done" and facts.outcome is not None:
        top1, top5 = (value_text(share, "share") for share in (facts.outcome.top1, facts.outcome.top5))
        # Of five categories every one is among the five best.
        return f"Done: {top1} top-1" + (f", {top5} top-5" if len(facts.outcome.categories) > BEST else "")
    if facts.stage == "failed":
        return "The run failed"
    if facts.stage == "stopped":
        return f"Stopped{_after(facts)}"
    if facts.wish:
        return {"pause": "Pausing…", "go on": "Going on…", "stop": "Stopping…"}[facts.wish]
    if facts.stage == "paused":
        return f"Paused{_in(facts)}"
    progress = facts.progress
    if progress is None:
        return "Starting" if facts.stage == "running" else "No run yet"
    if not progress.epoch:
        return progress.stage
    return f"Epoch {progress.epoch} of {progress.epochs}: {progress.stage[:1].lower()}{progress.stage[1:]}"


def explanation(facts: TrainingFacts) -> str:
    """What is to be known besides."""
    if facts.stage == "failed":
        kept = " What was learned until the last whole epoch is kept: Go On continues from there." if facts.can_go_on else ""
        return f"{facts.failure}{kept}"
    if facts.stage == "stopped":
        if not facts.can_go_on:
            return "Nothing was learned yet."
        return "The last whole epoch is kept: Go On continues from there, with the same result as without a break."
    if facts.stage == "done" and facts.outcome is not None:
        epochs = f" of {facts.outcome.history[-1].epochs}" if facts.outcome.history else ""
        return f"The best epoch was {facts.outcome.best_epoch}{epochs}; its weights are in “{facts.outcome.folder}”."
    if facts.stage == "paused":
        return "What was learned stays in memory; Continue goes on within the batch."
    if facts.progress is None and facts.active:
        return "Another process loads the network and finds the pictures."
    if facts.active and facts.config is not None:
        config = facts.config
        return f"{config.spec.architecture} learns from “{config.data.name}”; the result goes into “{config.output}”."
    return ""


def numbers(facts: TrainingFacts) -> dict[str, str]:
    """The numbers of the moment by their names; "–" for what is not known."""
    progress, last = facts.progress, facts.history[-1] if facts.history else None
    done = NONE
    if progress is not None and facts.active:
        done = f"{progress.done:,} of {progress.total:,}"
    loss = progress.loss if progress is not None and progress.loss == progress.loss else last.loss if last else None
    rate = progress.rate if progress is not None and progress.rate else last.rate if last else None
    speed = progress.pictures_per_second if progress is not None else 0.0
    speed = speed or (last.pictures_per_second if last else 0.0)
    left = progress.seconds_left if progress is not None and facts.active else None
    return {
        "Done": done,
        "Loss": value_text(loss, "number") if loss is not None else NONE,
        "Rate": f"{rate:.3g}" if rate is not None else NONE,
        "Pictures/s": value_text(speed, "number") if speed else NONE,
        "Time left": in_minutes(left) if left is not None else NONE,
        "Memory": in_megabytes(last.memory_bytes) if last is not None and last.memory_bytes else NONE,
    }


def _in(facts: TrainingFacts) -> str:
    progress = facts.progress
    return f" in epoch {progress.epoch} of {progress.epochs}" if progress is not None and progress.epoch else ""


def _after(facts: TrainingFacts) -> str:
    last = facts.history[-1] if facts.history else None
    return f" after epoch {last.epoch} of {last.epochs}" if last is not None else ""
