"""What a run leaves: weights that anything reads, and all that is to be known about them."""

from __future__ import annotations

import csv
import io
import json
import platform
from collections.abc import Iterable
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor

from core.files import write_whole, write_whole_by
from core.training.calibrate import expected_calibration_error, fold, half_right_below, temperature_of
from core.training.network import logits_of
from core.training.places import CONFUSION as CONFUSION
from core.training.places import CURVES as CURVES
from core.training.places import WEIGHTS
from core.training.plots import confusion_png, curves_png
from core.training.proof import write_proof
from core.training.recipe import as_text
from core.training.setup import Run
from core.types import EpochMetrics, ImageRef, TrainOutcome
from core.version import program_version

CARD, INDICES = "model.json", "class_indices.json"
_ENOUGH = 100
"""Validation pictures from which on a temperature is more than noise."""
CURVES_PICTURE, CONFUSION_PICTURE = "curves.png", "confusion.png"


def write_outcome(
    run: Run, best_epoch: int, history: list[EpochMetrics], decisions: dict[str, object], before: Tensor | None = None
) -> TrainOutcome:
    """Measure the network as it is on the validation pictures, and write everything about it.

    ``before`` is what :func:`said_before` gave before the first epoch.

    Raises
    ------
    ExportError
        If a file cannot be written.
    """
    logits, targets = answers(run)
    count = len(run.dataset.categories)
    said = logits.argmax(1)
    confusion = torch.bincount(targets * count + said, minlength=count * count).view(count, count)
    ranked = logits.topk(min(5, count), dim=1).indices == targets[:, None]
    top1, top5 = float(ranked[:, 0].double().mean()), float(ranked.any(1).double().mean())
    temperature = _calibrated(run, logits, targets)
    probabilities = torch.softmax(logits.double() / temperature, 1)
    metrics = {
        "top1": top1,
        "top5": top5,
        "pictures": len(targets),
        "best_epoch": best_epoch,
        "temperature": temperature,
        "calibration_error": expected_calibration_error(probabilities, targets),
        "per_category": {
            name: {"pictures": int(row.sum()), "right": int(row[index]) }
            for index, (name, row) in enumerate(zip(run.dataset.categories, confusion, strict=True))
        },
    }
    folder = run.config.output
    folder.mkdir(parents=True, exist_ok=True)
    _write_json(folder / INDICES, {str(index): name for index, name in enumerate(run.dataset.categories)})
    _write_json(folder / CARD, {**_card(run, metrics, decisions), "not_sure_below": half_right_below(probabilities, targets)})
    _write_table(folder / CURVES, [one.name for one in fields(EpochMetrics)], (asdict(one).values() for one in history))
    rows = ([name, *row] for name, row in zip(run.dataset.categories, confusion.tolist(), strict=True))
    _write_table(folder / CONFUSION, ["true \\ said", *run.dataset.categories], rows)
    write_whole(folder / CURVES_PICTURE, curves_png(history))
    write_whole(folder / CONFUSION_PICTURE, confusion_png(confusion.tolist(), run.dataset.categories))
    table = tuple(tuple(row) for row in confusion.tolist())
    before_top1 = _compare(run, targets, before, said)
    # At the end: a run counts as finished once they are there.
    tensors = {name: value.detach().to("cpu").contiguous() for name, value in run.trainee.module.state_dict().items()}
    write_whole_by(folder / WEIGHTS, lambda part: save_file(tensors, part))
    return TrainOutcome(
        folder, best_epoch, top1, top5, temperature, table, tuple(history), run.dataset.categories, before_top1=before_top1
    )


def _calibrated(run: Run, logits: Tensor, targets: Tensor) -> float:
    """Have the network's probabilities mean what they say; return what its logits were divided by."""
    if len(targets) < _ENOUGH or bool((logits.argmax(1) == targets).all()):
        return 1.0  # the surer the better, as far as so few or so easy pictures can tell
    temperature = temperature_of(logits, targets)
    return temperature if fold(run.trainee.module, run.trainee.head[-1], temperature) else 1.0


def said_before(run: Run) -> Tensor | None:
    """What the network with the weights that the run begins with says of the validation pictures: indices int64 (N,).

    It says one of the categories that its weights were made for, never a new one. None where they were made for others.
    """
    known = run.trainee.known
    return answers(run)[0][:, :known].argmax(1) if known else None


def _compare(run: Run, targets: Tensor, before: Tensor | None, after: Tensor) -> float | None:
    if before is None:
        return None
    val = run.dataset.val
    names = [str(one.path) if isinstance(one, ImageRef) else val.name(row) for row, one in enumerate(val.pictures)]
    categories = run.dataset.categories
    return write_proof(
        run.config.output, categories, names, targets.tolist(), before.tolist(), after.tolist()
    ).top1("before")


def answers(run: Run) -> tuple[Tensor, Tensor]:
    """Logits float32 (N, categories) and targets int64 (N,) of the validation pictures."""
    module = run.pupil.module.eval()
    logits, targets = [], []
    with run.material.validation() as batches, torch.inference_mode():
        for batch, these in batches:
            logits.append(logits_of(module(batch.to(run.device)))[0].float().cpu())
            targets.append(these)
    return torch.cat(logits), torch.cat(targets)


def _card(run: Run, metrics: dict[str, Any], decisions: dict[str, object]) -> dict[str, Any]:
    how = run.preprocessing
    config = run.config
    rescaled = getattr(run.trainee.module, "transform_input", None)
    return {
        "architecture": run.trainee.architecture,
        "categories": list(run.dataset.categories),
        "preprocessing": {
            "resize": how.resize,
            "crop": how.crop,
            "interpolation": how.interpolation,
            "mean": how.mean,
            "std": how.std,
            "order": how.order,
        },
        **({"transform_input": rescaled} if isinstance(rescaled, bool) else {}),
        "parameters": sum(parameter.numel() for parameter in run.trainee.module.parameters()),
        "metrics": metrics,
        "began_with": str(config.spec.weights),
        "recipe": as_text(config.recipe),
        "decisions": decisions,
        "data": {
            "name": run.dataset.path.name,
            "train": len(run.dataset.train),
            "val": len(run.dataset.val),
            "split": run.dataset.split,
            "sha256": run.dataset.fingerprint,
        },
        "versions": {"layerscope": program_version(), "torch": torch.__version__, "python": platform.python_version()},
        "device": str(run.device),
    }


def _write_json(path: Path, content: dict[str, Any]) -> None:
    write_whole(path, (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode())


def _write_table(path: Path, heads: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    text = io.StringIO(newline="")
    table = csv.writer(text)
    table.writerow(list(heads))
    table.writerows([list(row) for row in rows])
    write_whole(path, text.getvalue().encode())
