"""How predictions are written: as JSON, and for people."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from core.plain import plain
from core.types import Failure, ModelInfo, Prediction, is_sure


def as_object(name: str, info: ModelInfo, predictions: Sequence[Prediction], failure: Failure | None) -> dict[str, Any]:
    """One picture's answer as JSON has it, or why there is none; ``sure`` is null where there is no answer."""
    return {
        "path": name,
        "model": info.spec.architecture,
        "weights": str(info.spec.weights),
        "top": top(predictions),
        "error": {"kind": failure.kind, "message": failure.message} if failure is not None else None,
        "sure": is_sure(info, predictions[0].probability) if predictions else None,
    }


def top(predictions: Sequence[Prediction]) -> list[dict[str, Any]]:
    """The top-k as JSON has it."""
    return [
        {"rank": one.rank, "index": one.index, "category": one.category, "probability": one.probability}
        for one in predictions
    ]


def print_top(name: str, predictions: Sequence[Prediction], info: ModelInfo | None = None) -> None:
    """Print a picture's name and its top-k; with ``info`` also whether the model is not sure."""
    # Into a pipe the name goes byte by byte, so that the file can be found by it.
    print(plain(name) if sys.stdout.isatty() else name)
    for one in predictions:
        print(f"{one.rank:4}  {percent(one.probability):>7}  {one.category} ({one.index})")
    if info is not None and predictions and not is_sure(info, predictions[0].probability):
        print(f"      not sure: below {percent(info.not_sure_below)}")


def percent(probability: float) -> str:
    """A probability with one decimal."""
    return f"{100 * probability:.1f} %" if probability >= 0.001 else "< 0.1 %"
