"""What becomes of a prediction while lesions are on, and how it is said."""

from __future__ import annotations

from dataclasses import dataclass

from core.types import LesionedClassification, Prediction
from gui import theme
from gui.state import AppState


@dataclass(frozen=True, slots=True)
class LesionedRow:
    """``probability`` with the lesions, its ``change`` (after minus before, -1 to 1), ``rank`` in the lesioned order, from 1.

    ``moved`` says that the rank is another one than before.
    """

    probability: float
    change: float
    rank: int
    moved: bool

    def words(self) -> str:
        """The change for a person: "−26.1 points, now 2nd"."""
        return f"{format_points(self.change)} points{f', now {ordinal(self.rank)}' if self.moved else ''}"


def current_answer(state: AppState) -> LesionedClassification | None:
    """The latest answer with lesions, if there are any on and it is about the picture and the model that are shown."""
    answer, found = state.lesions.answer, state.classification
    if answer is None or found is None or not state.lesions.active or state.failure is not None:
        return None
    return answer if answer.image == found.image and answer.model == found.model else None


def lesioned_row(state: AppState, prediction: Prediction) -> LesionedRow | None:
    """What becomes of one of the untouched predictions; None while nothing is known."""
    answer = current_answer(state)
    if answer is None or prediction.index >= len(answer.probabilities):
        return None
    probability = float(answer.probabilities[prediction.index])
    rank = answer.rank(prediction.index)
    return LesionedRow(probability, probability - prediction.probability, rank, rank != prediction.rank)


def say_lesioned(state: AppState, prediction: Prediction) -> str:
    """The addition to a prediction's accessible text: "; with lesions 61.2 %, −26.1 points"; "" without lesions."""
    row = lesioned_row(state, prediction)
    return f"; with lesions {theme.format_probability(row.probability)}, {row.words()}" if row is not None else ""


def format_points(change: float) -> str:
    """A change of a probability in percentage points with its sign: "+3.4", "−26.1", "±0.0"."""
    text = f"{100 * change:+.1f}"
    return "±0.0" if text in ("+0.0", "-0.0") else text.replace("-", "−")


def ordinal(rank: int) -> str:
    """1st, 2nd, 3rd, 4th ... 11th ... 21st."""
    ending = "th" if rank % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(rank % 10, "th")
    return f"{rank}{ending}"


def count_lesions(count: int) -> str:
    """Write "1 lesion" or "12 lesions"."""
    return f"{count:,} lesion{'s' * (count != 1)}"
