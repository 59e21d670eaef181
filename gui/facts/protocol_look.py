"""What of a protocol's answer is looked at: the views of a scale, one of them, a cell of a dense map."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal

from core.types import ProtocolAnswer, ScoreMap, View
from gui.facts.vote_geometry import cell_at, middle

MANY = 12
"""So many views are shown together; of more, those of one scale."""

Cell = tuple[int, int, int]
"""Index of a dense view, row, column."""

VIEWS, MAP = "views", "map"
"""What of an answer lies over the picture: the boxes of its crops, or a dense map."""


class ProtocolLook(QObject):
    """Indices count the views of the answer. What is chosen goes with the answer; of the next one of the same kind it stays."""

    scale_changed = Signal(object)  # int | None: the scale whose views are shown; None for all
    view_changed = Signal(object)  # int | None: index of the view that is chosen
    pointed_changed = Signal(object)  # int | None: index of the view under the pointer
    cell_changed = Signal(object)  # Cell | None: the cell of a dense map that is chosen
    cell_pointed = Signal(object)  # Cell | None: the cell under the pointer
    showing_changed = Signal(str)  # VIEWS or MAP

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._answer: ProtocolAnswer | None = None
        self.scale: int | None = None
        self.view: int | None = None
        self.pointed: int | None = None
        self.cell: Cell | None = None
        self.pointed_cell: Cell | None = None
        self._wish = MAP
        self._map: int | None = None
        self._sums: tuple[ScoreMap, npt.NDArray[np.float32]] | None = None

    @property
    def showing(self) -> str:
        """What lies over the picture: what a person chose, as far as the answer has it."""
        if not self.maps:
            return VIEWS
        return self._wish if self.crops_of(None) else MAP

    def show_kind(self, wish: str) -> None:
        """Choose what lies over the picture, where an answer has both."""
        if wish != self._wish:
            self._wish = wish
            self.showing_changed.emit(self.showing)

    @property
    def views(self) -> tuple[View, ...]:
        """All views of the answer."""
        return self._answer.views if self._answer is not None else ()

    @property
    def scales(self) -> tuple[int, ...]:
        """The scales of the crops, ascending."""
        return tuple(sorted({view.scale for view in self.views if view.dense is None}))

    @property
    def crops(self) -> tuple[int, ...]:
        """Indices of the views that are crops, at the scale that is shown."""
        return self.crops_of(self.scale)

    @property
    def maps(self) -> tuple[int, ...]:
        """Indices of the dense views."""
        return tuple(at for at, view in enumerate(self.views) if view.dense is not None)

    @property
    def highlighted(self) -> int | None:
        """Index of the view that stands out: the one under the pointer, or else the chosen one."""
        return self.pointed if self.pointed is not None else self.view

    @property
    def map_index(self) -> int | None:
        """Index of the dense view whose map is shown."""
        maps = self.maps
        if self._map in maps:
            return self._map
        return maps[0] if maps else None

    @property
    def map(self) -> ScoreMap | None:
        """The dense map that is shown."""
        return self.views[self.map_index].dense if self.map_index is not None else None

    def probabilities(self, category: int) -> npt.NDArray[np.float32] | None:
        """The probability of a category in each cell of the map that is shown: float32 (rows, columns).

        As :meth:`ScoreMap.probabilities`, but what the categories have in common is worked out once a map: large ones have
        thousands of cells, and this is asked in the thread of the window.
        """
        found = self.map
        if found is None or not 0 <= category < len(found.logits):
            return None
        if self._sums is None or self._sums[0] is not found:
            top = found.logits.max(axis=0)
            self._sums = found, top + np.log(np.exp(found.logits - top).sum(axis=0))
        share: npt.NDArray[np.float32] = np.exp(found.logits[category] - self._sums[1])
        return share

    def strongest(self, category: int) -> tuple[int, int] | None:
        """Row and column of the cell where a category is most probable; the first of equal ones."""
        values = self.probabilities(category)
        if values is None:
            return None
        row, column = np.unravel_index(int(values.argmax()), values.shape)
        return int(row), int(column)

    def agrees(self, index: int) -> bool:
        """Whether the top-1 of a view is that of the whole."""
        assert self._answer is not None
        own, whole = self._answer.views[index].predictions, self._answer.predictions
        return bool(own and whole and own[0].index == whole[0].index)

    def agreeing(self) -> tuple[int, int]:
        """How many views agree with the whole, and how many there are."""
        return sum(map(self.agrees, range(len(self.views)))), len(self.views)

    def take(self, answer: ProtocolAnswer | None) -> None:
        """Look at another answer; the scale and the view stay where there are the same ones."""
        before, place = self._answer, self._cell_place()
        self._answer = answer
        same = before is not None and answer is not None and _like(before, answer)
        scales = self.scales
        if self.scale not in scales or not same:
            many = len(scales) > 1 and len(self.crops_of(None)) > MANY
            self.show_scale(scales[0] if many else None)
        self.point_at(None)
        self.point_at_cell(None)
        if not same:
            self.choose_view(None)
        kept = place if before is not None and answer is not None and before.image == answer.image else None
        self._keep_cell(kept)

    def crops_of(self, scale: int | None) -> tuple[int, ...]:
        """Indices of the crops of a scale, or of all (None)."""
        return tuple(at for at, view in enumerate(self.views) if view.dense is None and scale in (None, view.scale))

    def _cell_place(self) -> tuple[float, float] | None:
        """The middle of the chosen cell's window on the picture."""
        found = self.map
        return middle(found.box(*self.cell[1:])) if found is not None and self.cell is not None else None

    def _keep_cell(self, place: tuple[float, float] | None) -> None:
        """Choose the cell that looks at the same place; a map of another scale has others."""
        found, index = self.map, self.map_index
        cell = (index, *cell_at(place, found)) if found is not None and index is not None and place is not None else None
        if cell != self.cell or cell is not None:
            self.cell = cell
            self.cell_changed.emit(cell)

    def show_scale(self, scale: int | None) -> None:
        """Show the views of one scale, or all of them."""
        if scale != self.scale:
            self.scale = scale
            if self.view is not None and self.view < len(self.views) and scale not in (None, self.views[self.view].scale):
                self.choose_view(None)
            self.scale_changed.emit(scale)

    def choose_view(self, index: int | None) -> None:
        """Choose a view."""
        if index != self.view:
            self.view = index
            self.view_changed.emit(index)

    def point_at(self, index: int | None) -> None:
        """Note which view is under the pointer."""
        if index != self.pointed:
            self.pointed = index
            self.pointed_changed.emit(index)

    def point_at_cell(self, cell: Cell | None) -> None:
        """Note which cell is under the pointer."""
        if cell != self.pointed_cell:
            self.pointed_cell = cell
            self.cell_pointed.emit(cell)

    def show_map(self, index: int) -> None:
        """Show another dense map; a chosen cell gives way, for it lies elsewhere in another map."""
        if index != self.map_index and index in self.maps:
            self._map = index
            self.point_at_cell(None)
            self.cell = None
            self.cell_changed.emit(None)

    def choose_cell(self, cell: Cell | None) -> None:
        """Choose a cell of a dense map."""
        if cell != self.cell:
            self.cell = cell
            self.cell_changed.emit(cell)


def _like(one: ProtocolAnswer, other: ProtocolAnswer) -> bool:
    """Whether two answers have the same views of the same picture."""
    if one.image != other.image or len(one.views) != len(other.views):
        return False
    return all(mine.box == its.box and mine.flipped == its.flipped for mine, its in zip(one.views, other.views, strict=True))
