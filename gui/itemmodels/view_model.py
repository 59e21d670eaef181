"""The views of a protocol's answer as rows: scale, place, mirrored, top-1, probability of the chosen category."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Slot

from core.types import View
from gui import theme
from gui.itemmodels.prediction_model import PROBABILITY_ROLE
from gui.itemmodels.view_words import AGREES, DIFFERS, describe_view, places, short_place
from gui.state import AppState

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole

SCALE, PLACE, MIRRORED, TOP, PROBABILITY = range(5)
"""The columns."""

VIEW_ROLE = Role.UserRole + 30
"""Index of the view in the answer."""

AGREES_ROLE = Role.UserRole + 31
"""Whether its top-1 is that of the whole."""

_HEADERS = ("Q", "Place", "⇄", "Top-1", "P")
_NAMES = ("Scale Q", "Place", "Mirrored", "Top-1", "Probability")
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_CENTRE = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class ViewModel(QAbstractTableModel):
    """All views of the scale that is shown, and the dense ones; in the order of the answer until a person sorts them."""

    def __init__(self, state: AppState, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._look = state.protocols.look
        self._order: tuple[int, Qt.SortOrder] = (-1, Qt.SortOrder.AscendingOrder)
        self._rows: list[int] = []
        self._places: tuple[str, ...] = ()
        state.protocols.answer_changed.connect(self._refresh)
        self._look.scale_changed.connect(self._refresh)
        state.selection.category_changed.connect(self._refresh_category)
        state.classification_changed.connect(self._refresh_category)
        self._refresh()

    @Slot()
    def _refresh(self) -> None:
        self.beginResetModel()
        self._places = places(self._look.views)
        self._rows = self._sorted([*self._look.maps, *self._look.crops])
        self.endResetModel()

    @Slot()
    def _refresh_category(self) -> None:
        if self._order[0] == PROBABILITY:
            self._refresh()
        elif self._rows:
            self.dataChanged.emit(self.index(0, PROBABILITY), self.index(len(self._rows) - 1, PROBABILITY))
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, PROBABILITY, PROBABILITY)

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; -1 puts the views back into the order in which they were taken."""
        self._order = column, order
        self._refresh()

    def _sorted(self, rows: list[int]) -> list[int]:
        column, order = self._order
        if column < 0:
            return rows
        keys = {
            SCALE: lambda at: self._view(at).scale,
            PLACE: lambda at: self._places[at],
            MIRRORED: lambda at: self._view(at).flipped,
            TOP: lambda at: (self._look.agrees(at), self._top(at)),
            PROBABILITY: self.probability,
        }
        return sorted(rows, key=keys[column], reverse=order == Qt.SortOrder.DescendingOrder)

    def _view(self, at: int) -> View:
        return self._look.views[at]

    def _top(self, at: int) -> str:
        predictions = self._view(at).predictions
        return predictions[0].category if predictions else ""

    def view_at(self, row: int) -> int:
        """Index of the view in a row."""
        return self._rows[row]

    def row_of(self, view: int | None) -> int:
        """The row of a view; -1 if it has none."""
        return self._rows.index(view) if view in self._rows else -1

    @property
    def scales(self) -> frozenset[int]:
        """The scales that there are rows of."""
        return frozenset(self._view(at).scale for at in self._rows)

    @property
    def short_places(self) -> frozenset[str]:
        """What stands in the column of places."""
        return frozenset(short_place(self._places[at]) for at in self._rows)

    def probability(self, at: int) -> float:
        """What a view says of the category that everything is about."""
        answer, category = self._state.protocols.answer, self._state.category
        if answer is None or category is None or category >= answer.votes.shape[1]:
            return 0.0
        return float(answer.votes[at, category])

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """One row a view."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Scale, place, mirrored, top-1, probability."""
        return 0 if parent.isValid() else len(_HEADERS)

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        """Answer for one cell."""
        answer = self._state.protocols.answer
        if not index.isValid() or answer is None:
            return None
        at, column = self._rows[index.row()], index.column()
        if role == Role.DisplayRole:
            return self._text(at, column)
        if role == PROBABILITY_ROLE:
            return self.probability(at)
        if role == VIEW_ROLE:
            return at
        if role == AGREES_ROLE:
            return self._look.agrees(at)
        if role == Role.TextAlignmentRole:
            return _alignment(column)
        if role in (Role.ToolTipRole, Role.AccessibleTextRole, Role.AccessibleDescriptionRole):
            words = describe_view(answer, at, self._places[at], agrees=self._look.agrees(at))
            return f"{words}; {self._category_name()} {theme.format_probability(self.probability(at))}"
        return None

    def _text(self, at: int, column: int) -> str:
        view = self._view(at)
        if column == SCALE:
            return str(view.scale)
        if column == PLACE:
            return short_place(self._places[at])
        if column == MIRRORED:
            return "⇄" if view.flipped else ""
        if column == TOP:
            return f"{AGREES if self._look.agrees(at) else DIFFERS} {self._top(at)}"
        return theme.format_probability(self.probability(at))

    def _category_name(self) -> str:
        model, category = self._state.model, self._state.category
        # What was said by the model before may still stand there.
        known = model is not None and category is not None and category < len(model.categories)
        return model.categories[category] if known else "the category"

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> Any:
        """Name the columns."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(_HEADERS):
            return None
        if role == Role.DisplayRole:
            return _HEADERS[section]
        if role in (Role.ToolTipRole, Role.AccessibleTextRole):
            return f"Probability of {self._category_name()}" if section == PROBABILITY else _NAMES[section]
        return _alignment(section) if role == Role.TextAlignmentRole else None


def _alignment(column: int) -> Qt.AlignmentFlag:
    if column == MIRRORED:
        return _CENTRE
    return _RIGHT if column in (SCALE, PROBABILITY) else _LEFT
