"""What the strip says of a picture that a person labelled."""

from __future__ import annotations

from core.types import Prediction
from gui import theme
from gui.facts.corrections import Label

CORRECTED, CONFIRMED = "corrected", "confirmed"


def label_words(label: Label, now: Prediction | None) -> str:
    """What the model said before, and whether the one that is open now says what the person says."""
    if label.confirmed:
        return f"{theme.format_probability(label.share)}, right" if label.share is not None else "right"
    if not label.was:
        return ""
    was = f"was: {label.was}"
    return f"{was}, now right" if now is not None and now.category == label.name else was
