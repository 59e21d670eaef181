"""The card that a run of training leaves beside its weights: which preprocessing they were trained with."""

from __future__ import annotations

import json
from pathlib import Path

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
    try:
        with (weights.parent / CARD).open("rb") as file:
            card = json.loads(file.read(_LIMIT))
        about = card["architecture"], len(card["categories"])
        how = remembered.parsed(card["preprocessing"], f"{CARD} beside the weights file")
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None
    return how if about == (architecture, classes) and how is not None and len(how.mean) == channels else None
