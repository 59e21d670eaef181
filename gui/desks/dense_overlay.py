"""Lays the dense score map of the chosen category over the picture."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Slot

from core.types import Heat, ScoreMap, frozen
from gui.facts.protocol_look import MAP
from gui.state import AppState

NAME = "dense"


class DenseOverlay(QObject):
    """Keeps the overlay "dense" of :attr:`AppState.overlays` what the protocol's answer, category and panel say."""

    def __init__(self, state: AppState, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._facts = state.protocols
        self._laid: tuple[ScoreMap, int] | None = None
        facts = (
            self._facts.answer_changed, self._facts.watched_changed, self._facts.look.cell_changed,
            self._facts.look.showing_changed, state.selection.category_changed, state.classification_changed,
            state.picture_changed,
        )  # fmt: skip
        for fact in facts:
            fact.connect(self._follow)

    @Slot()
    def _follow(self) -> None:
        state, found, category = self._state, self._facts.look.map, self._state.category
        wanted = self._facts.drawn(state.picture) and self._facts.look.showing == MAP and category is not None
        values = self._facts.look.probabilities(category) if wanted else None
        if found is None or values is None:
            state.overlays.put(NAME, None)
            return
        if self._laid != (found, category) or state.overlays[NAME].heat is None:
            self._laid = found, category
            state.overlays.put(NAME, heat_of(found, values, self._words(category)))

    def _words(self, category: int) -> str:
        index, model = self._facts.look.map_index, self._state.model
        assert index is not None
        view = self._facts.look.views[index]
        name = model.categories[category] if model is not None and category < len(model.categories) else str(category)
        return f"Dense · {name} · Q {view.scale}{', mirrored' if view.flipped else ''}"


def heat_of(found: ScoreMap, values: npt.NDArray[np.float32], words: str) -> Heat:
    """Probabilities, each cell as large as the steps between windows, around the middle of its window."""
    rows, columns = found.shape
    (width, height), (across, down) = found.window, found.stride
    left, top = found.origin[0] + (width - across) / 2, found.origin[1] + (height - down) / 2
    box = left, top, left + columns * across, top + rows * down
    return Heat(words, frozen(values), box, smooth=False, limits=(0.0, float(values.max())))
