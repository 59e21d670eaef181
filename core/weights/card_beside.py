"""The card that a run of training leaves beside its weights: how the network was fed, and when it is not sure."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from core.types import Preprocessing
from core.weights import remembered

CARD = "model.json"

_LIMIT = 16_000_000


def preprocessing_beside(weights: Path, architecture: str, classes: int | None, channels: int) -> Preprocessing | None:
    """Return the preprocessing in the ``model.json`` beside a weights file.

    Parameters
    ----------
    weights
        The weights file.
    architecture, classes, channels
        Of its network: a card of another network's is not about this file.

    Returns
    -------
    None where there is no card, or one that this program did not write, or another network's.
    """
    card = _card(weights, architecture, classes)
    how = remembered.parsed(card.get("preprocessing"), f"{CARD} beside the weights file")
    return how if how is not None and len(how.mean) == channels else None


def threshold_beside(weights: Path, architecture: str, classes: int | None) -> float:
    """Return the ``not_sure_below`` (see :class:`core.types.ModelInfo`) in the card; 0 where none is stated."""
    value = _card(weights, architecture, classes).get("not_sure_below")
    return float(value) if isinstance(value, int | float) and 0 <= value <= 1 else 0.0


def rescaling_beside(weights: Path, architecture: str, classes: int | None) -> bool | None:
    """Return whether the network was trained with its input rescaled (``transform_input`` of torchvision's GoogLeNet and
    Inception): the tensors do not say so. None where no card states it."""
    value = _card(weights, architecture, classes).get("transform_input")
    return value if isinstance(value, bool) else None


def _card(weights: Path, architecture: str, classes: int | None) -> dict[str, Any]:
    try:
        with (weights.parent / CARD).open("rb") as file:
            card = json.loads(file.read(_LIMIT))
        about = card["architecture"], len(card["categories"])
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return {}
    return card if about == (architecture, classes) else {}
